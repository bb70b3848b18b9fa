//! The methods section in prose, written from the plan alone, so that it cannot say anything else than what was run.

mod conditions;
mod evaluation;
mod imaging;
mod learning;
mod patients;

use crate::plan::Plan;
use crate::report::Chapter;

use super::collector::words;

/// The chapters of the methods section, those without anything to say left out.
pub(super) fn methods(plan: &Plan, prereg_version: &str) -> Vec<Chapter> {
    [
        ("patients", "Patients", patients::patients(plan)),
        ("outcomes", "Outcomes", patients::outcomes(plan)),
        ("missing", "Missing values", patients::missing(plan)),
        ("imaging", "Images and features", imaging::features(plan)),
        ("signatures", "Signatures", learning::signatures(plan)),
        ("models", "Models", learning::models(plan)),
        ("risk-groups", "Risk groups", learning::cutoffs(plan)),
        ("evaluation", "Evaluation", evaluation::performance(plan)),
        ("survival", "Survival analysis", evaluation::survival(plan)),
        (
            "statistics",
            "Statistics and software",
            evaluation::statistics(plan, prereg_version),
        ),
    ]
    .into_iter()
    .filter(|(_, _, paragraphs)| !paragraphs.is_empty())
    .map(|(id, title, paragraphs)| Chapter {
        id: format!("methods-{id}"),
        title: title.to_owned(),
        paragraphs: paragraphs
            .into_iter()
            .map(|text| vec![words(text)])
            .collect(),
    })
    .collect()
}

/// "a", "a and b", "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "a, b or c".
fn any_of(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Labels of values, in order.
fn labels<'a>(plan: &Plan, names: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    names
        .into_iter()
        .map(|name| plan.label(name).to_owned())
        .collect()
}

/// A number as the study would write it.
fn number(value: f64) -> String {
    let text = format!("{value}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// "in the training set", "in the whole cohort".
fn on(plan: &Plan, set: &str) -> String {
    format!("the {}", super::flow::set_phrase(plan, set))
}

#[cfg(test)]
mod tests {
    use super::{any_of, list, number};

    #[test]
    fn lists_read_as_sentences_do() {
        let of = |items: &[&str]| {
            items
                .iter()
                .map(|item| (*item).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(list(&of(&["a"])), "a");
        assert_eq!(list(&of(&["a", "b"])), "a and b");
        assert_eq!(list(&of(&["a", "b", "c"])), "a, b and c");
        assert_eq!(any_of(&of(&["a", "b", "c"])), "a, b or c");
        assert_eq!(list(&[]), "");
    }

    #[test]
    fn numbers_have_no_needless_digits() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(0.05), "0.05");
    }
}
