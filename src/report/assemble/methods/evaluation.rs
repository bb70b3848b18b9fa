//! How scores were evaluated, how survival was analysed, and the conventions of all tests.

use crate::plan::{
    Analysis, CategoryTest, Characteristics, CharacteristicsBy, CoxRegression, KaplanMeier,
    NumberSummary, NumberTest, Performance, Plan, SubgroupBenefit,
};

use super::conditions::sign;
use super::patients::alpha;
use super::{labels, list, number, on};
use crate::report::assemble::notes::confidence;

pub(super) fn performance(plan: &Plan) -> Vec<String> {
    plan.analyses
        .values()
        .filter_map(|analysis| match analysis {
            Analysis::Performance(analysis) => Some(of_performance(plan, analysis)),
            _ => None,
        })
        .collect()
}

fn sets(plan: &Plan, names: &[String]) -> String {
    list(&names.iter().map(|set| on(plan, set)).collect::<Vec<_>>())
}

fn of_performance(plan: &Plan, analysis: &Performance) -> String {
    let mut text = format!(
        "How well {} {} {} was evaluated on {}: area under the receiver operating characteristic curve with DeLong's \
         variance",
        list(&labels(plan, &analysis.scores)),
        if analysis.scores.len() == 1 {
            "predicts"
        } else {
            "predict"
        },
        plan.label(&analysis.outcome),
        sets(plan, &analysis.on)
    );
    if analysis.comparisons.is_empty() {
        text.push('.');
    } else {
        let pairs: Vec<String> = analysis
            .comparisons
            .iter()
            .map(|(first, second)| format!("{} with {}", plan.label(first), plan.label(second)))
            .collect();
        text.push_str(&format!(
            ", compared by DeLong's test for paired areas ({}).",
            pairs.join("; ")
        ));
    }
    if analysis.at_cutoff {
        text.push_str(
            " Accuracy, sensitivity and specificity are those at the cut-off of each score.",
        );
    }
    if let Some(resamples) = analysis.calibration_resamples {
        text.push_str(&format!(
            " Calibration of predicted probabilities was estimated by smoothing and corrected for optimism with {resamples} \
             bootstrap resamples (seed {}).",
            plan.study.seed
        ));
    }
    if let Some(groups) = analysis.hosmer_lemeshow_groups {
        text.push_str(&format!(
            " The Hosmer–Lemeshow test has {groups} groups of predicted risk."
        ));
    }
    if let Some(range) = &analysis.decision_curve {
        text.push_str(&format!(
            " Net benefit was computed at threshold probabilities from {} to {} in steps of {} (decision curve analysis).",
            number(range.from),
            number(range.to),
            number(range.step)
        ));
    }
    text
}

pub(super) fn survival(plan: &Plan) -> Vec<String> {
    plan.analyses
        .values()
        .filter_map(|analysis| match analysis {
            Analysis::KaplanMeier(analysis) => Some(kaplan_meier(plan, analysis)),
            Analysis::Cox(analysis) => Some(cox(plan, analysis)),
            Analysis::Subgroup(analysis) => Some(subgroup(plan, analysis)),
            Analysis::Characteristics(_) | Analysis::Performance(_) => None,
        })
        .collect()
}

fn kaplan_meier(plan: &Plan, analysis: &KaplanMeier) -> String {
    let endpoints = list(&labels(plan, &analysis.endpoints));
    let on = on(plan, &analysis.on);
    let were = if analysis.endpoints.len() == 1 {
        "was"
    } else {
        "were"
    };
    if analysis.by.is_empty() {
        return format!(
            "{endpoints} of {on} {were} estimated by Kaplan and Meier, with Greenwood's variance and log-log intervals."
        );
    }
    format!(
        "{endpoints} {were} estimated on {on} by Kaplan and Meier within the groups of {}, with Greenwood's variance and log-log \
         intervals, and compared by the log-rank test.",
        list(&labels(plan, &analysis.by))
    )
}

