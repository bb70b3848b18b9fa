//! Simulated cohorts: margins and exclusions are exact, images fit their study, the same seed gives the same bytes on any
//! number of threads, mistakes in the settings are told with their line, real data are never overwritten.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test expects and does not find ends it"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use prereg::data::{ColumnValues, Frame, TypedTable, apply_rules, derive, read_table};
use prereg::imaging::{Mask, Volume, adc, read_volume};
use prereg::plan::Plan;
use prereg::simulation::{
    MARKER, SettingsFile, Simulation, SimulationError, Written, simulate_cohort,
};

fn studies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("studies")
}

fn plan(text: &str) -> Plan {
    let checked = prereg::language::check(text);
    assert!(checked.plan.is_some(), "{:?}", checked.diagnostics);
    checked.plan.unwrap()
}

fn icc() -> Plan {
    plan(&std::fs::read_to_string(studies().join("icc_dwi.study")).unwrap())
}

/// The settings of the paper's cohort with images of a sixtieth of the size.
fn small_settings() -> SettingsFile {
    let text = std::fs::read_to_string(studies().join("icc_dwi/cohort.toml")).unwrap();
    let mut small = String::new();
    for line in text.lines() {
        let line = match line.split('=').next().unwrap_or_default().trim() {
            "size" => "size = [50, 50, 10]",
            "spacing" => "spacing = [7.6, 7.6, 18.0]",
            "reread_patients" => "reread_patients = 6",
            _ => line,
        };
        small.push_str(line);
        small.push('\n');
    }
    SettingsFile::parse("cohort.toml", &small).unwrap()
}

fn write(
    plan: &Plan,
    settings: &SettingsFile,
    seed: u64,
    root: &Path,
) -> Result<Written, SimulationError> {
    let simulation = Simulation {
        plan,
        settings,
        seed,
        version: "test",
    };
    simulation.write(root)
}

/// The table as a run reads it, and who stays.
fn read(plan: &Plan, root: &Path) -> (TypedTable, Vec<usize>, Vec<(usize, String)>) {
    let declared = &plan.tables["clinical"];
    let bytes = std::fs::read(root.join(&declared.file)).unwrap();
    let table = read_table(&bytes, &declared.file, declared).unwrap();
    let columns = table
        .columns
        .iter()
        .map(|(name, values)| (name.as_str(), values));
    let frame = Frame::new(&table.keys, &table.source_rows, columns).unwrap();
    let result = apply_rules(&frame, &plan.cohort.rules).unwrap();
    let flow = result
        .flow
        .into_iter()
        .map(|step| (step.excluded, step.label))
        .collect();
    (table, result.members, flow)
}

fn counts(values: &ColumnValues, members: &[usize]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in members {
        let level = match values {
            ColumnValues::YesNo(values) => {
                if values[*row].unwrap() { "yes" } else { "no" }.to_owned()
            }
            ColumnValues::Category { levels, codes } => levels[codes[*row].unwrap()].clone(),
            other => panic!("{} has no levels", other.type_name()),
        };
        *counts.entry(level).or_insert(0) += 1;
    }
    counts
}

