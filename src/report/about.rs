//! What each kind of step does, for readers of a number: the method, its formula and where it is from.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct About {
    pub(super) method: &'static str,
    pub(super) formula: &'static str,
    pub(super) source: &'static str,
}

const fn about_step(method: &'static str, formula: &'static str, source: &'static str) -> About {
    About {
        method,
        formula,
        source,
    }
}

/// None for a kind that this version does not know.
pub(super) fn about(kind: &str) -> Option<About> {
    Some(match kind {
        "read_table" => about_step(
            "Reads a table and checks every cell against its declared type",
            "",
            "",
        ),
        "join_table" => about_step("Aligns a table with the patients by the key", "", ""),
        "cohort" => about_step(
            "Applies the exclusions in the declared order; each counts the patients still there",
            "",
            "",
        ),
        "derived_value" => about_step("Computes a derived value for each patient", "", ""),
        "endpoint" => about_step("Computes the outcome of each patient", "", ""),
        "outcome_summary" => about_step(
            "Counts events; median time by Kaplan–Meier, median follow-up by reverse Kaplan–Meier, log-log intervals",
            "S(t) = Π (1 − d_i / n_i); the median is the first time with S(t) ≤ ½",
            "Kaplan & Meier 1958; Schemper & Smith 1996; Brookmeyer & Crowley 1982",
        ),
        "split" => about_step(
            "Divides the patients into sets",
            "a random permutation from the seed, cut at the declared ratio within each stratum",
            "ChaCha12 keyed by seed and place",
        ),
        "imputation" => about_step("Replaces missing values by one learned on a set", "", ""),
        "random_forest_signature" => about_step(
            "Random forest: probability is the mean over trees of the leaf's share of events; tuned by stratified folds",
            "Gini impurity 2p(1 − p); out-of-bag scores by the trees that did not see the patient",
            "Breiman 2001; Malley et al. 2012",
        ),
        "logistic_model" => about_step(
            "Logistic regression by maximum likelihood; profile-likelihood intervals",
            "logit P(y = 1) = β₀ + Σ β_j x_j",
            "McCullagh & Nelder 1989; Venzon & Moolgavkar 1988",
        ),
        "cutoff" => about_step(
            "Finds the cut-off by the declared rule; high is a score at or above it",
            "Youden: max of sensitivity + specificity − 1 over the observed scores",
            "Youden 1950",
        ),
        "characteristics" => about_step(
            "Summarises each characteristic by group and tests the difference by the test named under the table",
            "",
            "Pearson 1900; Yates 1934; Fisher 1935; Mann & Whitney 1947; Kruskal & Wallis 1952; Welch 1947",
        ),
        "discrimination" => about_step(
            "Area under the receiver operating characteristic curve with DeLong's variance; paired DeLong test",
            "AUC = Σ_i Σ_j ψ(x_i, y_j) / (m n), ψ = 1, ½, 0 for x >, =, < y",
            "DeLong, DeLong & Clarke-Pearson 1988; Sun & Xu 2014",
        ),
        "classification" => about_step(
            "Accuracy, sensitivity and specificity at the cut-off; Wilson intervals",
            "sensitivity = TP / (TP + FN); specificity = TN / (TN + FP)",
            "Wilson 1927",
        ),
        "calibration" => about_step(
            "Calibration curve by lowess, corrected for optimism by the bootstrap; intercept, slope, Brier score",
            "corrected = apparent − mean(apparent in resample − resample's model in the data)",
            "Harrell, Regression Modeling Strategies 2015; Cleveland 1979",
        ),
        "hosmer_lemeshow" => about_step(
            "Hosmer–Lemeshow test over groups of predicted risk",
            "Σ (O_g − E_g)² / (E_g (1 − E_g / n_g))",
            "Hosmer & Lemeshow 1980",
        ),
        "decision_curve" => about_step(
            "Net benefit by threshold probability",
            "TP / n − FP / n × p_t / (1 − p_t)",
            "Vickers & Elkin 2006",
        ),
        "kaplan_meier" => about_step(
            "Kaplan–Meier curves with Greenwood's variance and log-log intervals; log-rank test",
            "S(t) = Π (1 − d_i / n_i)",
            "Kaplan & Meier 1958; Greenwood 1926; Mantel 1966",
        ),
        "cox_regression" => about_step(
            "Cox regression with Efron's treatment of ties; Wald intervals",
            "h(t | x) = h₀(t) exp(Σ β_j x_j)",
            "Cox 1972; Efron 1977; Grambsch & Therneau 1994",
        ),
        "treatment_benefit" => about_step(
            "Effect of treatment within groups: medians, log-rank test, hazard ratios; likelihood-ratio test of interaction",
            "2 (log L with treatment × group − log L without)",
            "Kaplan & Meier 1958; Mantel 1966; Cox 1972",
        ),
        "features_of_patient" | "extract_features" => about_step(
            "Preprocesses the image and takes radiomic features within the region",
            "",
            "van Griethuysen et al. 2017; Zwanenburg et al. 2020",
        ),
        "repeatability" => about_step(
            "Intraclass correlation of each feature between readings of the region",
            "two-way: (MS_R − MS_E) / (MS_R + (k − 1) MS_E + k (MS_C − MS_E) / n)",
            "Shrout & Fleiss 1979; McGraw & Wong 1996",
        ),
        "combat" => about_step(
            "Harmonises features between batches by parametric empirical Bayes",
            "x* = σ (z − γ*) / δ* + α + Xβ",
            "Johnson, Li & Rabinovic 2007; Fortin et al. 2018",
        ),
        "z_score" | "standardize" => about_step(
            "Standardises features by mean and standard deviation of a set",
            "(x − mean) / SD",
            "",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn an_unknown_kind_has_nothing_said_about_it() {
        assert_eq!(about("no such step"), None);
        assert!(about("calibration").is_some_and(|about| about.source.contains("Harrell")));
    }
}