fn cox(plan: &Plan, analysis: &CoxRegression) -> String {
    let screen = match &analysis.screen {
        Some(screen) => format!(
            "candidates with a univariable p {} {} entered the multivariable model",
            sign(screen.comparison),
            number(screen.p)
        ),
        None => "all candidates entered the multivariable model".to_owned(),
    };
    format!(
        "{} was regressed on {} on {} by Cox's proportional hazards model (Efron's treatment of ties, Wald intervals), each \
         alone and together; {screen}. Proportional hazards were tested on the scaled Schoenfeld residuals of the \
         multivariable model.",
        plan.label(&analysis.endpoint),
        list(&labels(plan, &analysis.candidates)),
        on(plan, &analysis.on)
    )
}

fn subgroup(plan: &Plan, analysis: &SubgroupBenefit) -> String {
    let mut text = format!(
        "The effect of {} on {} was estimated on {} within the groups of {}: median survival of both arms (Kaplan and Meier), \
         log-rank test, hazard ratio (Cox, Efron's treatment of ties)",
        plan.label(&analysis.treatment),
        list(&labels(plan, &analysis.endpoints)),
        on(plan, &analysis.on),
        list(&labels(plan, &analysis.within))
    );
    if !analysis.adjust.is_empty() {
        text.push_str(&format!(
            ", and the hazard ratio adjusted for {}",
            list(&labels(plan, &analysis.adjust))
        ));
    }
    text.push('.');
    if analysis.interaction {
        text.push_str(
            " Whether the effect differs between groups was tested by the likelihood-ratio test of the treatment-by-group \
             interaction.",
        );
    }
    text
}

pub(super) fn statistics(plan: &Plan, prereg_version: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = plan
        .analyses
        .values()
        .filter_map(|analysis| match analysis {
            Analysis::Characteristics(analysis) => Some(characteristics(plan, analysis)),
            _ => None,
        })
        .collect();
    paragraphs.push(format!(
        "Tests are two-sided; p values below {} are called significant and were not adjusted for the number of tests. \
         Intervals have a confidence of {}.",
        alpha(plan),
        confidence(plan)
    ));
    paragraphs.push(format!(
        "All computations were done by prereg {prereg_version} from the declared study {}, version {}. Random draws come from \
         the seed {} and the place of each step in the plan, so that the numbers can be computed again.",
        plan.study.name, plan.study.version, plan.study.seed
    ));
    paragraphs
}

fn characteristics(plan: &Plan, analysis: &Characteristics) -> String {
    let by = match &analysis.by {
        CharacteristicsBy::Split => plan
            .split
            .as_ref()
            .map(|split| sets(plan, &split.sets))
            .unwrap_or_default(),
        CharacteristicsBy::Value(value) => format!("the groups of {}", plan.label(value)),
    };
    let number_test = match analysis.number_test {
        NumberTest::MannWhitney => {
            "the Mann–Whitney U test (Kruskal–Wallis with more than two groups)"
        }
        NumberTest::WelchT => "Welch's t test",
    };
    let category_test = match analysis.category_test {
        CategoryTest::ChiSquare => {
            "Pearson's chi-square test with Yates' correction in 2 × 2 tables"
        }
        CategoryTest::ChiSquareUncorrected => "Pearson's chi-square test",
        CategoryTest::FisherExact => "Fisher's exact test",
        CategoryTest::ByExpectedCount => {
            "Pearson's chi-square test, or Fisher's exact test where an expected count is below 5"
        }
    };
    let summary = match analysis.summary {
        NumberSummary::MedianQuartiles => "median and quartiles",
        NumberSummary::MeanStandardDeviation => "mean and standard deviation",
    };
    format!(
        "{}: {by} were compared by {number_test} for numbers, shown as {summary}, and by {category_test} for categories, unless \
         a row names another test.",
        analysis.title
    )
}
