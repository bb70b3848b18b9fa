//! Supplementary tables of a feature table: what it was made from, and which of its features are repeatable.

use crate::plan::{FeatureTable, FeatureTransform, Plan, places};
use crate::report::{HeaderCell, Part, Row, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::cox::{blank, row};
use super::display::Display;
use super::flow::set_phrase;

fn cell(text: impl Into<String>, span: usize) -> HeaderCell {
    HeaderCell {
        text: vec![words(text)],
        span,
    }
}

/// Where a feature table comes from, and what each transform did.
pub(super) fn table(
    plan: &Plan,
    name: &str,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let result = Place::new(places::features(name), "result");
    let mut rows = Vec::new();
    let mut count = |label: &str, id: &str, place: &Place, collector: &mut Collector| {
        let value = collector.value(&format!("{name}.{id}"), place, Display::Count, None, None)?;
        rows.push(row(RowKind::Data, vec![words(label)], vec![vec![value]]));
        Ok::<(), AssembleError>(())
    };
    let declared = &plan.features[name];
    let mut lines = vec![
        ("Patients with all features", "patients"),
        ("Patients without images or row", "without_row"),
        ("Patients who lack a feature", "incomplete"),
        ("Features", "features"),
    ];
    let transforms = match declared {
        FeatureTable::Extracted {
            extraction,
            transforms,
        } => {
            lines.push(("Voxels in the regions, all patients", "region_voxels"));
            if let Some(crate::plan::Image::Adc { .. }) = plan.images.get(&extraction.image) {
                lines.push((
                    "Voxels in the regions without an ADC (a signal is not above 0)",
                    "undefined_adc",
                ));
                lines.push(("Patients with such voxels", "patients_with_undefined_adc"));
            }
            transforms
        }
        FeatureTable::File { transforms, .. } => transforms,
    };
    for (label, field) in lines {
        count(label, field, &result.at(&[field]), collector)?;
    }
    for (index, transform) in transforms.iter().enumerate() {
        let step = |what: &str| Place::new(places::transform(name, index + 1, what), "result");
        match transform {
            FeatureTransform::Combat { batch, fit_on, .. } => {
                let place = step("combat");
                let id = |what: &str| format!("{}.combat.{what}", index + 1);
                for at in 0..collector.list(&place.at(&["batches"]))?.len() {
                    let of_batch = place.at(&["batches"]).index(at);
                    let level = collector.text(&of_batch.at(&["name"]))?.to_owned();
                    count(
                        &format!(
                            "ComBat by {}: {} in the {}",
                            plan.label(batch),
                            plan.level_label(batch, &level),
                            set_phrase(plan, fit_on)
                        ),
                        &id(&format!("batch.{level}")),
                        &of_batch.at(&["n"]),
                        collector,
                    )?;
                }
                count(
                    "ComBat: features harmonised",
                    &id("features"),
                    &place.at(&["features"]),
                    collector,
                )?;
                count(
                    "ComBat: features passed unchanged (the same in all patients of a batch)",
                    &id("unadjusted"),
                    &place.at(&["unadjusted_count"]),
                    collector,
                )?;
            }
            FeatureTransform::ZScore { .. } => {
                let place = step("zscore");
                count(
                    "Standardised features dropped (the same in all patients of the fit)",
                    &format!("{}.zscore.constant", index + 1),
                    &place.at(&["constant_count"]),
                    collector,
                )?;
            }
        }
    }
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: format!("{}: patients and features", spelled(name)),
        header: vec![vec![cell("Feature table", 1), cell("Number", 1)]],
        rows,
        footnotes: footnotes(plan, name),
    })
}

fn spelled(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    text
}

fn footnotes(plan: &Plan, name: &str) -> Vec<Vec<Part>> {
    let (source, transforms) = match &plan.features[name] {
        FeatureTable::Extracted { transforms, .. } => (
            "Extracted from the images of each patient.".to_owned(),
            transforms,
        ),
        FeatureTable::File {
            file, transforms, ..
        } => (
            format!("Read from {}.", file.rsplit('/').next().unwrap_or(file)),
            transforms,
        ),
    };
    let mut notes = vec![vec![words(source)]];
    for transform in transforms {
        notes.push(vec![words(match transform {
            FeatureTransform::Combat { batch, covariates, reference, fit_on } => {
                let mut text = format!(
                    "Harmonised by ComBat (empirical Bayes) by {}, fitted on the {} and applied to all",
                    plan.label(batch),
                    set_phrase(plan, fit_on)
                );
                if !covariates.is_empty() {
                    let labels: Vec<&str> = covariates.iter().map(|value| plan.label(value)).collect();
                    text.push_str(&format!("; preserving {}", labels.join(", ")));
                }
                if let Some(reference) = reference {
                    text.push_str(&format!("; reference {}", plan.level_label(batch, reference)));
                }
                text + "."
            }
            FeatureTransform::ZScore { fit_on } => format!(
                "Standardised to mean 0 and standard deviation 1 of the {}.",
                set_phrase(plan, fit_on)
            ),
        })]);
    }
    notes
}

