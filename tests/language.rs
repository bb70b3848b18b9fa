//! The language, by text files: each case is a study and what the checker says of it, at its place.
//!
//! In `tests/language/*.study` a case begins with `--- NAME`. A line `# error CODE: MESSAGE` (or `# warning …`) stands for a
//! diagnostic of the next line that is not such a comment; `# hint: …` belongs to the one above it. `# prelude` puts
//! `tests/language/prelude.txt` before the text. `UPDATE_EXPECT=1 cargo test` rewrites the comments.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use prereg::language::{Severity, check};
use prereg::plan;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file can be read")
}

fn is_expectation(line: &str) -> bool {
    let line = line.trim_start();
    ["# error ", "# warning ", "# hint: "]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// The case with what the checker says written above the lines that it speaks of.
fn annotated(text: &str, prelude: &str, codes: &mut BTreeSet<String>) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !is_expectation(line)).collect();
    let with_prelude = lines.first().is_some_and(|line| line.trim() == "# prelude");
    let before = if with_prelude { prelude } else { "" };
    let study = format!("{before}{}\n", lines.join("\n"));
    let checked = check(&study);
    let mut shown: Vec<(usize, String)> = Vec::new();
    for diagnostic in &checked.diagnostics {
        codes.insert(diagnostic.code.to_owned());
        let start = diagnostic.span.start.min(study.len());
        let line = study[..start]
            .matches('\n')
            .count()
            .saturating_sub(before.matches('\n').count());
        let word = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let found: String = study[diagnostic.span.clone()].chars().take(40).collect();
        let place = if found.is_empty() {
            String::new()
        } else {
            format!(" at `{}`", found.escape_debug())
        };
        let mut text = format!(
            "# {word} {}{place}: {}\n",
            diagnostic.code, diagnostic.message
        );
        for hint in &diagnostic.hints {
            text.push_str(&format!("# hint: {hint}\n"));
        }
        shown.push((line, text));
    }
    assert_eq!(
        checked.plan.is_none(),
        checked
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error),
        "there is a plan just when nothing is wrong"
    );
    let mut result = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (_, text) in shown.iter().filter(|(at, _)| *at == number) {
            result.push_str(text);
        }
        result.push_str(line);
        result.push('\n');
    }
    for (_, text) in shown.iter().filter(|(at, _)| *at >= lines.len()) {
        result.push_str(text);
    }
    result
}

#[test]
fn every_mistake_is_told_at_its_place() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let prelude = read(&folder("tests/language/prelude.txt"));
    let mut codes = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for name in [
        "declarations",
        "expressions",
        "analyses",
        "leakage",
        "syntax",
    ] {
        let path = folder("tests/language").join(format!("{name}.study"));
        let text = read(&path);
        let mut rewritten = String::new();
        for case in text
            .split_inclusive('\n')
            .fold(Vec::<String>::new(), |mut cases, line| {
                if line.starts_with("--- ") || cases.is_empty() {
                    cases.push(String::new());
                }
                if let Some(last) = cases.last_mut() {
                    last.push_str(line);
                }
                cases
            })
        {
            let (head, body) = case.split_once('\n').expect("a case has a name and a text");
            count += 1;
            let told = annotated(body, &prelude, &mut codes);
            if told.trim_end() != body.trim_end() {
                wrong.push(format!("{name}, {head}\nexpected:\n{body}\ntold:\n{told}"));
            }
            rewritten.push_str(&format!("{head}\n{}\n\n", told.trim_end()));
        }
        if update {
            std::fs::write(&path, rewritten.trim_end().to_owned() + "\n")
                .expect("the cases are rewritten");
        }
    }
    let large = check(&"# x\n".repeat(1 << 20));
    codes.extend(
        large
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code.to_owned()),
    );
    assert!(count >= 50, "only {count} cases");
    assert!(update || wrong.is_empty(), "{}", wrong.join("\n"));
    let source: String = walkdir::WalkDir::new(folder("src/language"))
        .into_iter()
        .map(|entry| entry.expect("the sources can be read").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| read(&path))
        .collect();
    let compact: String = source.split_whitespace().collect::<Vec<_>>().join("");
    let declared: BTreeSet<String> = ["Diagnostic::error(\"", "Diagnostic::warning(\""]
        .iter()
        .flat_map(|mark| compact.split(mark).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect();
    let silent: Vec<&String> = declared.difference(&codes).collect();
    assert!(silent.is_empty(), "diagnostics without a case: {silent:?}");
}

#[test]
fn studies_in_the_repository_and_the_manual_are_sound() {
    let mut texts: Vec<(String, String)> = Vec::new();
    for place in ["studies", "tests/studies"] {
        for entry in std::fs::read_dir(folder(place)).expect("studies can be listed") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "study") {
                texts.push((path.display().to_string(), read(&path)));
            }
        }
    }
    for page in ["README.md", "docs/language.md"] {
        for (number, block) in read(&folder(page)).split("```study\n").skip(1).enumerate() {
            let text = block.split("```").next().unwrap_or_default().to_owned();
            texts.push((format!("{page}, study {}", number + 1), text));
        }
    }
    assert!(texts.len() >= 3);
    for (name, text) in texts {
        let checked = check(&text);
        assert!(checked.plan.is_some(), "{name}: {:?}", checked.diagnostics);
    }
}

fn colon() -> String {
    read(&folder("studies/colon_adjuvant.study"))
}

#[test]
fn layout_comments_and_order_do_not_change_the_plan() {
    let digest = |text: &str| plan::digest(&check(text).plan.expect("a sound study"));
    let text = colon();
    let expected = digest(&text);
    let commented: String = text
        .lines()
        .map(|line| format!("{line}   # a comment with {{ and \"\n"))
        .collect();
    assert_eq!(digest(&commented), expected);
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(digest(&format!("\u{feff}{crlf}")), expected);
    assert_eq!(digest(&text.replace("  ", "\t")), expected);
    // The statements in reverse order; each begins at the margin.
    let mut pieces: Vec<String> = Vec::new();
    for line in text.lines() {
        if pieces.is_empty() || line.starts_with(|c: char| c.is_ascii_lowercase()) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(line);
            piece.push('\n');
        }
    }
    pieces.reverse();
    assert_eq!(digest(&pieces.concat()), expected);
}

mod properties {
    use super::{check, colon};
    use proptest::prelude::*;

    fn settings() -> ProptestConfig {
        ProptestConfig {
            cases: 200,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(20220818),
            ..ProptestConfig::default()
        }
    }

    proptest! {
        #![proptest_config(settings())]

        /// Whatever is typed, the checker answers.
        #[test]
        fn no_text_stops_the_checker(text in "(study|table|cohort|derive|[a-z ]|[(){}\\[\\]\"#,:<>=!.0-9\n-]|\\PC){0,200}") {
            check(&text);
        }

        /// A study with a piece cut out, doubled or moved still gets an answer.
        #[test]
        fn no_edit_stops_the_checker(start in 0_usize..6000, length in 0_usize..400, to in 0_usize..6000, doubled: bool) {
            let text: Vec<char> = colon().chars().collect();
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            let to = to.min(text.len());
            let mut edited: Vec<char> = text.clone();
            if doubled {
                edited.splice(to..to, text[start..end].iter().copied());
            } else {
                edited.drain(start..end);
            }
            let edited: String = edited.into_iter().collect();
            let checked = check(&edited);
            prop_assert!(checked.plan.is_some() || !checked.diagnostics.is_empty());
        }
    }
}
