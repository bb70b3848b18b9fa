//! What a run shows while it goes on, and what it says at its end. All of it goes to standard error.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tell;
use crate::engine::{Event, Observer, Outcome, Reason, Report};
use crate::plan::places;

/// Bars on a terminal, else a line for each step that is not reused; quiet, only what went wrong.
pub(super) fn observer(is_terminal: bool, quiet: bool) -> Box<dyn Observer> {
    if is_terminal && !quiet {
        Box::new(Bars::new())
    } else {
        Box::new(Lines {
            quiet,
            patients: RefCell::new(BTreeMap::new()),
        })
    }
}

/// One line an event; of the steps of single patients, one line in many.
struct Lines {
    quiet: bool,
    /// How many patients' steps of each feature table ran.
    patients: RefCell<BTreeMap<String, usize>>,
}

/// The steps of so many patients are told in one line.
const PATIENTS: usize = 50;

impl Lines {
    /// The line for a patient's step that ran; none for most, and for every other event its own line.
    fn line(&self, event: &Event) -> Option<String> {
        if let Event::Settled {
            step,
            outcome: Outcome::Failed(_),
            ..
        } = event
            && places::of_patients(step).is_some()
        {
            // Told in full at the end.
            return None;
        }
        if let Event::Settled {
            step,
            outcome: Outcome::Ran { .. },
            done,
            steps,
        } = event
            && let Some(group) = places::of_patients(step)
        {
            let mut patients = self.patients.borrow_mut();
            let count = patients.entry(group.to_owned()).or_default();
            *count += 1;
            let width = steps.to_string().len();
            return count
                .is_multiple_of(PATIENTS)
                .then(|| format!("[{done:width$}/{steps}] {group}: images of {count} patients"));
        }
        line(event)
    }
}

impl Observer for Lines {
    fn event(&self, event: &Event) {
        let wrong = matches!(event, Event::Damaged { .. });
        if let Some(line) = self.line(event)
            && (wrong || !self.quiet)
        {
            tell(&format!("{line}\n"));
        }
    }
}

/// "[ 3/42] signature.rad_score  ran in 0.8 s  (first run)".
fn line(event: &Event) -> Option<String> {
    match event {
        Event::Settled {
            step,
            outcome,
            done,
            steps,
        } => {
            let what = match outcome {
                Outcome::Reused => return None,
                Outcome::Ran { reasons, seconds } => {
                    format!("ran in {}  ({})", duration(*seconds), all(reasons))
                }
                Outcome::Failed(_) => "failed".to_owned(),
                Outcome::NotReached { because } => {
                    format!("not reached, because {} failed", together(because))
                }
            };
            let width = steps.to_string().len();
            Some(format!("[{done:width$}/{steps}] {step}  {what}"))
        }
        Event::Damaged { damage } => Some(format!("damaged and set aside: {damage}")),
        Event::Begun { .. } | Event::Running { .. } | Event::Ended => None,
    }
}

/// One bar for all steps, and a line for each that is running.
struct Bars {
    bars: MultiProgress,
    overall: ProgressBar,
    running: RefCell<BTreeMap<String, ProgressBar>>,
}

