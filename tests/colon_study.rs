//! The demonstration study, run by the program: the same bytes whatever the threads, the store and the order of the rows;
//! a second run runs nothing; a change reruns what depends on it and nothing else.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

/// SHA-256 of `results.json`. When a number changes on purpose, say so in CHANGELOG under "Numbers that change".
const RESULTS: &str = "fee57ce6df38a5013d1266b96991c0558ee3e6384eecea56a27c843f015d0b82";

struct Workplace {
    folder: tempfile::TempDir,
}

struct Run {
    results: Vec<u8>,
    summary: String,
}

impl Workplace {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Self { folder };
        let studies = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies");
        place.write(
            "colon_adjuvant.study",
            &read(&studies.join("colon_adjuvant.study")),
        );
        place.write(
            "colon_adjuvant/colon.csv",
            &read(&studies.join("colon_adjuvant/colon.csv")),
        );
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = read(&self.path(name));
        assert!(text.contains(from), "{name} does not hold {from:?}");
        self.write(name, &text.replacen(from, to, 1));
    }

    fn start(&self, store: &str, threads: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_prereg"))
            .args([
                "run",
                "colon_adjuvant.study",
                "--out",
                "out",
                "--store",
                store,
                "--threads",
                threads,
            ])
            .current_dir(self.folder.path())
            .output()
            .expect("the program runs")
    }

    fn run(&self, store: &str, threads: &str) -> Run {
        let output = self.start(store, threads);
        let summary = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{summary}");
        Run {
            results: std::fs::read(self.path("out/results.json")).expect("there are results"),
            summary,
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file can be read")
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The steps that the summary says ran.
fn ran(run: &Run) -> String {
    run.summary
        .lines()
        .filter(|line| !line.contains("reused"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let place = Workplace::new();
    let first = place.run("one", "1");
    assert_eq!(
        digest(&first.results),
        RESULTS,
        "a reported number has changed"
    );

    let second = place.run("one", "2");
    assert_eq!(second.results, first.results);
    assert!(
        second.summary.contains("0 ran"),
        "a second run ran something:\n{}",
        second.summary
    );

    let other_threads = place.run("two", "2");
    assert_eq!(
        other_threads.results, first.results,
        "the number of threads changed the results"
    );

    let text = read(&place.path("colon_adjuvant/colon.csv"));
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    lines[1..].rotate_left(300);
    place.write("colon_adjuvant/colon.csv", &(lines.join("\n") + "\n"));
    let shuffled = place.run("three", "2");
    assert_eq!(
        shuffled.results, first.results,
        "the order of the rows changed the results"
    );
}

#[test]
fn a_change_reruns_what_depends_on_it() {
    let place = Workplace::new();
    let first = place.run("store", "2");

    place.edit(
        "colon_adjuvant.study",
        "seed    19900901",
        "seed 19900901   # the year of the first report\n",
    );
    place.edit(
        "colon_adjuvant.study",
        "derive {",
        "# Derived values.\n\n\nderive   {",
    );
    let reformatted = place.run("store", "2");
    assert_eq!(reformatted.results, first.results);
    assert!(
        reformatted.summary.contains("0 ran"),
        "layout reran something:\n{}",
        reformatted.summary
    );

    place.edit(
        "colon_adjuvant.study",
        "calibration bootstrap 1000",
        "calibration bootstrap 200",
    );
    let fewer = place.run("store", "2");
    let told = ran(&fewer);
    assert!(fewer.summary.contains("2 ran"), "{}", fewer.summary);
    assert!(told.contains("performance.table2.calibration"), "{told}");
    assert!(told.contains("1000 → 200"), "{told}");

    place.edit(
        "colon_adjuvant.study",
        "calibration bootstrap 200",
        "calibration bootstrap 1000",
    );
    let back = place.run("store", "2");
    assert_eq!(back.results, first.results);
    assert!(
        back.summary.contains("0 ran"),
        "going back reran something:\n{}",
        back.summary
    );
}

/// The style of a journal and templates of the study's own change what is written, not what was found; a fault in a
/// template names the file and leaves nothing behind.
#[test]
fn a_study_may_choose_style_and_templates() {
    let place = Workplace::new();
    place.edit(
        "colon_adjuvant.study",
        "report {",
        "report {\n  style { decimals 2  p_values two_decimals_no_zero  interval \"to\" }\n  templates \"journal\"\n",
    );
    place.write("journal/report.md.j2", "{{ study.title }}: {{ nobody }}\n");
    let refused = place.start("store", "2");
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        told.contains("report.md.j2") && told.contains("line 1") && told.contains("nobody"),
        "{told}"
    );
    assert!(
        !place.path("out").exists(),
        "a refused report left something"
    );

    place.write(
        "journal/report.md.j2",
        "{% for item in items %}{% if item.table is not none %}{{ item.table | safe }}{% endif %}{% endfor %}",
    );
    place.run("store", "2");
    let report = read(&place.path("out/report.md"));
    assert!(report.contains("0.71 (0.64 to 0.78)"), "{report}");
    assert!(
        report.contains("**.001**") || report.contains("**<.001**"),
        "{report}"
    );
    assert!(
        !report.contains("# "),
        "the template of the program was used"
    );
}
