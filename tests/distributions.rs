//! Distribution functions and quantiles: laws that must hold anywhere, and the ends of their ranges. Agreement with
//! mpmath, far into the tails, is tested by the reference cases.

use prereg::numerics::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_220_818),
        ..ProptestConfig::default()
    }
}

#[track_caller]
fn near(a: f64, b: f64, tolerance: f64) {
    assert!(
        a == b || ((a - b) / b).abs() <= tolerance,
        "{a:e} is not {b:e}"
    );
}

/// Positive numbers over many orders of magnitude.
fn positive(ln_low: f64, ln_high: f64) -> impl Strategy<Value = f64> {
    (ln_low..ln_high).prop_map(exp)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn closed_forms(x in positive(-7.0, 7.0), t in positive(-7.0, 250.0), degrees in positive(-1.0, 11.5)) {
        near(chi_squared_upper(2.0 * x, 2.0), exp(-x), 1e-13);
        near(f_upper(x, 2.0, degrees), exp(-0.5 * degrees * ln_1p(2.0 * x / degrees)), 1e-12);
        // Arc tangent of the angle left.
        near(student_t_two_sided(t, 1.0), arc_tangent(1.0 / t) * 2.0 / std::f64::consts::PI, 1e-13);
        let root = (2.0 / t / t + 1.0).sqrt();
        near(student_t_two_sided(t, 2.0), 2.0 / (t * t * root * (root + 1.0)), 1e-13);
        near(incomplete_beta(degrees, 1.0, x / (1.0 + x), 1.0 / (1.0 + x)), exp(-degrees * ln_1p(1.0 / x)), 1e-12);
    }

    #[test]
    fn one_distribution_by_another(t in positive(-3.0, 8.0), degrees in positive(-1.0, 11.5), d1 in positive(-1.0, 11.5)) {
        let tails = student_t_two_sided(t, degrees);
        near(f_upper(t * t, 1.0, degrees), tails, 1e-12);
        near(student_t_two_sided(-t, degrees), tails, 0.0);
        near(student_t_two_sided(t, 1e17), normal_two_sided(t), 1e-10);
        near(normal_two_sided(t), chi_squared_upper(t * t, 1.0), 1e-12);
        // Swapping the degrees of freedom inverts F.
        let (above, below) = (f_upper(t, d1, degrees), f_upper(1.0 / t, degrees, d1));
        prop_assert!((above + below - 1.0).abs() < 1e-12);
    }

    #[test]
    fn tails_sum_to_1_and_fall(a in positive(-4.0, 12.0), b in positive(-4.0, 12.0), x in 0.0_f64..1.0, factor in positive(-2.0, 2.0)) {
        let (lower, upper) = (incomplete_beta(a, b, x, 1.0 - x), incomplete_beta(b, a, 1.0 - x, x));
        prop_assert!((lower + upper - 1.0).abs() < 1e-13);
        let y = a * factor;
        let (lower, upper) = (incomplete_gamma_lower(a, y), incomplete_gamma_upper(a, y));
        prop_assert!((lower + upper - 1.0).abs() < 1e-13);
        prop_assert!(incomplete_gamma_upper(a, y * 1.001) <= upper);
        prop_assert!(f_upper(factor * 1.001, a, b) <= f_upper(factor, a, b));
    }

    #[test]
    fn quantiles_invert(
        probability in prop_oneof![0.0_f64..1.0, positive(-300.0, -1.0)],
        a in positive(-1.0, 11.5),
        b in positive(-1.0, 11.5),
    ) {
        let p = probability;
        near(normal_lower(normal_quantile(p)), p, 1e-11);
        let x = chi_squared_quantile(p, a);
        // Below the smallest number nothing can be inverted.
        if x > 1e-300 {
            near(1.0 - incomplete_gamma_lower(a / 2.0, x / 2.0), 1.0 - p, 1e-12);
            near(incomplete_gamma_lower(a / 2.0, x / 2.0), p, 1e-10);
        }
        let t = student_t_quantile(p, a);
        if t.is_finite() {
            let tail = student_t_two_sided(t, a) / 2.0;
            near(if t < 0.0 { tail } else { 1.0 - tail }, p, 1e-10);
        }
        let x = f_quantile(p, a, b);
        if x > 1e-300 && x < 1e300 {
            near(f_upper(1.0 / x, b, a), p, 1e-10);
        }
        let x = beta_quantile(p, a, b);
        if x > 1e-300 && x < 0.9 {
            near(incomplete_beta(a, b, x, 1.0 - x), p, 1e-10);
        }
    }
}