#[test]
fn the_cohort_of_the_paper_has_its_exclusions_and_margins() {
    let plan = icc();
    let settings = small_settings();
    let published: serde_json::Value =
        serde_json::from_str(include_str!("reference/paper_table1.json")).unwrap();
    for seed in [plan.study.seed, 1, 2] {
        let cohort = simulate_cohort(&plan, &settings, seed).unwrap();
        let rows = vec![0; cohort.keys.len()];
        let columns = cohort
            .columns
            .iter()
            .map(|(name, values)| (name.as_str(), values));
        let frame = Frame::new(&cohort.keys, &rows, columns).unwrap();
        let flow = apply_rules(&frame, &plan.cohort.rules).unwrap();
        let excluded: Vec<usize> = flow.flow.iter().map(|step| step.excluded).collect();
        assert_eq!(excluded, [5, 14, 7, 96, 8, 37]);
        assert_eq!((flow.screened, flow.members.len()), (291, 124));

        let everybody: Vec<usize> = (0..cohort.keys.len()).collect();
        let mut values = cohort.columns.clone();
        for (name, derived) in &plan.derived {
            values.insert(name.clone(), derive(derived, &frame, &everybody).unwrap());
        }
        let prereg::plan::EndpointKind::Binary { expression } =
            &plan.endpoints["early_recurrence"].kind
        else {
            panic!("early recurrence is yes or no");
        };
        let early = prereg::data::evaluate(expression, &frame, &everybody).unwrap();
        values.insert("early_recurrence".to_owned(), early);
        for row in published["expected"]["rows"].as_array().unwrap() {
            let count = |set: &str, place: usize| row[set][place].as_u64().unwrap_or(0) as usize;
            let both: Vec<usize> = (0..row["training"].as_array().unwrap().len())
                .map(|place| count("training", place) + count("validation", place))
                .collect();
            // Names and first levels of the reference figures, in ours.
            let (name, levels): (&str, &[&str]) = match row["name"].as_str().unwrap() {
                "sex_male" => ("sex", &["male", "female"]),
                "afp_over_20" => ("afp_high", &["yes", "no"]),
                "ca19_9_over_1000" => ("ca19_9_high", &["yes", "no"]),
                "cea_over_2_5" => ("cea_high", &["yes", "no"]),
                "poor_differentiation" => ("differentiation", &["poor", "well_or_moderate"]),
                "major_resection" => ("hepatectomy", &["major", "minor"]),
                "arterial_enhancement" => (
                    "arterial_enhancement",
                    &["peripheral_rim", "diffuse_hyper", "diffuse_hypo"],
                ),
                "enhancement_pattern" => (
                    "enhancement_pattern",
                    &["wash_out", "persistent", "gradual", "minimal"],
                ),
                "t_stage" => ("t_stage", &["T1a", "T1b", "T2", "T3"]),
                "tnm_stage" => ("tnm", &["IA", "IB", "II", "III"]),
                "adjuvant_therapy" => ("adjuvant", &["none", "capecitabine", "gem_cap", "gem_cis"]),
                same => (same, &["yes", "no"]),
            };
            let found = counts(&values[name], &flow.members);
            let found: Vec<usize> = levels
                .iter()
                .map(|level| found.get(*level).copied().unwrap_or(0))
                .collect();
            assert_eq!(found, both, "{name}, seed {seed}");
        }
        // What the paper's staging manual says of T1: one tumour of up to 5 cm, or of more.
        for row in &flow.members {
            let diameter = match &cohort.columns["diameter"] {
                ColumnValues::Number(values) => values[*row].unwrap(),
                other => panic!("{}", other.type_name()),
            };
            let one = counts(&cohort.columns["t_stage"], &[*row]);
            assert!(!one.contains_key("T1a") || diameter <= 50.0);
            assert!(!one.contains_key("T1b") || diameter > 50.0);
        }
    }
}

#[test]
fn effects_of_the_settings_are_in_the_outcomes() {
    let plan = icc();
    let settings = small_settings();
    let (mut above, mut pairs) = (0, 0);
    for seed in 1..6 {
        let cohort = simulate_cohort(&plan, &settings, seed).unwrap();
        let (ColumnValues::YesNo(recurred), ColumnValues::Number(times)) =
            (&cohort.columns["recurred"], &cohort.columns["dfs_time"])
        else {
            panic!("other types");
        };
        let members = cohort.members();
        let early = |row: usize| recurred[row].unwrap() && times[row].unwrap() <= 12.0;
        for a in members.iter().filter(|row| early(**row)) {
            for b in members.iter().filter(|row| !early(**row)) {
                pairs += 1;
                above += usize::from(cohort.texture[*a] > cohort.texture[*b]);
            }
        }
    }
    let area = f64::from(u32::try_from(above).unwrap()) / f64::from(u32::try_from(pairs).unwrap());
    assert!((0.72..0.92).contains(&area), "area {area}");
}

