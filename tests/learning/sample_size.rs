//! Sample size: published examples and refusals.

use prereg::learning::{
    AnticipatedModel, cox_snell_of_nagelkerke, events_per_variable, sample_size_binary,
};

/// The binary example of R's pmsampsize: `pmsampsize(type = "b", csrsquared = 0.288, parameters = 24,
/// prevalence = 0.174)` gives 623, 662 and 221 patients, 116 events, 4.8 events a parameter.
#[test]
fn the_example_of_pmsampsize() {
    let size = sample_size_binary(&AnticipatedModel {
        parameters: 24,
        prevalence: 0.174,
        cox_snell_r_squared: 0.288,
    })
    .unwrap();
    assert_eq!(size.patients_for_shrinkage, 623);
    assert_eq!(size.patients_for_r_squared_difference, 662);
    assert_eq!(size.patients_for_overall_risk, 221);
    assert_eq!((size.patients, size.events), (662, 116));
    assert!((size.events_per_parameter - 4.8).abs() < 0.005);
    assert!((size.shrinkage_of_r_squared_difference - 0.905).abs() < 0.0005);
    assert!((size.max_cox_snell_r_squared - 0.603).abs() < 0.0005);
}

#[test]
fn events_per_variable_counts_the_smaller_class() {
    let outcome: Vec<bool> = (0..100).map(|i| i >= 30).collect();
    let counted = events_per_variable(&outcome, 6).unwrap();
    assert_eq!((counted.events, counted.limiting), (70, 30));
    assert_eq!(counted.events_per_variable, 5.0);
}

#[test]
fn impossible_models_are_refused() {
    let refused = |parameters, prevalence, cox_snell_r_squared| {
        sample_size_binary(&AnticipatedModel {
            parameters,
            prevalence,
            cox_snell_r_squared,
        })
        .unwrap_err()
        .to_string()
    };
    assert_eq!(
        refused(0, 0.5, 0.1),
        "the number of candidate parameters is 0: it must be at least 1"
    );
    assert_eq!(
        refused(5, 1.0, 0.1),
        "the prevalence is 1: it must be between 0 and 1"
    );
    assert_eq!(
        refused(5, 0.5, 0.75),
        "the Cox–Snell R² is 0.75: it must be above 0 and below 0.7500, the largest possible with this prevalence"
    );
    assert_eq!(
        refused(5, 0.5, f64::NAN),
        "the Cox–Snell R² is NaN: it must be above 0 and below 0.7500, the largest possible with this prevalence"
    );
    assert!((cox_snell_of_nagelkerke(0.2, 0.5).unwrap() - 0.15).abs() < 1e-12);
    assert!(cox_snell_of_nagelkerke(1.5, 0.5).is_err());
}
