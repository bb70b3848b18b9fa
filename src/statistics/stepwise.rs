//! Selection of the terms of a logistic regression: univariable screening, then stepwise selection by AIC or BIC.
//!
//! Screening: each term alone; its p value is Wald's for a term of one column and the likelihood ratio's for a term of
//! several. A term that cannot be fitted alone (it separates the outcome, or is constant) is not kept, and says why.
//! Selection follows R's `step`: −2ℓ + penalty k with penalty 2 (AIC) or ln n (BIC); every removal (and addition) of a
//! whole term is tried, and the one with the lowest value is made as long as it lowers the present value. Values within
//! 1e-7 of each other are ties: staying wins, then removal before addition, then the earlier term. Backward and both
//! ways start from all terms, forward from none. A term that is collinear with those already in is not offered.
//! Missing values: all models must use the same patients, so the caller drops rows first.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::Design;
use super::likelihood_ratio::{maximum, test};
use super::logistic_data::LogisticData;
use super::logistic_error::{LogisticError, check_fraction};
use super::logistic_regression::{Coefficient, LogisticRegression, fit};

const TIE: f64 = 1e-7;

/// Which univariable p values let a candidate stay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenRule {
    pub p_value: f64,
    /// A p value equal to the threshold stays too.
    pub inclusive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepwiseDirection {
    Backward,
    Forward,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InformationCriterion {
    Aic,
    Bic,
}

/// A candidate alone in a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnivariableTerm {
    pub term: String,
    pub degrees_of_freedom: usize,
    /// Of its columns; empty if it could not be fitted.
    pub coefficients: Vec<Coefficient>,
    /// None for a term of several columns.
    pub wald_p_value: Option<f64>,
    pub likelihood_ratio_chi_squared: Option<f64>,
    pub likelihood_ratio_p_value: Option<f64>,
    /// The one of the two that screening looks at.
    pub screening_p_value: Option<f64>,
    pub kept: bool,
    /// Why it could not be fitted.
    pub failure: Option<LogisticError>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermChange {
    Removed(String),
    Added(String),
}

/// A model on the path: how it came from the one before (none for the first), and what else was tried from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionStep {
    pub change: Option<TermChange>,
    pub terms: Vec<String>,
    pub criterion: f64,
    /// Every change tried from this model, and the criterion it would give.
    pub tried: Vec<(TermChange, f64)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepwiseSelection {
    pub path: Vec<SelectionStep>,
    /// Indices into the terms of the design, in its order.
    pub terms: Vec<usize>,
    pub fit: LogisticRegression,
}

/// Screening and, if asked for, selection among the candidates kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenedSelection {
    /// Every candidate, in the order of the design.
    pub univariable: Vec<UnivariableTerm>,
    pub kept: Vec<String>,
    pub path: Vec<SelectionStep>,
    pub final_terms: Vec<String>,
    pub final_fit: LogisticRegression,
}

/// Each term of `design` alone. Without a rule every term that can be fitted is kept.
pub fn univariable_screen(
    design: &Design,
    outcome: &[bool],
    rule: Option<ScreenRule>,
    confidence_level: f64,
) -> Result<Vec<UnivariableTerm>, LogisticError> {
    check_fraction("the confidence level", confidence_level)?;
    super::logistic_data::check_outcome(outcome, design.matrix.nrows())?;
    (0..design.terms.len())
        .map(|t| {
            let alone = design.select(&[t]);
            let attempt = LogisticData::new(&alone, outcome)
                .and_then(|data| univariable(&data, confidence_level));
            let mut term = match attempt {
                Ok(term) => term,
                // Unusable numbers are a mistake in the data, not a property of the candidate.
                Err(error @ LogisticError::NotFinite { .. }) => return Err(error),
                Err(error) => UnivariableTerm {
                    term: design.terms[t].name.clone(),
                    degrees_of_freedom: design.terms[t].columns.len(),
                    coefficients: Vec::new(),
                    wald_p_value: None,
                    likelihood_ratio_chi_squared: None,
                    likelihood_ratio_p_value: None,
                    screening_p_value: None,
                    kept: false,
                    failure: Some(error),
                },
            };
            term.kept = match (term.screening_p_value, rule) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(p), Some(rule)) => p < rule.p_value || rule.inclusive && p <= rule.p_value,
            };
            Ok(term)
        })
        .collect()
}

fn univariable(
    data: &LogisticData,
    confidence_level: f64,
) -> Result<UnivariableTerm, LogisticError> {
    let fitted = fit(data, confidence_level)?;
    let degrees_of_freedom = data.width - 1;
    let (chi_squared, p_value) = test(
        fitted.log_likelihood,
        fitted.null_log_likelihood,
        degrees_of_freedom,
    );
    let wald_p_value = match fitted.coefficients.as_slice() {
        [only] => Some(only.p_value),
        _ => None,
    };
    Ok(UnivariableTerm {
        term: data.terms[0].name.clone(),
        degrees_of_freedom,
        coefficients: fitted.coefficients,
        wald_p_value,
        likelihood_ratio_chi_squared: Some(chi_squared),
        likelihood_ratio_p_value: Some(p_value),
        screening_p_value: wald_p_value.or(Some(p_value)),
        kept: false,
        failure: None,
    })
}