/// Intraclass correlation by class of features.
pub(super) fn repeatability_table(
    plan: &Plan,
    name: &str,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let declared = &plan.repeatability[name];
    let result = Place::new(places::repeatability(name), "result");
    let classes = result.at(&["classes"]);
    let mut rows = Vec::new();
    for index in 0..collector.list(&classes)?.len() {
        let place = classes.index(index);
        let class = collector.text(&place.at(&["class"]))?.to_owned();
        let id = format!("{name}.{}", identifier(&class));
        let mut cells = Vec::new();
        for what in ["features", "kept"] {
            cells.push(vec![collector.value(
                &format!("{id}.{what}"),
                &place.at(&[what]),
                Display::Count,
                None,
                None,
            )?]);
        }
        for (at, reread) in declared.rereads.iter().enumerate() {
            let spread = place.at(&["rereads"]).index(at);
            if collector.is_null(&spread) {
                cells.extend(blank(1));
                continue;
            }
            let n = result.at(&["rereads"]).index(at).at(&["n"]);
            let mut part = |what: &str| {
                collector.value(
                    &format!("{id}.{}.{what}", identifier(&reread.name)),
                    &spread.at(&[what]),
                    Display::Decimals(3),
                    None,
                    Some(&n),
                )
            };
            cells.push(vec![
                part("median")?,
                words(" ("),
                part("minimum")?,
                words(" to "),
                part("maximum")?,
                words(")"),
            ]);
        }
        rows.push(row(RowKind::Data, vec![words(class)], cells));
    }
    let mut header = vec![cell("Features", 1), cell("Number", 1), cell("Kept", 1)];
    header.extend(
        declared
            .rereads
            .iter()
            .map(|reread| cell(format!("ICC, {}: median (range)", reread.name), 1)),
    );
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: format!(
            "Repeatability of the features of {} when regions are read again",
            spelled(&declared.features)
        ),
        header: vec![header],
        rows,
        footnotes: repeatability_footnotes(plan, name, &result, collector)?,
    })
}

fn repeatability_footnotes(
    plan: &Plan,
    name: &str,
    result: &Place,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let declared = &plan.repeatability[name];
    let mut count = |id: &str, place: &Place| {
        collector.value(&format!("{name}.{id}"), place, Display::Count, None, None)
    };
    let mut notes = vec![vec![
        words(format!(
            "Kept are the features whose intraclass correlation is above {} in every reread: ",
            declared.minimum_icc
        )),
        count("kept", &result.at(&["kept"]))?,
        words(" of "),
        count("features", &result.at(&["features"]))?,
        words(". Computed before any harmonising or standardising; outcomes play no part."),
    ]];
    for (index, reread) in declared.rereads.iter().enumerate() {
        let place = result.at(&["rereads"]).index(index);
        let id = |what: &str| format!("reread.{}.{what}", identifier(&reread.name));
        let kind = if reread.agreement {
            "absolute agreement"
        } else {
            "consistency"
        };
        notes.push(vec![
            words(format!(
                "{}: {} model, {kind}, one reading; ",
                reread.name,
                reread.model.replace('_', " ")
            )),
            count(&id("n"), &place.at(&["n"]))?,
            words(" patients were read again; "),
            count(&id("above"), &place.at(&["above"]))?,
            words(" features are above, "),
            count(&id("undefined"), &place.at(&["undefined"]))?,
            words(" have no coefficient because they do not differ between patients."),
        ]);
    }
    notes.push(vec![words(format!(
        "All features with their coefficients: tables/{name}.features.csv."
    ))]);
    Ok(notes)
}

/// Every feature with its coefficients and their intervals.
pub(super) fn repeatability_list(
    plan: &Plan,
    name: &str,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let declared = &plan.repeatability[name];
    let result = Place::new(places::repeatability(name), "result");
    let list = result.at(&["list"]);
    let confidence = super::notes::confidence(plan);
    let mut rows: Vec<Row> = Vec::new();
    for index in 0..collector.list(&list)?.len() {
        let place = list.index(index);
        let feature = collector.text(&place.at(&["feature"]))?.to_owned();
        let class = collector.text(&place.at(&["class"]))?.to_owned();
        let kept = collector.read(&place.at(&["kept"]))?.as_bool() == Some(true);
        let mut cells = vec![
            vec![words(class)],
            vec![words(if kept { "yes" } else { "no" })],
        ];
        for (at, reread) in declared.rereads.iter().enumerate() {
            let coefficient = place.at(&["rereads"]).index(at);
            if collector.is_null(&coefficient) {
                cells.extend(blank(3));
                continue;
            }
            let n = result.at(&["rereads"]).index(at).at(&["n"]);
            for what in ["icc", "lower", "upper"] {
                cells.push(vec![collector.value(
                    &format!("{name}.{feature}.{}.{what}", identifier(&reread.name)),
                    &coefficient.at(&[what]),
                    Display::Decimals(4),
                    None,
                    Some(&n),
                )?]);
            }
        }
        rows.push(row(RowKind::Data, vec![words(feature)], cells));
    }
    let mut header = vec![cell("Feature", 1), cell("Class", 1), cell("Kept", 1)];
    for reread in &declared.rereads {
        header.push(cell(format!("ICC, {}", reread.name), 1));
        header.push(cell(
            format!("Lower {confidence} limit, {}", reread.name),
            1,
        ));
        header.push(cell(
            format!("Upper {confidence} limit, {}", reread.name),
            1,
        ));
    }
    Ok(Table {
        id: format!("{name}.features"),
        number: String::new(),
        title: "Intraclass correlation of every feature".to_owned(),
        header: vec![header],
        rows,
        footnotes: Vec::new(),
    })
}

/// A name as a part of an id.
fn identifier(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
            _ => '_',
        })
        .collect()
}