#[test]
fn ends_of_the_ranges() {
    let infinity = f64::INFINITY;
    assert_eq!(
        (
            normal_upper(infinity),
            normal_upper(-infinity),
            normal_upper(0.0)
        ),
        (0.0, 1.0, 0.5)
    );
    assert_eq!(
        (
            chi_squared_upper(0.0, 3.0),
            chi_squared_upper(-1.0, 3.0),
            chi_squared_upper(infinity, 3.0)
        ),
        (1.0, 1.0, 0.0)
    );
    assert_eq!(
        (
            student_t_two_sided(0.0, 3.0),
            student_t_two_sided(infinity, 3.0)
        ),
        (1.0, 0.0)
    );
    assert_eq!(student_t_two_sided(2.0, infinity), normal_two_sided(2.0));
    assert_eq!(
        (f_upper(0.0, 1.0, 2.0), f_upper(infinity, 1.0, 2.0)),
        (1.0, 0.0)
    );
    assert_eq!(
        (
            incomplete_beta(2.0, 3.0, 0.0, 1.0),
            incomplete_beta(2.0, 3.0, 1.0, 0.0)
        ),
        (0.0, 1.0)
    );
    assert_eq!(
        (
            normal_quantile(0.0),
            normal_quantile(1.0),
            normal_quantile(0.5)
        ),
        (-infinity, infinity, 0.0)
    );
    assert_eq!(
        (
            chi_squared_quantile(0.0, 3.0),
            chi_squared_quantile(1.0, 3.0)
        ),
        (0.0, infinity)
    );
    assert_eq!(
        (
            student_t_quantile(0.0, 3.0),
            student_t_quantile(0.5, 3.0),
            student_t_quantile(1.0, 3.0)
        ),
        (-infinity, 0.0, infinity)
    );
    assert_eq!(
        (f_quantile(0.0, 3.0, 4.0), f_quantile(1.0, 3.0, 4.0)),
        (0.0, infinity)
    );
    assert_eq!(
        (beta_quantile(0.0, 3.0, 4.0), beta_quantile(1.0, 3.0, 4.0)),
        (0.0, 1.0)
    );
    // As many degrees of freedom as there are, against few.
    near(
        student_t_two_sided(2.0, 1e300),
        normal_two_sided(2.0),
        1e-14,
    );
    near(f_upper(2.0, 3.0, 1e300), chi_squared_upper(6.0, 3.0), 1e-13);
    // A tail below the smallest number is 0, and nothing hangs.
    assert_eq!(normal_upper(40.0), 0.0);
    assert_eq!(chi_squared_upper(1e300, 1.0), 0.0);
    assert_eq!(f_upper(1e300, 1e5, 1e5), 0.0);
    assert!(f_upper(1e300, 1e5, 1e-3) > 0.1);
    for bad in [
        normal_upper(f64::NAN),
        normal_quantile(1.5),
        normal_quantile(f64::NAN),
        chi_squared_upper(1.0, 0.0),
        chi_squared_upper(f64::NAN, 1.0),
        chi_squared_upper(1.0, f64::NAN),
        chi_squared_quantile(-0.1, 2.0),
        chi_squared_quantile(0.5, -2.0),
        student_t_two_sided(f64::NAN, 2.0),
        student_t_two_sided(1.0, -2.0),
        student_t_quantile(0.3, f64::NAN),
        f_upper(f64::NAN, 1.0, 1.0),
        f_upper(1.0, 0.0, 1.0),
        f_quantile(2.0, 1.0, 1.0),
        incomplete_beta(0.0, 1.0, 0.5, 0.5),
        incomplete_beta(1.0, 1.0, f64::NAN, 0.5),
        beta_quantile(0.5, 1.0, 0.0),
        chi_squared_upper(1e20, 1e20),
        f_upper(1.0, 1e20, 1e20),
    ] {
        assert!(bad.is_nan(), "{bad}");
    }
}

#[test]
fn logarithms_of_gamma_and_beta() {
    near(exp(ln_gamma(6.0)), 120.0, 1e-14);
    near(exp(ln_beta(2.0, 3.0)), 1.0 / 12.0, 1e-14);
    // B(a, 1) = 1 / a, B(a, 2) = 1 / (a (a + 1)).
    for a in [0.5, 9.5, 1e3, 1e7] {
        near(ln_beta(a, 1.0), -ln(a), 1e-13);
        near(ln_beta(2.0, a), -ln(a) - ln(a + 1.0), 1e-13);
    }
}

/// Near its mean a distribution with the largest parameters allowed takes the most terms; it still ends, near the normal.
#[test]
fn the_largest_parameters_end() {
    for p in [
        chi_squared_upper(1e10, 1e10),
        f_upper(1.0, 1e10, 1e10),
        incomplete_beta(1e10, 1e10, 0.5, 0.5),
        incomplete_gamma_upper(1e12, 1e12),
    ] {
        assert!((p - 0.5).abs() < 1e-4, "{p}");
    }
}