#[test]
fn files_are_the_same_on_any_number_of_threads_and_fit_the_study() {
    let (plan, settings) = (icc(), small_settings());
    let folder = tempfile::tempdir().unwrap();
    let markers: Vec<String> = [1, 3]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let root = folder.path().join(threads.to_string());
            let written = pool.install(|| write(&plan, &settings, 7, &root)).unwrap();
            assert!(!written.was_there);
            std::fs::read_to_string(written.folder.join(MARKER)).unwrap()
        })
        .collect();
    assert_eq!(markers[0], markers[1]);

    let root = folder.path().join("1");
    let (table, members, flow) = read(&plan, &root);
    let excluded: Vec<usize> = flow.iter().map(|(count, _)| *count).collect();
    assert_eq!(excluded, [5, 14, 7, 96, 8, 37]);
    let data = root.join("icc_dwi/data");
    assert_eq!(std::fs::read_dir(data.join("images")).unwrap().count(), 124);
    assert_eq!(std::fs::read_dir(data.join("rereads")).unwrap().count(), 6);
    let mut scanners = BTreeMap::new();
    for row in &members {
        let key = &table.keys[*row];
        let image = |name: &str| -> Volume {
            read_volume(&data.join("images").join(key).join(name)).unwrap()
        };
        let (b0, b1000) = (image("dwi_b0.nii.gz"), image("dwi_b1000.nii.gz"));
        let tumour = Mask::from_labels(&image("tumor.nii.gz"), Some(1)).unwrap();
        tumour.check_same_grid(&b0).unwrap();
        let map = adc(&[(&b0, 0.0), (&b1000, 1000.0)]).unwrap();
        let inside: Vec<f64> = map
            .volume
            .window(tumour.bounds)
            .unwrap()
            .into_iter()
            .zip(&tumour.inside)
            .filter_map(|(value, inside)| inside.then_some(value))
            .collect();
        let mean = inside.iter().sum::<f64>() / inside.len() as f64;
        assert!((500.0..2200.0).contains(&mean), "{key}: {mean}");
        let scanner = counts(&table.columns["scanner"], &[*row])
            .into_keys()
            .next()
            .unwrap();
        scanners.entry(scanner).or_insert_with(Vec::new).push(mean);
    }
    let mean = |name: &str| scanners[name].iter().sum::<f64>() / scanners[name].len() as f64;
    assert!(
        mean("siemens") > mean("philips") + 30.0,
        "the scanners differ"
    );
    for reread in std::fs::read_dir(data.join("rereads")).unwrap() {
        let again = reread.unwrap().path();
        let first = data
            .join("images")
            .join(again.file_name().unwrap())
            .join("tumor.nii.gz");
        let voxels = |path: &Path| Mask::from_labels(&read_volume(path).unwrap(), None).unwrap();
        let (first, again) = (voxels(&first), voxels(&again.join("reader2.nii.gz")));
        let (a, b) = (first.count() as f64, again.count() as f64);
        assert!(
            a / b < 3.0 && b / a < 3.0,
            "the readings are of one tumour: {a} and {b} voxels"
        );
    }
}