/// Stepwise selection among the terms of `design`.
pub fn stepwise_selection(
    design: &Design,
    outcome: &[bool],
    direction: StepwiseDirection,
    criterion: InformationCriterion,
    confidence_level: f64,
) -> Result<StepwiseSelection, LogisticError> {
    check_fraction("the confidence level", confidence_level)?;
    let search = match direction {
        // The first model is the fullest: collinear columns are found once, here.
        StepwiseDirection::Backward | StepwiseDirection::Both => {
            LogisticData::new(design, outcome)?
        }
        StepwiseDirection::Forward => LogisticData::unchecked_rank(design, outcome)?,
    };
    let penalty = match criterion {
        InformationCriterion::Aic => 2.0,
        InformationCriterion::Bic => numerics::ln(search.patients() as f64),
    };
    let all: Vec<usize> = (0..search.terms.len()).collect();
    let mut terms = match direction {
        StepwiseDirection::Forward => Vec::new(),
        StepwiseDirection::Backward | StepwiseDirection::Both => all.clone(),
    };
    let unchecked = direction == StepwiseDirection::Forward;
    let value = |terms: &[usize]| {
        let model = search.select(terms);
        if unchecked {
            model.check_rank()?;
        }
        Ok(penalty * model.width as f64 - 2.0 * maximum(&model)?)
    };
    let name = |t: usize| search.terms[t].name.clone();
    let mut present = value(&terms)?;
    let mut change = None;
    let mut path = Vec::new();
    loop {
        let mut tried = Vec::new();
        let mut best: Option<(f64, TermChange, Vec<usize>)> = None;
        let mut consider = |change: TermChange, next: Vec<usize>, value: f64| {
            if value < best.as_ref().map_or(present, |b| b.0) - TIE {
                best = Some((value, change.clone(), next));
            }
            tried.push((change, value));
        };
        if direction != StepwiseDirection::Forward {
            for t in &terms {
                let next: Vec<usize> = terms.iter().copied().filter(|k| k != t).collect();
                let found = value(&next).map_err(|error| of_term(&search, *t, error))?;
                consider(TermChange::Removed(name(*t)), next, found);
            }
        }
        if direction != StepwiseDirection::Backward {
            for t in all.iter().filter(|t| !terms.contains(t)) {
                let mut next = terms.clone();
                next.push(*t);
                next.sort_unstable();
                match value(&next) {
                    Ok(found) => consider(TermChange::Added(name(*t)), next, found),
                    Err(
                        LogisticError::Collinear { .. } | LogisticError::TooManyCoefficients { .. },
                    ) => {}
                    Err(error) => return Err(of_term(&search, *t, error)),
                }
            }
        }
        path.push(SelectionStep {
            change: change.take(),
            terms: terms.iter().map(|t| name(*t)).collect(),
            criterion: present,
            tried,
        });
        match best {
            Some((value, made, next)) => {
                present = value;
                change = Some(made);
                terms = next;
            }
            None => break,
        }
    }
    let fit = fit(&search.select(&terms), confidence_level)?;
    Ok(StepwiseSelection { path, terms, fit })
}

fn of_term(data: &LogisticData, term: usize, error: LogisticError) -> LogisticError {
    LogisticError::Term {
        term: data.terms[term].name.clone(),
        error: Box::new(error),
    }
}

/// Screening by `rule` (none keeps all), then selection (none keeps what screening left).
pub fn screen_then_select(
    design: &Design,
    outcome: &[bool],
    rule: Option<ScreenRule>,
    selection: Option<(StepwiseDirection, InformationCriterion)>,
    confidence_level: f64,
) -> Result<ScreenedSelection, LogisticError> {
    let univariable = univariable_screen(design, outcome, rule, confidence_level)?;
    let kept: Vec<usize> = (0..univariable.len())
        .filter(|t| univariable[*t].kept)
        .collect();
    let candidates = design.select(&kept);
    let name = |t: &usize| design.terms[*t].name.clone();
    let (path, final_terms, final_fit) = match selection {
        Some((direction, criterion)) => {
            let selected =
                stepwise_selection(&candidates, outcome, direction, criterion, confidence_level)?;
            let terms = selected.terms.iter().map(|t| name(&kept[*t])).collect();
            (selected.path, terms, selected.fit)
        }
        None => {
            let fit = fit(&LogisticData::new(&candidates, outcome)?, confidence_level)?;
            (Vec::new(), kept.iter().map(name).collect(), fit)
        }
    };
    Ok(ScreenedSelection {
        kept: kept.iter().map(name).collect(),
        univariable,
        path,
        final_terms,
        final_fit,
    })
}
