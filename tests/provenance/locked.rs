//! A model locked in a file gives the scores that the study gave, to the bit, and refuses what it was not fitted for.

use std::collections::BTreeMap;

use prereg::statistics::calibration_measures;
use serde_json::Value;

use super::{Workplace, source};

const MORE: &str = r#"
derive { older "Older" = age > 60 years }
signature forest "Forest" from age, marker, grade, sex predicting recurrence fit on training {
  learn random_forest { trees 20, max_depth 3, features_per_split 2 }
  training_scores apparent
}
model combined "Combined" predicting recurrence fit on training { terms forest, older, sex, grade }
cutoff risk_combined "Combined risk" of combined by median on training
kaplan_meier more of os by risk_combined
"#;

fn workplace() -> Workplace {
    let place = Workplace::new();
    let text = place.read("small.study") + MORE;
    place.write("small.study", &text);
    place.done("run small.study --out report --store store -q");
    place
}

fn object(place: &Workplace, step: &str, output: &str) -> Value {
    let record = place.json("report/run.json");
    let steps = record["steps"].as_array().expect("steps").clone();
    let step = steps
        .into_iter()
        .find(|known| known["id"] == step)
        .expect("the step");
    let digest = step["outputs"][output]["sha256"]
        .as_str()
        .expect("a digest")
        .to_owned();
    place.json(&format!("store/objects/{}/{digest}", &digest[..2]))
}

/// Rows of a CSV by their first field.
fn rows(text: &str) -> BTreeMap<String, Vec<String>> {
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            (cells[0].clone(), cells)
        })
        .collect()
}

#[test]
fn a_locked_model_gives_the_scores_of_the_study() {
    let place = workplace();
    for (name, step) in [
        ("combined", "model.combined"),
        ("forest", "signature.forest"),
    ] {
        place.done(&format!("export-model report {name}"));
        let said = place.prereg(&format!("predict {name}.model.json --data data.csv"));
        let predicted = rows(&said.out);
        let keys = object(&place, "table.clinical", "keys");
        let scores = object(&place, step, "scores");
        let mut compared = 0;
        for (key, score) in keys
            .as_array()
            .expect("keys")
            .iter()
            .zip(scores["number"].as_array().expect("scores"))
        {
            let row = &predicted[key.as_str().expect("a key")];
            if row[1].is_empty() {
                continue;
            }
            // Patients outside of the cohort have no score in the study.
            if let Some(score) = score.as_f64() {
                let found: f64 = row[1].parse().expect("a number");
                assert_eq!(found.to_bits(), score.to_bits(), "{name}, {key}");
                compared += 1;
            }
        }
        assert!(compared > 60, "{name}: {compared} compared\n{}", said.err);
    }
    let groups = object(&place, "cutoff.risk_combined", "value");
    assert_eq!(groups["category"]["levels"][1], "high");
    let model = place.json("combined.model.json");
    let text = place.read("combined.model.json");
    assert!(
        !text.contains("P01") && !text.contains("P40"),
        "a patient is in the model"
    );
    assert_eq!(model["from"]["patients"], 51);
    assert_eq!(
        model["from"]["plan_digest"],
        place.json("report/run.json")["plan_digest"]
    );
}

#[test]
fn what_the_fit_has_not_seen_is_refused() {
    let place = workplace();
    place.done("export-model report clinical_model");
    place.write(
        "new.csv",
        "id,sex,age,marker\nN1,male,55,5.0\nN2,female,155,5.0\nN3,male,55,\n",
    );
    let said = place.prereg("predict clinical_model.model.json --data new.csv");
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("2 of 3 patients are outside"),
        "{}",
        said.err
    );
    let found = rows(&said.out);
    assert!(
        said.out.starts_with("id,clinical_model,risk,refused\n"),
        "{}",
        said.out
    );
    assert!(!found["N1"][1].is_empty() && found["N1"][3].is_empty());
    assert!(
        said.out
            .contains("N2,,,\"age is 155, and the model was fitted from "),
        "{}",
        said.out
    );
    assert!(
        found["N3"][3].starts_with("marker is not recorded"),
        "{}",
        said.out
    );
    place.write("new.csv", "id,sex,age,marker\nN1,other,55,5.0\n");
    let said = place.prereg("predict clinical_model.model.json --data new.csv");
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("other"), "{}", said.err);
    let said = place.prereg("export-model report table2");
    assert_eq!(said.code, Some(1));
    assert!(
        said.err
            .contains("no model or signature `table2`; it has clinical_model, combined, forest")
    );
}

