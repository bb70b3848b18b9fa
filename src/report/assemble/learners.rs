//! Supplementary table of a signature by a learner other than the random forest: its features and how it was chosen.

use crate::plan::{Learner, Plan, Signature, places};
use crate::report::{Part, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::cox::row;
use super::display::Display;
use super::models::cell;

pub(super) fn table(
    plan: &Plan,
    name: &str,
    signature: &Signature,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let fit = Place::new(places::signature(name), "fit");
    let n = fit.at(&["n"]);
    let has_coefficients = matches!(signature.learner, Learner::PenalisedLogistic { .. });
    let mut rows = Vec::new();
    for index in 0..collector.list(&fit.at(&["used"]))?.len() {
        let place = fit.at(&["used"]).index(index);
        let label = collector.text(&place.at(&["label"]))?.to_owned();
        let mut cells = Vec::new();
        if has_coefficients {
            let feature = collector.text(&place.at(&["feature"]))?.to_owned();
            let coefficient = place.at(&["coefficient"]);
            cells.push(if collector.is_null(&coefficient) {
                vec![words("– (constant)")]
            } else {
                vec![collector.value(
                    &format!("{name}.coefficient.{feature}"),
                    &coefficient,
                    Display::Decimals(4),
                    None,
                    Some(&n),
                )?]
            });
        }
        rows.push(row(RowKind::Data, vec![words(label)], cells));
    }
    let mut number = |what: &str, path: &[&str], display| {
        collector.value(
            &format!("{name}.{what}"),
            &fit.at(path),
            display,
            None,
            None,
        )
    };
    let count = Display::Count;
    let mut notes = vec![vec![
        words(format!(
            "{} for {}, fitted on the {}: ",
            signature.learner.phrase(),
            plan.label(&signature.outcome),
            super::flow::set_phrase(plan, &signature.fit_on)
        )),
        number("n", &["n"], count)?,
        words(" patients, "),
        number("events", &["events"], count)?,
        words(" with the outcome; "),
        number("excluded", &["excluded"], count)?,
        words(" left out because a value is missing."),
    ]];
    let settings = settings(&signature.learner);
    if !settings.is_empty() {
        let mut note: Vec<Part> = vec![words("Setting: ")];
        for (index, (setting, what, display)) in settings.iter().enumerate() {
            if index > 0 {
                note.push(words(", "));
            }
            note.push(words(format!("{what} ")));
            note.push(number(setting, &["chosen", setting], *display)?);
        }
        note.push(words("."));
        notes.push(note);
    }
    if let Some(tuning) = &signature.tuning {
        notes.push(vec![
            words(format!(
                "Chosen by the mean area under the curve over {} stratified folds, ",
                tuning.folds
            )),
            number(
                "cross_validated_auc",
                &["cross_validated_auc"],
                Display::Decimals(3),
            )?,
            words(", among "),
            number("grid_points", &["grid_points"], count)?,
            words(" settings."),
        ]);
    }
    notes.extend(remark(&signature.learner).map(|text| vec![words(text)]));
    let mut header = vec![cell("Features", 1)];
    if has_coefficients {
        header.push(cell("Coefficient for one standard deviation", 1));
    }
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: format!("{}: features", signature.label),
        header: vec![header],
        rows,
        footnotes: notes,
    })
}

/// Setting, what it is called, how it is shown.
fn settings(learner: &Learner) -> Vec<(&'static str, &'static str, Display)> {
    let (count, decimals) = (Display::Count, Display::Decimals(4));
    match learner {
        Learner::PenalisedLogistic { .. } => vec![
            ("alpha", "mixture alpha (1 is the lasso, 0 ridge)", decimals),
            ("lambda", "penalty lambda", decimals),
        ],
        Learner::SupportVectorMachine { .. } => vec![
            ("cost", "cost", decimals),
            (
                "gamma",
                "gamma of the radial kernel (0 is the linear one)",
                decimals,
            ),
        ],
        Learner::GradientBoostedTrees { .. } => vec![
            ("trees", "number of trees", count),
            ("max_depth", "largest depth", count),
            ("learning_rate", "learning rate", decimals),
            ("min_leaf", "fewest patients in a leaf", count),
        ],
        Learner::NearestNeighbours { .. } => vec![("neighbours", "number of neighbours", count)],
        Learner::RandomForest(_) | Learner::NaiveBayes => Vec::new(),
    }
}

/// What a reader must know of the score.
fn remark(learner: &Learner) -> Option<&'static str> {
    match learner {
        Learner::SupportVectorMachine { .. } => Some(
            "The score is the decision value, not a probability: calibration and decision curves leave it out.",
        ),
        Learner::NearestNeighbours { .. } => Some(
            "The score is the share of events among the neighbours; a patient of the fit is a neighbour of its own.",
        ),
        Learner::NaiveBayes => Some(
            "Features are taken as normal and independent within each class: probabilities are as a rule too near 0 or 1.",
        ),
        _ => None,
    }
}