impl Bars {
    fn new() -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let overall = bars
            .add(ProgressBar::no_length().with_style(style("{bar:32} {pos}/{len}  {wide_msg}")));
        Self {
            bars,
            overall,
            running: RefCell::new(BTreeMap::new()),
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is one of the few in this file")
}

impl Observer for Bars {
    fn event(&self, event: &Event) {
        match event {
            Event::Begun { steps, files } => {
                self.overall.set_length(*steps as u64);
                if *files > 0 {
                    let plural = if *files == 1 { "" } else { "s" };
                    self.overall
                        .set_message(format!("reading {files} file{plural}"));
                }
            }
            Event::Running { step, reasons } => {
                let bar = self
                    .bars
                    .add(ProgressBar::new_spinner().with_style(style("{spinner} {wide_msg}")));
                bar.set_message(format!("{step}  {}", all(reasons)));
                bar.enable_steady_tick(Duration::from_millis(120));
                self.running.borrow_mut().insert((*step).to_owned(), bar);
            }
            Event::Settled { step, done, .. } => {
                if let Some(bar) = self.running.borrow_mut().remove(*step) {
                    bar.finish_and_clear();
                    self.bars.remove(&bar);
                }
                self.overall.set_message("");
                self.overall.set_position(*done as u64);
            }
            Event::Damaged { .. } => {
                if let Some(line) = line(event) {
                    // A terminal that has gone away is no reason to stop.
                    let _ = self.bars.println(line);
                }
            }
            Event::Ended => {
                self.overall.finish_and_clear();
                let _ = self.bars.clear();
            }
        }
    }
}

/// How many steps ran and were reused; what ran, by reason; what failed. Ends with a newline.
pub(super) fn summary(report: &Report) -> String {
    let mut ran: Vec<(String, Vec<&str>)> = Vec::new();
    let mut failed = Vec::new();
    let mut not_reached: Vec<(String, Vec<&str>)> = Vec::new();
    let mut reused = 0;
    for step in &report.steps {
        match &step.outcome {
            Outcome::Reused => reused += 1,
            Outcome::Ran { reasons, .. } => group(&mut ran, all(reasons), &step.id),
            Outcome::Failed(_) => failed.push(step.id.as_str()),
            Outcome::NotReached { because } => group(&mut not_reached, together(because), &step.id),
        }
    }
    let size =
        |groups: &[(String, Vec<&str>)]| groups.iter().map(|(_, steps)| steps.len()).sum::<usize>();
    let mut counts = vec![format!("{} ran", size(&ran)), format!("{reused} reused")];
    for (count, what) in [
        (failed.len(), "failed"),
        (size(&not_reached), "not reached"),
    ] {
        if count > 0 {
            counts.push(format!("{count} {what}"));
        }
    }
    let total = report.steps.len();
    let plural = if total == 1 { "" } else { "s" };
    let mut text = format!("{total} step{plural}: {}\n", counts.join(", "));

    const GROUPS: usize = 12;
    let first_run = all(&[Reason::FirstRun]);
    for (reason, steps) in ran.iter().take(GROUPS) {
        if *reason == first_run && steps.len() > SHOWN {
            text.push_str(&format!(
                "  {reason}: {} steps{}\n",
                steps.len(),
                among(steps)
            ));
        } else {
            text.push_str(&format!("  {}: {reason}\n", together(steps)));
        }
    }
    if ran.len() > GROUPS {
        let more = size(&ran[GROUPS..]);
        text.push_str(&format!("  and {more} more for other reasons\n"));
    }
    if !failed.is_empty() {
        text.push_str(&format!("  failed: {}\n", together(&failed)));
    }
    for (because, steps) in &not_reached {
        text.push_str(&format!(
            "  not reached because {because} failed: {}\n",
            together(steps)
        ));
    }
    text
}

/// Adds a step to its group; groups stand in the order of their first steps.
fn group<'a>(groups: &mut Vec<(String, Vec<&'a str>)>, name: String, step: &'a str) {
    match groups.iter_mut().find(|(known, _)| *known == name) {
        Some((_, steps)) => steps.push(step),
        None => groups.push((name, vec![step])),
    }
}

/// So many names are listed before the rest is counted.
const SHOWN: usize = 4;

fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Names of steps as [`listed`]; those of single patients are counted: "features.radiomics (124 patients)".
fn together<T: AsRef<str>>(names: &[T]) -> String {
    let mut grouped: Vec<(&str, usize)> = Vec::new();
    for name in names.iter().map(AsRef::as_ref) {
        match places::of_patients(name) {
            None => grouped.push((name, 0)),
            Some(group) => match grouped
                .iter_mut()
                .find(|(known, count)| *known == group && *count > 0)
            {
                Some((_, count)) => *count += 1,
                None => grouped.push((group, 1)),
            },
        }
    }
    let names: Vec<String> = grouped
        .into_iter()
        .map(|(name, count)| match count {
            0 => name.to_owned(),
            1 => format!("{name} (1 patient)"),
            count => format!("{name} ({count} patients)"),
        })
        .collect();
    listed(&names)
}

/// ", among them features.radiomics (124 patients)"; nothing if no step is a patient's.
fn among(steps: &[&str]) -> String {
    let patients: Vec<&str> = steps
        .iter()
        .copied()
        .filter(|step| places::of_patients(step).is_some())
        .collect();
    match patients.is_empty() {
        true => String::new(),
        false => format!(", among them {}", together(&patients)),
    }
}

fn all(reasons: &[Reason]) -> String {
    let texts: Vec<String> = reasons.iter().map(Reason::to_string).collect();
    texts.join("; ")
}