/// Fitted on Rotterdam, locked, judged on GBSG: R's `glm` gives the same coefficients and, from them, the same
/// discrimination and calibration.
#[test]
fn a_model_of_rotterdam_is_judged_on_gbsg() {
    let cohorts =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/cohorts");
    if !cohorts.is_dir() {
        println!("skipped: ../shared/reference/cohorts is not here");
        return;
    }
    let place = Workplace::new();
    let studies = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("studies");
    for (name, path) in [
        ("rotterdam.study", "../../../shared/reference/cohorts/"),
        ("rotterdam_gbsg.study", "../../shared/reference/cohorts/"),
    ] {
        let folder = if name == "rotterdam.study" {
            studies.join("rotterdam_gbsg")
        } else {
            studies.clone()
        };
        let text = std::fs::read_to_string(folder.join(name)).expect("the study can be read");
        place.write(name, &text.replace(path, ""));
    }
    for name in ["rotterdam.csv", "gbsg.csv"] {
        std::fs::copy(cohorts.join(name), place.path(name)).expect("the cohort is copied");
    }
    place.done("run rotterdam.study --out report --store store -q");
    place.done("export-model report recurrence_model --out model.json");
    let model = place.json("model.json");
    let text =
        std::fs::read(source("studies/provenance/rotterdam_gbsg.json")).expect("the figures");
    let expected: Value = serde_json::from_slice(&text).expect("the figures are JSON");
    let near = |found: f64, expected: &Value, what: &str| {
        let expected = expected.as_f64().expect("a number");
        let error = (found - expected).abs() / expected.abs().max(1e-3);
        assert!(error < 1e-8, "{what}: {found} instead of {expected}");
    };
    let logistic = &model["scores"]["recurrence_model"]["logistic"];
    near(
        logistic["intercept"].as_f64().expect("a number"),
        &expected["coefficients"][0],
        "intercept",
    );
    for (index, term) in logistic["coefficients"]
        .as_array()
        .expect("terms")
        .iter()
        .enumerate()
    {
        let found = term["coefficient"].as_f64().expect("a number");
        near(
            found,
            &expected["coefficients"][index + 1],
            &term.to_string(),
        );
    }
    assert_eq!(model["from"]["patients"], expected["fitted_on"]);
    assert_eq!(model["from"]["events"], expected["events"]);

    // Who is followed for less than 3 years without an event cannot be judged.
    let days = 3.0 * 365.25;
    let table = place.read("gbsg.csv");
    let column = |name: &str| {
        let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
        header
            .iter()
            .position(|known| *known == name)
            .expect("the column")
    };
    let (time, event) = (column("rfs_days"), column("rfs_event"));
    let kept: Vec<&str> = table
        .lines()
        .enumerate()
        .filter(|(row, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            *row == 0 || cells[event] == "1" || cells[time].parse::<f64>().expect("days") >= days
        })
        .map(|(_, line)| line)
        .collect();
    place.write("new.csv", &(kept.join("\n") + "\n"));
    let said = place.prereg("predict model.json --data new.csv");
    let predicted = rows(&said.out);
    let (mut outcome, mut scores) = (Vec::new(), Vec::new());
    for line in kept.iter().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let Ok(score) = predicted[cells[0]][1].parse::<f64>() {
            scores.push(score);
            outcome.push(cells[event] == "1" && cells[time].parse::<f64>().expect("days") <= days);
        }
    }
    assert_eq!(
        Value::from(scores.len()),
        expected["judged"],
        "{}",
        said.err
    );
    assert_eq!(
        Value::from(kept.len() - 1 - scores.len()),
        expected["refused"],
        "{}",
        said.err
    );
    let measures = calibration_measures(&outcome, &scores, 0.95).expect("it can be judged");
    near(measures.c_statistic, &expected["auc"], "auc");
    near(measures.brier, &expected["brier"], "brier");
    near(
        measures.intercept.expect("an intercept").estimate,
        &expected["intercept"],
        "calibration in the large",
    );
    near(
        measures.slope.expect("a slope").estimate,
        &expected["slope"],
        "calibration slope",
    );

    // The same by a study that declares the model.
    std::fs::create_dir(place.path("rotterdam_gbsg")).expect("a folder");
    std::fs::copy(
        place.path("model.json"),
        place.path("rotterdam_gbsg/recurrence_model.model.json"),
    )
    .expect("the model is copied");
    place.done("run rotterdam_gbsg.study --out judged --store store -q");
    let results = place.json("judged/results.json");
    let value = |id: &str| {
        let values = results["values"].as_array().expect("values");
        let value = values.iter().find(|value| value["id"] == id);
        value.expect("it is reported")["value"].clone()
    };
    assert_eq!(
        value("table1.patients.n").as_f64(),
        expected["judged"].as_f64()
    );
    assert_eq!(
        value("table1.patients.excluded").as_f64(),
        expected["refused"].as_f64()
    );
    for (id, figure) in [("auc", "auc"), ("brier", "brier")] {
        let found = value(&format!("table1.patients.rotterdam.{id}"));
        near(found.as_f64().expect("a number"), &expected[figure], figure);
    }
    let looks = place.read("judged/looks.json");
    assert!(
        looks.contains("\"outcome\": \"recurrence\""),
        "nobody looked:\n{looks}"
    );
    // The model in the repository is this one.
    let kept = std::fs::read_to_string(studies.join("rotterdam_gbsg/recurrence_model.model.json"))
        .expect("the model can be read");
    let kept: Value = serde_json::from_str(&kept).expect("the model is JSON");
    assert_eq!(kept["scores"], model["scores"]);
    // Another unit is another column.
    place.edit(
        "rotterdam_gbsg.study",
        "pgr        number in fmol/l",
        "pgr        number in ng/ml",
    );
    let said = place.prereg("run rotterdam_gbsg.study --out judged --store store -q");
    assert_eq!(said.code, Some(1));
    assert!(
        said.err
            .contains("`pgr` is declared otherwise here than where the model was fitted"),
        "{}",
        said.err
    );
}
