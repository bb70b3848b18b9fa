//! Which features hold when the regions are read again: the intraclass correlation of first and repeated readings.
//!
//! Computed on the features as extracted, before any transform, over all patients who were read again. Outcomes play no
//! part. A feature is kept whose coefficient is above the minimum in every reread; one without a coefficient (it is the
//! same in everybody) is not.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::Serialize;

use crate::engine::{Outputs, Step};
use crate::numerics;
use crate::plan::{Repeatability, Reread, places};
use crate::statistics::{self, IccModel, IccOptions, IccUnit};

use super::error::StepError;
use super::feature_classes::class_of;
use super::features::Features;
use super::frame::{Part, json};
use super::sources::{Make, Sources, input, output, parameters};

/// Fewer patients than this say nothing of repeatability.
const FEWEST: usize = 3;

#[derive(Serialize)]
struct Outcome {
    minimum_icc: f64,
    features: usize,
    kept: usize,
    rereads: Vec<OfReread>,
    classes: Vec<OfClass>,
    list: Vec<OfFeature>,
}

#[derive(Serialize)]
struct OfReread {
    name: String,
    model: String,
    agreement: bool,
    n: usize,
    /// Features above the minimum in this reread.
    above: usize,
    /// Features without a coefficient.
    undefined: usize,
}

#[derive(Serialize)]
struct OfClass {
    class: String,
    features: usize,
    kept: usize,
    /// One a reread.
    rereads: Vec<Option<Spread>>,
}

#[derive(Serialize)]
struct Spread {
    minimum: f64,
    median: f64,
    maximum: f64,
}

#[derive(Serialize)]
struct OfFeature {
    feature: String,
    class: String,
    kept: bool,
    /// One a reread; none where there is no coefficient.
    rereads: Vec<Option<Coefficient>>,
}

#[derive(Clone, Serialize)]
struct Coefficient {
    icc: f64,
    lower: Option<f64>,
    upper: f64,
}

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let plan = sources.plan;
    let declared = plan.repeatability[name].clone();
    let mut inputs = vec![input("features", sources.features(&declared.features, 0))];
    for index in 0..declared.rereads.len() {
        let reread = reread_output(name, index);
        inputs.push(input(
            &format!("reread.{index}"),
            output(places::features(&declared.features), &reread),
        ));
    }
    let part = Part::new(plan, format!("repeatability {name}"));
    let confidence = 1.0 - plan.study.alpha;
    // Where the repeated readings lie does not decide the result.
    let told: Vec<(&str, &str, bool)> = declared
        .rereads
        .iter()
        .map(|reread| {
            (
                reread.name.as_str(),
                reread.model.as_str(),
                reread.agreement,
            )
        })
        .collect();
    Make {
        id: places::repeatability(name),
        kind: "repeatability",
        version: 1,
        parameters: parameters((&told, declared.minimum_icc, confidence)),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let first: Features = json(inputs, "features")?;
        let mut rereads = Vec::new();
        for index in 0..declared.rereads.len() {
            rereads.push(json(inputs, &format!("reread.{index}"))?);
        }
        let outcome = run(&declared, &part, &first, &rereads, confidence)?;
        let kept: Vec<&str> = outcome
            .list
            .iter()
            .filter(|feature| feature.kept)
            .map(|feature| feature.feature.as_str())
            .collect();
        let mut outputs = Outputs::new();
        outputs.json("kept", &kept)?;
        outputs.json("result", &outcome)?;
        Ok(outputs)
    })
}

/// The output of a feature table's step that holds the features of one reread.
pub(super) fn reread_output(repeatability: &str, index: usize) -> String {
    format!("reread.{repeatability}.{index}")
}