fn duration(seconds: f64) -> String {
    if seconds < 0.095 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::sync::Arc;
    use std::time::UNIX_EPOCH;

    use serde_json::{Value, json};

    use super::*;
    use crate::engine::{
        Action, Engine, Graph, Input, Inputs, Options, Outputs, Silent, Source, Step,
    };
    use crate::store::Store;

    type Answer = Result<Outputs, Box<dyn Error + Send + Sync>>;

    struct Function<F>(F);

    impl<F: Fn(&Inputs) -> Answer + Send + Sync> Action for Function<F> {
        fn run(&self, inputs: &Inputs) -> Answer {
            (self.0)(inputs)
        }
    }

    fn one(_: &Inputs) -> Answer {
        let mut outputs = Outputs::new();
        outputs.json("value", &1)?;
        Ok(outputs)
    }

    /// A step that takes the outputs `value` of others.
    fn step(id: &str, parameters: Value, inputs: &[&str], function: fn(&Inputs) -> Answer) -> Step {
        let input = |name: &&str| Input {
            name: (*name).to_owned(),
            source: Source::Output {
                step: (*name).to_owned(),
                output: "value".to_owned(),
            },
        };
        Step {
            id: id.to_owned(),
            kind: "number",
            version: 1,
            parameters,
            seed: None,
            inputs: inputs.iter().map(input).collect(),
            action: Arc::new(Function(function)),
        }
    }

    fn run(steps: Vec<Step>, store: &Store) -> Report<'_> {
        let options = Options {
            threads: 1,
            clock: &|| UNIX_EPOCH,
            version: "0.1.0",
        };
        Engine::run(&Graph::new("s", steps).unwrap(), store, &options, &Silent).unwrap()
    }

    fn give(value: u32) -> Answer {
        let mut outputs = Outputs::new();
        outputs.json("value", &value)?;
        Ok(outputs)
    }

    #[test]
    fn summaries_of_runs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let models: Vec<String> = (1..7).map(|number| format!("model.m{number}")).collect();
        let steps = |resamples: u32, first: fn(&Inputs) -> Answer| {
            let mut steps = vec![
                step(
                    "table.clinical",
                    json!({ "resamples": resamples }),
                    &[],
                    first,
                ),
                step("split", json!({}), &[], one),
            ];
            steps.extend(
                models
                    .iter()
                    .map(|id| step(id, json!(id), &["table.clinical", "split"], one)),
            );
            steps.push(step("table2", json!(models), &["split"], one));
            steps
        };
        assert_eq!(
            summary(&run(steps(1000, one), &store)),
            "9 steps: 9 ran, 0 reused\n  first run: 9 steps\n"
        );
        assert_eq!(
            summary(&run(steps(1000, one), &store)),
            "9 steps: 0 ran, 9 reused\n"
        );
        assert_eq!(
            summary(&run(steps(200, |_| give(2)), &store)),
            "9 steps: 7 ran, 2 reused\n\
             \x20 table.clinical: parameters changed: resamples: 1000 → 200\n\
             \x20 model.m1, model.m2, model.m3, model.m4 and 2 more: changed: table.clinical (value)\n"
        );
        let mut more = steps(200, |_| give(2));
        more.push(step("model.m7", json!({}), &["table2"], one));
        assert_eq!(
            summary(&run(more, &store)),
            "10 steps: 1 ran, 9 reused\n  model.m7: first run\n"
        );
        let failing = steps(10, |_| Err("no patients".into()));
        assert_eq!(
            summary(&run(failing, &store)),
            "9 steps: 0 ran, 2 reused, 1 failed, 6 not reached\n\
             \x20 failed: table.clinical\n\
             \x20 not reached because table.clinical failed: model.m1, model.m2, model.m3, model.m4 and 2 more\n"
        );
    }

    #[test]
    fn a_summary_tells_why_a_result_was_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let split = || vec![step("split", json!({}), &[], one)];
        let stored = run(split(), &store).stored("split", "value").unwrap();
        let object = Store::object_path(stored.sha256);
        std::fs::write(folder.path().join(&object), "12").unwrap();
        let object = object.display();
        assert_eq!(
            summary(&run(split(), &store)),
            format!(
                "1 step: 1 ran, 0 reused\n\
                 \x20 split: its result was damaged: {object}: has 2 bytes instead of 1\n"
            )
        );
    }

    #[test]
    fn lines_while_it_runs() {
        let settled = |outcome: &Outcome| {
            line(&Event::Settled {
                step: "signature.rad_score",
                outcome,
                done: 3,
                steps: 42,
            })
        };
        let ran = |seconds| Outcome::Ran {
            reasons: vec![Reason::FirstRun],
            seconds,
        };
        for (seconds, text) in [
            (0.0, "0 ms"),
            (0.0426, "43 ms"),
            (0.84, "0.8 s"),
            (59.9, "59.9 s"),
            (59.96, "1 min 0 s"),
            (3725.0, "62 min 5 s"),
        ] {
            assert_eq!(
                settled(&ran(seconds)),
                Some(format!(
                    "[ 3/42] signature.rad_score  ran in {text}  (first run)"
                ))
            );
        }
        assert_eq!(settled(&Outcome::Reused), None);
        let because = vec!["model.a".to_owned(), "model.b".to_owned()];
        assert_eq!(
            settled(&Outcome::NotReached { because }).unwrap(),
            "[ 3/42] signature.rad_score  not reached, because model.a, model.b failed"
        );
    }

    #[test]
    fn bars_follow_a_run() {
        let bars = Bars::new();
        bars.bars.set_draw_target(ProgressDrawTarget::hidden());
        bars.event(&Event::Begun { steps: 2, files: 1 });
        assert_eq!(bars.overall.message(), "reading 1 file");
        let reasons = [Reason::FirstRun];
        bars.event(&Event::Running {
            step: "split",
            reasons: &reasons,
        });
        assert_eq!(bars.running.borrow()["split"].message(), "split  first run");
        bars.event(&Event::Settled {
            step: "split",
            outcome: &Outcome::Reused,
            done: 1,
            steps: 2,
        });
        assert!(bars.running.borrow().is_empty());
        assert_eq!(
            (bars.overall.position(), bars.overall.length()),
            (1, Some(2))
        );
        bars.event(&Event::Ended);
        assert!(bars.overall.is_finished());
    }
}