#[test]
fn only_its_own_files_are_replaced() {
    let (plan, settings) = (
        plan(&std::fs::read_to_string(studies().join("colon_adjuvant.study")).unwrap()),
        SettingsFile::without_file(),
    );
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let table = root.join("colon_adjuvant/colon.csv");
    write(&plan, &settings, 1, root).unwrap();
    let first = std::fs::read(&table).unwrap();
    assert!(write(&plan, &settings, 1, root).unwrap().was_there);
    assert!(!write(&plan, &settings, 2, root).unwrap().was_there);
    assert_ne!(std::fs::read(&table).unwrap(), first);

    let refused = |what: &str| match write(&plan, &settings, 3, root) {
        Err(error @ SimulationError::NotOurs { .. }) => {
            assert!(error.to_string().contains(what), "{error}");
            assert!(error.hint().is_some());
        }
        other => panic!("{other:?}"),
    };
    std::fs::write(&table, "id\nreal\n").unwrap();
    refused("colon.csv was changed since it was simulated");
    assert_eq!(std::fs::read_to_string(&table).unwrap(), "id\nreal\n");
    std::fs::remove_file(&table).unwrap();
    std::fs::write(root.join("colon_adjuvant/notes.txt"), "mine").unwrap();
    refused("notes.txt was not written by a simulation");
    std::fs::remove_file(root.join("colon_adjuvant/notes.txt")).unwrap();
    write(&plan, &settings, 3, root).unwrap();
    std::fs::remove_file(root.join("colon_adjuvant").join(MARKER)).unwrap();
    refused(MARKER);
    assert_eq!(
        std::fs::read_dir(root).unwrap().count(),
        1,
        "nothing is left over"
    );
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prereg"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_study_without_settings_runs_on_its_simulated_cohort() {
    let folder = tempfile::tempdir().unwrap();
    let study = studies().join("colon_adjuvant.study");
    for seed in ["1", "2"] {
        let out = format!("try{seed}");
        let arguments = [
            "simulate",
            study.to_str().unwrap(),
            "--seed",
            seed,
            "--out",
            &out,
        ];
        let output = run(&arguments, folder.path());
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let copy = format!("{out}/colon_adjuvant.study");
        let output = run(
            &["run", &copy, "--quiet", "--out", &format!("report{seed}")],
            folder.path(),
        );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let output = run(&["simulate", study.to_str().unwrap()], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("not replaced") && told.contains("--out"),
        "{told}"
    );
}

/// Every kind of column, code, rule and file that a study can declare without images.
const MANY: &str = r#"
study many "Everything at once" {
  version "1.0"
  seed    5
  alpha   0.05
}
table first from "many/first.csv" key id missing "NA" {
  age     number in years "Age"
  weight  number in kg "Weight" missing "-9"
  size    number in cm "Size" from "Size (cm)"
  nodes   count "Nodes"
  smoker  yes_no [no coded 1, yes coded 2] "Smoker"
  stage   ordered [I, II "Two" coded "2", III] "Stage"
  hospital category [a, b, c] "Hospital"
  seen    date "Seen"
  remark  text "Remark"
  time    number in days "Time"
  died    yes_no "Death"
}
table second from "many/lab.csv" key id {
  marker number in ng/ml "Marker"
}
cohort patients from first {
  exclude "Too young"          when age < 40 years
  exclude "Large or light"     when size > 30 mm and (weight < 50 kg or stage = III) or nodes > 12
  exclude "Not in a or b"      when not hospital in [a, b]
  exclude "Stage not recorded" when stage is missing
  exclude "Marker not known or small" when marker is missing or marker / size < 0.5
}
derive {
  high "High marker" = marker > 37 ng/ml
  old  "Age group"   = young if age < 50 years, old otherwise
}
endpoint early "Death within a year" = died and time <= 1 year
endpoint os "Survival" time time event died in months
split patients by seen before 2016-01-01 into training, validation
impute weight by median fit on training
missing complete_cases
model score "Score" predicting early fit on training { candidates age, weight, smoker, stage, high, nodes }
characteristics table1 by split { age weight size nodes smoker stage hospital high old early }
cox table2 of os { candidates age, high, nodes }
report { figure 1 = patients flow  table 1 = table1  table 2 = table2  table 3 = score }
"#;

#[test]
fn every_kind_of_declaration_is_simulated() {
    let text = MANY.replace("marker / size < 0.5", "marker < 0.5 ng/ml");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("many.study"), text).unwrap();
    for seed in 1..8 {
        let seed = seed.to_string();
        let output = run(
            &["simulate", "many.study", "--seed", &seed, "--threads", "1"],
            folder.path(),
        );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let output = run(&["run", "many.study", "--quiet"], folder.path());
        assert!(
            output.status.success(),
            "seed {seed}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn mistakes_in_the_settings_are_told_with_their_place() {
    let plan = icc();
    let text = std::fs::read_to_string(studies().join("icc_dwi/cohort.toml")).unwrap();
    let told = |from: &str, to: &str| -> String {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let file = match SettingsFile::parse("cohort.toml", &changed) {
            Ok(file) => file,
            Err(error) => return error.to_string(),
        };
        match simulate_cohort(&plan, &file, 1) {
            Err(error @ SimulationError::Settings(_)) => error.to_string(),
            Err(error) => panic!("{to}: {error:?}"),
            Ok(_) => panic!("{to} is accepted"),
        }
    };
    let line = |of: &str| {
        let before = text.split(of).next().unwrap();
        format!(
            "cohort.toml:{}: ",
            before.lines().count() + usize::from(before.ends_with('\n'))
        )
    };
    let cases = [
        (
            "patients = 291",
            "patients = 290",
            "counts = { male = 78",
            "expected 123",
        ),
        (
            "patients = 291",
            "patients = 20",
            "patients = 291",
            "at least 10 who stay",
        ),
        (
            "patients = 291",
            "patients = \"many\"",
            "patients = 291",
            "expected usize",
        ),
        (
            "patients = 291",
            "patiens = 291",
            "patients = 291",
            "unknown field `patiens`",
        ),
        ("count = 14", "count = ", "count = 14", ""),
        (
            "\"Adjuvant treatment before surgery\"\ncount",
            "\"Adjuvant treatment\"\ncount",
            "rule  = \"Adjuvant treatment",
            "excludes nobody by \"Adjuvant treatment\"",
        ),
        (
            "male = 78, female = 46",
            "male = 78, female = 45",
            "counts = { male = 78",
            "add up to 123; expected 124",
        ),
        (
            "male = 78, female = 46",
            "man = 78, female = 46",
            "counts = { male = 78",
            "no level man; expected one of male, female",
        ),
        (
            "[category.hbv]",
            "[category.hvb]",
            "[category.hbv]",
            "declares no column hvb; near it: hbv",
        ),
        (
            "[category.hbv]\ncounts = { yes = 102, no = 22 }",
            "[category.age]\ncounts = { yes = 102, no = 22 }",
            "[category.hbv]",
            "declared as a number",
        ),
        (
            "[62, 56.0], [93, 61.7]",
            "[62, 56.0], [93, 51.7]",
            "at = [[0, 28]",
            "increasing order",
        ),
        (
            "texture = 1.35",
            "textures = 1.35",
            "recurrence_effects",
            "declares no column textures",
        ),
        (
            "early        = { within = 12, count = 77 }",
            "early        = { within = 12, count = 125 }",
            "early  ",
            "fewer than the patients who stay",
        ),
        (
            "size       = [200, 200, 30]",
            "size       = [200, 200, 3]",
            "size  ",
            "8 to 1024 voxels",
        ),
        (
            "reader_error    = { intra",
            "reader_error    = { intro",
            "reader_error ",
            "intro is no reread",
        ),
        (
            "with   = { hbv = 1.0 }",
            "with   = { cholelithiasis = 1.0 }\n[category.hbv2]\ncounts = {}",
            "[category.hbv2]",
            "hbv2",
        ),
    ];
    for (from, to, place, message) in cases {
        let told = told(from, to);
        assert!(told.contains(message), "{to}: {told}");
        if text.contains(place) {
            assert!(
                told.contains(&line(place)),
                "{to}: {told}, expected {}",
                line(place)
            );
        }
    }
    let circle = text
        .replace("with   = { hbv = -0.8 }", "with   = { cirrhosis = -0.8 }")
        .replace(
            "with   = { hbv = 1.0 }",
            "with   = { cholelithiasis = 1.0 }",
        );
    let file = SettingsFile::parse("cohort.toml", &circle).unwrap();
    match simulate_cohort(&plan, &file, 1) {
        Err(SimulationError::Settings(errors)) => {
            assert!(errors[0].to_string().contains("cholelithiasis, cirrhosis"));
        }
        _ => panic!("the circle is not found"),
    }
}
