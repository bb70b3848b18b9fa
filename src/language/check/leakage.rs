//! Leakage: what is learned from patients must not be judged on some of them and others.
//!
//! F is the set of all patients that anything in the ancestry of a value was fitted on; E the set that it is evaluated
//! on. If E holds patients of F, and F holds patients outside E, then what the evaluation calls new has been seen:
//! an error. If F lies within E, the evaluation is apparent, which the report says.

use std::collections::BTreeSet;

use crate::plan::{Analysis, FeatureTable, FeatureTransform, Predictors, SignatureSelection};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::Checker;

/// One fit on the way to a value: what learned, and on which set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// The declared name whose statement says so.
    name: String,
    set: String,
}

/// All value names in an expression.
pub(super) fn names_in(node: &Node) -> Vec<Node> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.kind == Kind::value {
            found.extend(node.children.first().cloned());
        }
        open.extend(node.children.iter());
    }
    found
}

impl Checker<'_> {
    pub(super) fn leakage(&mut self) {
        self.model_cycles();
        let analyses: Vec<(String, Vec<String>, Vec<String>, bool)> = self
            .plan
            .analyses
            .iter()
            .map(|(name, analysis)| {
                let (values, sets) = evaluated(analysis);
                (
                    name.clone(),
                    values,
                    sets,
                    analysis.allowed_leakage().is_some(),
                )
            })
            .collect();
        for (name, values, sets, allowed) in analyses {
            let mut leaks = false;
            for value in &values {
                let mut fits = BTreeSet::new();
                self.fits_of(value, &mut fits, &mut BTreeSet::new());
                for set in &sets {
                    if let Some(fit) = self.leak(&fits, set) {
                        leaks = true;
                        self.report_leak(&name, value, set, &fit, allowed);
                    }
                }
            }
            if allowed
                && !leaks
                && let Some(declared) = self.names.get(&name)
            {
                let diagnostic = Diagnostic::warning(
                    "unused",
                    declared.span.clone(),
                    format!("`{name}` allows leakage, but nothing leaks"),
                )
                .hint("remove `allow leakage`");
                self.report(diagnostic);
            }
        }
    }

    /// The atoms of a set: the sets of the split that it holds.
    fn atoms(&self, set: &str) -> BTreeSet<String> {
        match &self.plan.split {
            Some(split) if set == self.plan.cohort.name => split.sets.iter().cloned().collect(),
            _ => BTreeSet::from([set.to_owned()]),
        }
    }

    /// The fit that makes an evaluation on `set` leak.
    fn leak(&self, fits: &BTreeSet<Fit>, set: &str) -> Option<Fit> {
        let evaluation = self.atoms(set);
        let seen: BTreeSet<String> = fits.iter().flat_map(|fit| self.atoms(&fit.set)).collect();
        if seen.is_disjoint(&evaluation) || seen.is_subset(&evaluation) {
            return None;
        }
        let reaches_out = |fit: &&Fit| !self.atoms(&fit.set).is_subset(&evaluation);
        let touches = |fit: &&Fit| !self.atoms(&fit.set).is_disjoint(&evaluation);
        fits.iter()
            .find(|fit| touches(fit) && reaches_out(fit))
            .or_else(|| fits.iter().find(touches))
            .cloned()
    }

    fn fits_of(&self, value: &str, fits: &mut BTreeSet<Fit>, visited: &mut BTreeSet<String>) {
        if !visited.insert(value.to_owned()) {
            return;
        }
        let mut fit = |name: &str, set: &str| {
            fits.insert(Fit {
                name: name.to_owned(),
                set: set.to_owned(),
            });
        };
        let mut parents: Vec<String> = Vec::new();
        if let Some(imputation) = self.plan.imputations.get(value) {
            fit(value, &imputation.fit_on);
        }
        if let Some(signature) = self.plan.signatures.get(value) {
            fit(value, &signature.fit_on);
            match &signature.from {
                Predictors::Values(values) => parents.extend(values.iter().cloned()),
                Predictors::Features(table) => parents.push(table.clone()),
            }
            for selection in &signature.selection {
                if let SignatureSelection::Keep { repeatability } = selection {
                    parents.push(repeatability.clone());
                }
            }
        }
        if let Some(model) = self.plan.models.get(value) {
            fit(value, &model.fit_on);
            parents.extend(model.candidates.values.iter().cloned());
            parents.extend(model.candidates.terms_of.iter().cloned());
        }
        if let Some(cutoff) = self.plan.cutoffs.get(value) {
            if let Some(set) = &cutoff.fit_on {
                fit(value, set);
            }
            parents.push(cutoff.score.clone());
        }
        if let Some(
            FeatureTable::Extracted { transforms, .. } | FeatureTable::File { transforms, .. },
        ) = self.plan.features.get(value)
        {
            for transform in transforms {
                match transform {
                    FeatureTransform::Combat {
                        batch,
                        fit_on,
                        covariates,
                        ..
                    } => {
                        fit(value, fit_on);
                        parents.push(batch.clone());
                        parents.extend(covariates.iter().cloned());
                    }
                    FeatureTransform::ZScore { fit_on } => fit(value, fit_on),
                }
            }
        }
        for parent in parents {
            self.fits_of(&parent, fits, visited);
        }
    }

    fn report_leak(&mut self, analysis: &str, value: &str, set: &str, fit: &Fit, allowed: bool) {
        let Some(place) = self
            .names
            .get(analysis)
            .map(|declared| declared.span.clone())
        else {
            return;
        };
        let path = self.path(value, &fit.name);
        let message = format!(
            "`{analysis}` judges `{value}` on `{set}`, but `{}` was fitted on `{}`, which has patients of `{set}`",
            fit.name, fit.set
        );
        let mut diagnostic = if allowed {
            Diagnostic::warning("leakage", place, message)
        } else {
            Diagnostic::error("leakage", place, message)
        };
        if path.len() > 1 {
            diagnostic = diagnostic.hint(format!(
                "the way from the evaluation to the fit: {}",
                path.join(" ← ")
            ));
        }
        for link in &path {
            if let Some(declared) = self.names.get(link) {
                let text = if *link == fit.name {
                    format!("fitted on `{}`", fit.set)
                } else {
                    "made from the next".to_owned()
                };
                diagnostic = diagnostic.label(declared.span.clone(), text);
            }
        }
        if !allowed {
            let training = self
                .plan
                .split
                .as_ref()
                .map_or("training", |split| split.sets[0].as_str());
            diagnostic = diagnostic
                .hint(format!("fit `{}` on `{training}` only", fit.name))
                .hint("or write `allow leakage because \"…\"` in the analysis: the report prints the sentence");
        }
        self.report(diagnostic);
    }

    /// The names from a value to what was fitted.
    fn path(&self, value: &str, fitted: &str) -> Vec<String> {
        if value == fitted {
            return vec![value.to_owned()];
        }
        let mut parents: Vec<&String> = Vec::new();
        if let Some(signature) = self.plan.signatures.get(value) {
            match &signature.from {
                Predictors::Values(values) => parents.extend(values),
                Predictors::Features(table) => parents.push(table),
            }
        }
        if let Some(model) = self.plan.models.get(value) {
            parents.extend(&model.candidates.values);
            parents.extend(&model.candidates.terms_of);
        }
        if let Some(cutoff) = self.plan.cutoffs.get(value) {
            parents.push(&cutoff.score);
        }
        parents.extend(self.harmonized_by(value));
        for parent in parents {
            let mut fits = BTreeSet::new();
            self.fits_of(parent, &mut fits, &mut BTreeSet::new());
            if fits.iter().any(|fit| fit.name == fitted) {
                let mut path = vec![value.to_owned()];
                path.extend(self.path(parent, fitted));
                return path;
            }
        }
        vec![value.to_owned()]
    }

    /// The batches and covariates by which a feature table is harmonised.
    fn harmonized_by(&self, table: &str) -> Vec<&String> {
        let Some(
            FeatureTable::Extracted { transforms, .. } | FeatureTable::File { transforms, .. },
        ) = self.plan.features.get(table)
        else {
            return Vec::new();
        };
        let mut values = Vec::new();
        for transform in transforms {
            if let FeatureTransform::Combat {
                batch, covariates, ..
            } = transform
            {
                values.push(batch);
                values.extend(covariates);
            }
        }
        values
    }

    /// Models and signatures that need each other's scores.
    fn model_cycles(&mut self) {
        let names: Vec<String> = self
            .plan
            .models
            .keys()
            .chain(self.plan.signatures.keys())
            .cloned()
            .collect();
        let mut told: BTreeSet<BTreeSet<String>> = BTreeSet::new();
        let mut cyclic = Vec::new();
        for name in &names {
            if let Some(cycle) = self.cycle_from(name, &mut vec![name.clone()]) {
                cyclic.extend(cycle.iter().cloned());
                if told.insert(cycle.iter().cloned().collect())
                    && let Some(declared) = self.names.get(name)
                {
                    let diagnostic = Diagnostic::error(
                        "cycle",
                        declared.span.clone(),
                        format!("these need each other: {}", cycle.join(" → ")),
                    )
                    .hint("one of them must do without the other");
                    self.report(diagnostic);
                }
            }
        }
        // What is circular has no well-defined fits.
        self.plan.models.retain(|name, _| !cyclic.contains(name));
        self.plan
            .signatures
            .retain(|name, _| !cyclic.contains(name));
    }

    fn cycle_from(&self, start: &str, path: &mut Vec<String>) -> Option<Vec<String>> {
        let here = path.last()?.clone();
        let mut parents: Vec<String> = Vec::new();
        if let Some(model) = self.plan.models.get(&here) {
            parents.extend(model.candidates.values.iter().cloned());
            parents.extend(model.candidates.terms_of.iter().cloned());
        }
        if let Some(signature) = self.plan.signatures.get(&here) {
            match &signature.from {
                Predictors::Values(values) => parents.extend(values.iter().cloned()),
                Predictors::Features(table) => parents.push(table.clone()),
            }
        }
        parents.extend(self.harmonized_by(&here).into_iter().cloned());
        if let Some(cutoff) = self.plan.cutoffs.get(&here) {
            parents.push(cutoff.score.clone());
        }
        for parent in parents {
            if parent == start {
                let mut cycle = path.clone();
                cycle.push(start.to_owned());
                return Some(cycle);
            }
            if path.contains(&parent) || path.len() > 64 {
                continue;
            }
            path.push(parent);
            if let Some(cycle) = self.cycle_from(start, path) {
                return Some(cycle);
            }
            path.pop();
        }
        None
    }
}

/// The values that an analysis judges, and on which sets.
fn evaluated(analysis: &Analysis) -> (Vec<String>, Vec<String>) {
    match analysis {
        Analysis::Characteristics(_) => (Vec::new(), Vec::new()),
        Analysis::Performance(a) => {
            let values = if a.at_cutoff {
                a.scores.iter().chain(a.cutoffs.values()).cloned().collect()
            } else {
                a.scores.clone()
            };
            (values, a.on.clone())
        }
        Analysis::KaplanMeier(a) => (a.by.clone(), vec![a.on.clone()]),
        Analysis::Cox(a) => (a.candidates.clone(), vec![a.on.clone()]),
        Analysis::Subgroup(a) => (
            [a.within.as_slice(), a.adjust.as_slice()].concat(),
            vec![a.on.clone()],
        ),
    }
}
