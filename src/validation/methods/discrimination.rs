//! Adapters of the discrimination and calibration methods.

use serde_json::{Value, json};

use crate::statistics::{self, Proportion};

use super::Method;
use crate::validation::case::{Case, CaseError};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "roc_delong",
        summary: "areas under two ROC curves, paired DeLong test, Youden cut-off",
        run: roc_delong,
    },
    Method {
        name: "roc_delong_unpaired",
        summary: "DeLong test of the areas in two sets of patients",
        run: roc_delong_unpaired,
    },
    Method {
        name: "classification_at_cutoff",
        summary: "accuracy, sensitivity, specificity and predictive values with intervals",
        run: classification_at_cutoff,
    },
    Method {
        name: "net_reclassification",
        summary: "net reclassification (category-free or by `categories`) and integrated discrimination improvement",
        run: net_reclassification,
    },
    Method {
        name: "hosmer_lemeshow",
        summary: "calibration by groups of predicted risk",
        run: hosmer_lemeshow,
    },
    Method {
        name: "calibration_measures",
        summary: "calibration intercept and slope, Brier score, O:E, c statistic",
        run: calibration_measures,
    },
    Method {
        name: "smoothed_calibration",
        summary: "integrated calibration index from a local regression",
        run: smoothed_calibration,
    },
    Method {
        name: "decision_curve",
        summary: "net benefit of a model, of treating all and of treating none",
        run: decision_curve,
    },
];

const LEVEL: f64 = 0.95;

fn roc_delong(case: &Case) -> Result<Value, CaseError> {
    let outcome = case.input_flags("outcome")?;
    let (score_a, score_b) = (case.input("score_a")?, case.input("score_b")?);
    let test = statistics::delong_paired(&outcome, &score_a, &score_b, LEVEL)
        .map_err(Case::method_error)?;
    let youden = statistics::youden_cutoff(&outcome, &score_a).map_err(Case::method_error)?;
    let curve = statistics::roc_curve(&outcome, &score_a).map_err(Case::method_error)?;
    let mut midpoints = Vec::new();
    let mut sensitivities = Vec::new();
    let mut specificities = Vec::new();
    for cutoff in &youden.tied_cutoffs {
        if let Some(at) = curve.iter().position(|p| p.cutoff == Some(*cutoff)) {
            let below = curve.get(at + 1).and_then(|p| p.cutoff);
            midpoints.push(below.map(|below| (cutoff + below) / 2.0));
            sensitivities.push(curve[at].sensitivity);
            specificities.push(curve[at].specificity);
        }
    }
    Ok(json!({
        "auc_a": test.a.auc,
        "auc_b": test.b.auc,
        "ci95_a": [test.a.low, test.a.high],
        "ci95_b": [test.b.low, test.b.high],
        "variance_a": test.a.variance,
        "variance_b": test.b.variance,
        "covariance": test.covariance,
        "delong_z": test.z,
        "delong_p": test.p_value,
        "youden_midpoint_threshold": midpoints,
        "youden_sensitivity": sensitivities,
        "youden_specificity": specificities,
        "youden_index": youden.youden_index,
        "youden_observed_cutoff_ge": youden.tied_cutoffs,
    }))
}

fn roc_delong_unpaired(case: &Case) -> Result<Value, CaseError> {
    let test = statistics::delong_unpaired(
        &case.input_flags("outcome_a")?,
        &case.input("score_a")?,
        &case.input_flags("outcome_b")?,
        &case.input("score_b")?,
        LEVEL,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "auc_a": test.a.auc,
        "auc_b": test.b.auc,
        "statistic": test.statistic,
        "df": test.degrees_of_freedom,
        "p": test.p_value,
        "z": test.statistic,
        "p_normal": test.p_value_normal,
    }))
}

