//! Spoilt studies and data, run by the program: what it prints must name the place, the cause and the remedy; it must
//! exit with 1 and leave no report behind.
//!
//! A case is a text file in `tests/spoilt/`: a sentence, how the sound study (`base.study`, `base.csv`) is spoilt, `---`,
//! and what the program prints. `UPDATE_EXPECT=1 cargo test` rewrites what it prints: read the change before you keep it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A sound study and its data, and what a case makes of them.
struct Spoilt {
    study: String,
    rows: Vec<Vec<String>>,
    data: Option<Vec<u8>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spoilt")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("the file of the test can be read")
}

impl Spoilt {
    fn base() -> Self {
        Self {
            study: read("base.study"),
            rows: read("base.csv")
                .lines()
                .map(|line| line.split(',').map(str::to_owned).collect())
                .collect(),
            data: None,
        }
    }

    fn column(&self, name: &str) -> usize {
        self.rows[0]
            .iter()
            .position(|c| c == name)
            .expect("the column is there")
    }

    fn row(&self, patient: &str) -> usize {
        self.rows
            .iter()
            .position(|r| r[0] == patient)
            .expect("the patient is there")
    }

    fn text(&self) -> String {
        self.rows.iter().map(|row| row.join(",") + "\n").collect()
    }

    fn bytes(&self) -> Vec<u8> {
        self.data
            .clone()
            .unwrap_or_else(|| self.text().into_bytes())
    }

    fn apply(&mut self, instruction: &str) {
        let (verb, rest) = instruction.split_once(':').unwrap_or((instruction, ""));
        let rest = rest.trim();
        match verb {
            "study" => {
                let (from, to) = replacement(rest);
                assert!(
                    self.study.contains(&from),
                    "the study does not hold {from:?}"
                );
                self.study = self.study.replacen(&from, &to, 1);
            }
            "study_long_line" => {
                let length: usize = rest.parse().expect("a length");
                self.study.push_str(&format!("# {}\n", "x".repeat(length)));
            }
            "data" => {
                let (from, to) = replacement(rest);
                let text = self.text();
                assert!(text.contains(&from), "the data do not hold {from:?}");
                self.data = Some(text.replacen(&from, &to, 1).into_bytes());
            }
            "data_replace_all" => {
                let (from, to) = replacement(rest);
                self.data = Some(self.text().replace(&from, &to).into_bytes());
            }
            "data_cell" => {
                let mut words = rest.splitn(3, ' ');
                let row = self.row(words.next().expect("a patient"));
                let column = self.column(words.next().expect("a column"));
                self.rows[row][column] = words.next().unwrap_or("").to_owned();
            }
            "data_column" => {
                let mut words = rest.split(' ');
                let column = self.column(words.next().expect("a column"));
                let pairs: Vec<(&str, &str)> = words
                    .map(|w| w.split_once("=>").expect("old=>new"))
                    .collect();
                for row in &mut self.rows[1..] {
                    if let Some((_, to)) = pairs.iter().find(|(from, _)| row[column] == *from) {
                        row[column] = (*to).to_owned();
                    }
                }
            }
            "data_copy" => {
                let (from, to) = rest.split_once(" => ").expect("from => to");
                let (from, to) = (self.column(from), self.column(to));
                for row in &mut self.rows[1..] {
                    row[to] = row[from].clone();
                }
            }
            "data_where" => {
                let (condition, change) = rest.split_once(' ').expect("column=value column=value");
                let (column, value) = condition.split_once('=').expect("column=value");
                let (changed, new) = change.split_once('=').expect("column=value");
                let (column, changed) = (self.column(column), self.column(changed));
                for row in &mut self.rows[1..] {
                    if row[column] == value {
                        row[changed] = new.to_owned();
                    }
                }
            }
            "data_bytes" => {
                let mut words = rest.split(' ');
                let row = self.row(words.next().expect("a patient"));
                let column = self.column(words.next().expect("a column"));
                let bytes: Vec<u8> = words
                    .map(|w| u8::from_str_radix(w, 16).expect("a byte"))
                    .collect();
                self.rows[row][column] = "\u{1}".to_owned();
                let text = self.text().into_bytes();
                let at = text.iter().position(|b| *b == 1).expect("the mark");
                self.data = Some([&text[..at], &bytes, &text[at + 1..]].concat());
            }
            "data_long_field" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let (row, column) = (self.row(words[0]), self.column(words[1]));
                self.rows[row][column] = "x".repeat(words[2].parse().expect("a length"));
            }
            "data_empty" => self.data = Some(Vec::new()),
            _ => unreachable!("no instruction {verb:?}"),
        }
    }
}

/// `"old" => "new"`, with the escapes of Rust's strings.
fn replacement(text: &str) -> (String, String) {
    let (from, to) = text.split_once("\" => \"").expect("\"old\" => \"new\"");
    let unescape = |text: &str| text.replace("\\n", "\n").replace("\\\"", "\"");
    (
        unescape(from.strip_prefix('"').expect("a quote")),
        unescape(to.strip_suffix('"').expect("a quote")),
    )
}

/// Runs the program in an empty folder that holds only the spoilt study and its data.
fn run(spoilt: &Spoilt) -> (Option<i32>, String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("small.study"), &spoilt.study).expect("the study is written");
    std::fs::write(folder.path().join("data.csv"), spoilt.bytes()).expect("the data are written");
    let output = Command::new(env!("CARGO_BIN_EXE_prereg"))
        .args([
            "run",
            "small.study",
            "--out",
            "out",
            "--store",
            "store",
            "--quiet",
        ])
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .expect("the folder can be read")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !["small.study", "data.csv", "store"].contains(&name.as_str()))
        .collect();
    left.sort();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        left,
    )
}

#[test]
fn the_sound_study_runs() {
    let (code, printed, left) = run(&Spoilt::base());
    assert_eq!((code, printed.as_str()), (Some(0), ""));
    assert_eq!(left, ["out"]);
}

#[test]
fn spoilt_input_is_told_with_place_cause_and_remedy() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    let mut cases = 0;
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("tests/spoilt can be read")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a case can be read");
        let (head, expected) = text.split_once("---\n").expect("a case has ---");
        let mut spoilt = Spoilt::base();
        for instruction in head.lines().skip(1) {
            spoilt.apply(instruction);
        }
        let (code, printed, left) = run(&spoilt);
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if code != Some(1) {
            wrong.push(format!("{name}: exit code {code:?}, printed:\n{printed}"));
        }
        if !left.is_empty() {
            wrong.push(format!("{name}: left behind {left:?}"));
        }
        if printed.lines().any(|line| line.chars().count() > 400) {
            wrong.push(format!("{name}: prints a line that nobody can read"));
        }
        if update {
            std::fs::write(&path, format!("{head}---\n{printed}")).expect("the case is rewritten");
        } else if printed != expected {
            wrong.push(format!(
                "{name}:\n--- expected\n{expected}--- printed\n{printed}"
            ));
        }
        cases += 1;
    }
    assert!(cases >= 20, "only {cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