fn run(
    declared: &Repeatability,
    part: &Part,
    first: &Features,
    rereads: &[Features],
    confidence: f64,
) -> Result<Outcome, StepError> {
    let mut problems = Vec::new();
    let mut columns: Vec<Vec<Option<Coefficient>>> = Vec::new();
    let mut told = Vec::new();
    for (reread, again) in declared.rereads.iter().zip(rereads) {
        let both: Vec<(usize, usize)> = again
            .rows
            .iter()
            .enumerate()
            .filter_map(|(position, row)| Some((first.rows.binary_search(row).ok()?, position)))
            .collect();
        if both.len() < FEWEST {
            problems.push(StepError::of(
                format!("{}, reread \"{}\"", part.name, reread.name),
                format!(
                    "{} patients of the cohort were read again; at least {FEWEST} are needed",
                    both.len()
                ),
                Some(format!(
                    "check the path \"{}\": patients without this file count as not read again",
                    reread.path
                )),
            ));
            continue;
        }
        let coefficients = coefficients(reread, first, again, &both, confidence);
        told.push(OfReread {
            name: reread.name.clone(),
            model: reread.model.clone(),
            agreement: reread.agreement,
            n: both.len(),
            above: count(&coefficients, |c| c.icc > declared.minimum_icc),
            undefined: coefficients.len() - count(&coefficients, |_| true),
        });
        columns.push(coefficients);
    }
    if let Some(error) = StepError::all(problems) {
        return Err(error);
    }
    let list: Vec<OfFeature> = first
        .names
        .iter()
        .enumerate()
        .map(|(feature, name)| {
            let rereads: Vec<Option<Coefficient>> = columns
                .iter()
                .map(|column| column[feature].clone())
                .collect();
            let above =
                |c: &Option<Coefficient>| c.as_ref().is_some_and(|c| c.icc > declared.minimum_icc);
            OfFeature {
                feature: name.clone(),
                class: class_of(name).to_owned(),
                kept: rereads.iter().all(above),
                rereads,
            }
        })
        .collect();
    Ok(Outcome {
        minimum_icc: declared.minimum_icc,
        features: list.len(),
        kept: list.iter().filter(|feature| feature.kept).count(),
        rereads: told,
        classes: classes(&list, declared.rereads.len()),
        list,
    })
}

fn count(coefficients: &[Option<Coefficient>], holds: impl Fn(&Coefficient) -> bool) -> usize {
    coefficients.iter().flatten().filter(|c| holds(c)).count()
}

/// The coefficient of each feature; `both` are the positions of each patient in the first and the repeated readings.
fn coefficients(
    reread: &Reread,
    first: &Features,
    again: &Features,
    both: &[(usize, usize)],
    confidence: f64,
) -> Vec<Option<Coefficient>> {
    let options = IccOptions {
        model: match reread.model.as_str() {
            "one_way_random" => IccModel::OneWayRandom,
            "two_way_mixed" => IccModel::TwoWayMixed,
            _ => IccModel::TwoWayRandom,
        },
        agreement: reread.agreement,
        unit: IccUnit::Single,
        confidence_level: confidence,
        null_value: 0.0,
    };
    first
        .names
        .iter()
        .enumerate()
        .map(|(feature, name)| {
            let other = again.names.iter().position(|known| known == name)?;
            let ratings = Array2::from_shape_fn((both.len(), 2), |(patient, reader)| {
                let (one, two) = both[patient];
                match reader {
                    0 => first.values[one][feature],
                    _ => again.values[two][other],
                }
            });
            let found = statistics::intraclass_correlation(&ratings, &options).ok()?;
            Some(Coefficient {
                icc: found.icc,
                lower: found.lower,
                upper: found.upper,
            })
        })
        .collect()
}

/// The classes in the order of their first features.
fn classes(list: &[OfFeature], rereads: usize) -> Vec<OfClass> {
    let mut order: Vec<&str> = Vec::new();
    let mut members: BTreeMap<&str, Vec<&OfFeature>> = BTreeMap::new();
    for feature in list {
        if !order.contains(&feature.class.as_str()) {
            order.push(&feature.class);
        }
        members.entry(&feature.class).or_default().push(feature);
    }
    order
        .into_iter()
        .map(|class| {
            let features = &members[class];
            OfClass {
                class: class.to_owned(),
                features: features.len(),
                kept: features.iter().filter(|feature| feature.kept).count(),
                rereads: (0..rereads)
                    .map(|reread| {
                        spread(features.iter().filter_map(|f| f.rereads[reread].as_ref()))
                    })
                    .collect(),
            }
        })
        .collect()
}

fn spread<'a>(coefficients: impl Iterator<Item = &'a Coefficient>) -> Option<Spread> {
    let mut sorted: Vec<f64> = coefficients.map(|c| c.icc).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(Spread {
        minimum: *sorted.first()?,
        median: numerics::quantile_type_7(&sorted, 0.5),
        maximum: *sorted.last()?,
    })
}