fn classification_at_cutoff(case: &Case) -> Result<Value, CaseError> {
    let found = statistics::classification_at_cutoff(
        &case.input_flags("outcome")?,
        &case.input("score")?,
        case.argument("cutoff")?,
        LEVEL,
    )
    .map_err(Case::method_error)?;
    let shown = |share: &Proportion| {
        json!({
            "estimate": share.estimate,
            "wilson_ci95": [share.wilson_low, share.wilson_high],
            "exact_ci95": [share.exact_low, share.exact_high],
        })
    };
    Ok(json!({
        "true_positive": found.true_positives,
        "false_positive": found.false_positives,
        "true_negative": found.true_negatives,
        "false_negative": found.false_negatives,
        "accuracy": shown(&found.accuracy),
        "sensitivity": shown(&found.sensitivity),
        "specificity": shown(&found.specificity),
        "positive_predictive_value": found.positive_predictive_value.as_ref().map(shown),
        "negative_predictive_value": found.negative_predictive_value.as_ref().map(shown),
        "youden_index": found.youden_index,
    }))
}

fn net_reclassification(case: &Case) -> Result<Value, CaseError> {
    let categories = if case.args["categories"].is_null() {
        Vec::new()
    } else {
        case.argument_list("categories")?
    };
    let result = statistics::net_reclassification(
        &case.input_flags("outcome")?,
        &case.input("probability_old")?,
        &case.input("probability_new")?,
        &categories,
    )
    .map_err(Case::method_error)?;
    let name = if categories.is_empty() {
        "category_free_nri"
    } else {
        "categorical_nri"
    };
    Ok(json!({
        name: result.nri.estimate,
        "nri_standard_error": result.nri.standard_error,
        "nri_z": result.nri.z,
        "nri_p": result.nri.p_value,
        "nri_events": result.nri_events,
        "nri_nonevents": result.nri_others,
        "idi": result.idi.estimate,
        "idi_standard_error": result.idi.standard_error,
        "idi_z": result.idi.z,
        "idi_p": result.idi.p_value,
    }))
}

/// `args.groups`, a whole number.
fn groups(case: &Case) -> Result<usize, CaseError> {
    let groups = case.argument("groups")?;
    Ok(groups as usize)
}

fn hosmer_lemeshow(case: &Case) -> Result<Value, CaseError> {
    let test = statistics::hosmer_lemeshow(
        &case.input_flags("outcome")?,
        &case.input("probability")?,
        groups(case)?,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "statistic": test.chi_squared,
        "df": test.degrees_of_freedom,
        "p": test.p_value,
        "groups": test.groups.len(),
        "observed": test.groups.iter().map(|g| g.observed).collect::<Vec<_>>(),
        "expected": test.groups.iter().map(|g| g.expected).collect::<Vec<_>>(),
        "size": test.groups.iter().map(|g| g.patients).collect::<Vec<_>>(),
    }))
}

fn calibration_measures(case: &Case) -> Result<Value, CaseError> {
    let measures = statistics::calibration_measures(
        &case.input_flags("outcome")?,
        &case.input("probability")?,
        LEVEL,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "calibration_intercept": measures.intercept.map(|e| e.estimate),
        "calibration_slope": measures.slope.map(|e| e.estimate),
        "brier": measures.brier,
        "observed_over_expected": measures.observed_over_expected,
        "c_statistic": measures.c_statistic,
    }))
}

fn smoothed_calibration(case: &Case) -> Result<Value, CaseError> {
    let degree = case.argument("degree")?;
    let smooth = statistics::smoothed_calibration(
        &case.input_flags("outcome")?,
        &case.input("probability")?,
        case.argument("span")?,
        degree as usize,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "ici": smooth.ici,
        "e50": smooth.e50,
        "e90": smooth.e90,
        "emax": smooth.emax,
        "smoothed_first_five": smooth.smoothed.iter().take(5).collect::<Vec<_>>(),
    }))
}

fn decision_curve(case: &Case) -> Result<Value, CaseError> {
    let curve = statistics::decision_curve(
        &case.input_flags("outcome")?,
        &case.input("probability")?,
        &case.argument_list("thresholds")?,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "thresholds": curve.thresholds,
        "model": curve.model,
        "treat_all": curve.treat_all,
        "treat_none": curve.treat_none,
    }))
}
