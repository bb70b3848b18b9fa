//! Comparisons of groups and agreement of readers: laws that must hold on any data, examples that can be followed by hand or
//! counted out, and bad data with the messages it gets. Agreement with other programs is tested by the reference cases.

use ndarray::{Array2, array};
use prereg::numerics::{self, Random};
use prereg::statistics::*;
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
fn close(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())),
        "{a} is not {b}"
    );
}

#[track_caller]
fn message<T: std::fmt::Debug, E: std::fmt::Display>(result: Result<T, E>, part: &str) {
    let text = result.expect_err("bad data").to_string();
    assert!(text.contains(part), "{text:?} does not say {part:?}");
}

fn random() -> Random {
    Random::new(20_220_818, "group_comparison")
}

fn fisher(table: &[Vec<u64>]) -> FisherExact {
    fisher_exact(table, 0.95, &random()).expect("a table")
}

fn transposed(table: &[Vec<u64>]) -> Vec<Vec<u64>> {
    (0..table[0].len())
        .map(|column| table.iter().map(|row| row[column]).collect())
        .collect()
}

fn tables(
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    most: u64,
) -> impl Strategy<Value = Vec<Vec<u64>>> {
    (rows, columns)
        .prop_flat_map(move |(rows, columns)| {
            proptest::collection::vec(proptest::collection::vec(0..=most, columns), rows)
        })
        .prop_filter("two rows and two columns with patients", |table| {
            let filled = |table: &[Vec<u64>]| {
                table
                    .iter()
                    .filter(|row| row.iter().sum::<u64>() > 0)
                    .count()
            };
            filled(table) >= 2 && filled(&transposed(table)) >= 2
        })
}

/// (probability relative to the others, is it the observed one) of every table with the margins of this one, by placing one
/// patient count after another.
fn all_tables(table: &[Vec<u64>]) -> Vec<f64> {
    fn place(cells: &mut Vec<u64>, rows: &mut [u64], columns: &mut [u64], found: &mut Vec<f64>) {
        let (height, width) = (rows.len(), columns.len());
        let cell = cells.len();
        if cell == height * width {
            if rows.iter().chain(columns.iter()).all(|left| *left == 0) {
                found.push(weight(cells));
            }
            return;
        }
        let (row, column) = (cell / width, cell % width);
        for count in 0..=rows[row].min(columns[column]) {
            rows[row] -= count;
            columns[column] -= count;
            cells.push(count);
            place(cells, rows, columns, found);
            cells.pop();
            rows[row] += count;
            columns[column] += count;
        }
    }
    let mut found = Vec::new();
    let mut rows: Vec<u64> = table.iter().map(|row| row.iter().sum()).collect();
    let mut columns: Vec<u64> = transposed(table)
        .iter()
        .map(|row| row.iter().sum())
        .collect();
    place(&mut Vec::new(), &mut rows, &mut columns, &mut found);
    found
}

/// 1 / ∏ cell!.
fn weight(cells: &[u64]) -> f64 {
    cells
        .iter()
        .map(|count| 1.0 / (1..=*count).map(|k| k as f64).product::<f64>())
        .product()
}

fn counted_out(table: &[Vec<u64>]) -> f64 {
    let all = all_tables(table);
    let observed = weight(&table.concat()) * (1.0 + 1e-7);
    all.iter().filter(|w| **w <= observed).sum::<f64>() / all.iter().sum::<f64>()
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn fisher_agrees_with_counting_all_tables(table in tables(2..4, 2..4, 5)) {
        close(fisher(&table).p_value, counted_out(&table), 1e-12);
    }

    #[test]
    fn rows_and_columns_are_interchangeable(table in tables(2..5, 2..5, 7), seed in any::<u64>()) {
        let mut shuffled = table.clone();
        Random::new(seed, "rows").shuffle(&mut shuffled);
        for other in [transposed(&table), shuffled] {
            let (a, b) = (chi_square(&table, true).unwrap(), chi_square(&other, true).unwrap());
            close(a.statistic, b.statistic, 1e-12);
            prop_assert_eq!(a.degrees_of_freedom, b.degrees_of_freedom);
            close(a.p_value, b.p_value, 1e-11);
            close(a.smallest_expected, b.smallest_expected, 1e-15);
            close(fisher(&table).p_value, fisher(&other).p_value, 1e-11);
        }
    }

    #[test]
    fn an_empty_level_changes_nothing(table in tables(2..4, 2..4, 9)) {
        let mut wider: Vec<Vec<u64>> = table.iter().map(|row| [vec![0], row.clone()].concat()).collect();
        wider.push(vec![0; wider[0].len()]);
        let (a, b) = (chi_square(&table, true).unwrap(), chi_square(&wider, true).unwrap());
        prop_assert_eq!(a.p_value, b.p_value);
        prop_assert!(b.empty_rows.contains(&table.len()) && b.empty_columns.contains(&0));
        let (a, b) = (fisher(&table), fisher(&wider));
        prop_assert_eq!(a.p_value, b.p_value);
        prop_assert_eq!(a.odds_ratio, b.odds_ratio);
        prop_assert!(b.empty_rows.contains(&table.len()) && b.empty_columns.contains(&0));
    }

    /// With two groups Welch's analysis of variance is Welch's t test; with any, units and order do not matter.
    #[test]
    fn welch_of_several_means(
        groups in proptest::collection::vec(proptest::collection::vec(-50.0f64..50.0, 3..9), 2..5),
        scale in 0.1f64..10.0,
    ) {
        let slices = |groups: &[Vec<f64>]| -> WelchAnova {
            welch_anova(&groups.iter().map(Vec::as_slice).collect::<Vec<_>>()).expect("values that vary")
        };
        let found = slices(&groups);
        let t = welch_t(&groups[0], &groups[1], 0.95).expect("values that vary");
        let two = slices(&groups[..2]);
        close(two.f, t.t * t.t, 1e-9);
        close(two.p_value, t.p_value, 1e-9);
        let mut other: Vec<Vec<f64>> = groups
            .iter()
            .map(|values| values.iter().rev().map(|v| 3.0 - scale * v).collect())
            .collect();
        other.reverse();
        let moved = slices(&other);
        close(moved.f, found.f, 1e-8);
        close(moved.p_value, found.p_value, 1e-8);
        close(moved.denominator_degrees_of_freedom, found.denominator_degrees_of_freedom, 1e-8);
    }

    #[test]
    fn swapping_columns_inverts_the_odds_ratio(
        counts in proptest::collection::vec(0_u64..40, 4)
            .prop_filter("no empty row or column", |c| c[0] + c[1] > 0 && c[2] + c[3] > 0 && c[0] + c[2] > 0 && c[1] + c[3] > 0),
        level in 0.5_f64..0.999,
    ) {
        let table = vec![vec![counts[0], counts[1]], vec![counts[2], counts[3]]];
        let swapped = vec![vec![counts[1], counts[0]], vec![counts[3], counts[2]]];
        let ratio = |table: &[Vec<u64>]| fisher_exact(table, level, &random()).unwrap().odds_ratio.unwrap();
        let (a, b) = (ratio(&table), ratio(&swapped));
        let inverted = |value: Option<f64>| value.map_or(0.0, |v| 1.0 / v);
        close(inverted(a.estimate), b.estimate.unwrap_or(f64::INFINITY).min(f64::MAX), 1e-11);
        close(inverted(a.upper), b.lower, 1e-11);
        close(inverted(b.upper), a.lower, 1e-11);
        let estimate = a.estimate.unwrap_or(f64::INFINITY);
        prop_assert!(a.lower <= estimate && a.upper.is_none_or(|upper| estimate <= upper));
    }

    #[test]
    fn the_limits_leave_half_of_alpha_on_each_side(a in 1_u64..12, b in 1_u64..12, c in 1_u64..12, d in 1_u64..12) {
        let ratio = fisher(&[vec![a, b], vec![c, d]]).odds_ratio.unwrap();
        let choose = |n: u64, k: u64| (1..=k).map(|i| (n - k + i) as f64 / i as f64).product::<f64>();
        let (r1, r2, c1) = (a + b, c + d, a + c);
        let probability = |odds: f64, wanted: &dyn Fn(u64) -> bool| {
            let weights: Vec<(u64, f64)> = (c1.saturating_sub(r2)..=r1.min(c1))
                .map(|x| (x, choose(r1, x) * choose(r2, c1 - x) * numerics::power(odds, x as f64)))
                .collect();
            let total: f64 = weights.iter().map(|w| w.1).sum();
            weights.iter().filter(|w| wanted(w.0)).map(|w| w.1).sum::<f64>() / total
        };
        close(probability(ratio.lower, &|x| x >= a), 0.025, 1e-11);
        close(probability(ratio.upper.unwrap(), &|x| x <= a), 0.025, 1e-11);
    }

    #[test]
    fn samples_swap(
        x in proptest::collection::vec(-20_i32..20, 2..30),
        y in proptest::collection::vec(-20_i32..20, 2..30),
        shift in -5_i32..5,
    ) {
        let number = |values: &[i32]| values.iter().map(|v| f64::from(*v) / 4.0).collect::<Vec<f64>>();
        let (x, y) = (number(&x), number(&y));
        prop_assume!(x.iter().chain(&y).any(|v| *v != x[0]));
        for continuity_correction in [false, true] {
            let method = MannWhitneyMethod::Asymptotic { continuity_correction };
            let (a, b) = (mann_whitney(&x, &y, method).unwrap(), mann_whitney(&y, &x, method).unwrap());
            prop_assert_eq!(a.u + b.u, (x.len() * y.len()) as f64);
            prop_assert_eq!(a.p_value, b.p_value);
            prop_assert_eq!(a.z.unwrap(), -b.z.unwrap());
            // Only the order counts.
            let cubes = |values: &[f64]| values.iter().map(|v| v * v * v + f64::from(shift)).collect::<Vec<f64>>();
            prop_assert_eq!(&a, &mann_whitney(&cubes(&x), &cubes(&y), method).unwrap());
        }
        let plain = mann_whitney(&x, &y, MannWhitneyMethod::Asymptotic { continuity_correction: false }).unwrap();
        let ranks = kruskal_wallis(&[&x, &y]).unwrap();
        close(ranks.p_value, plain.p_value, 1e-10);
        close(ranks.h, plain.z.unwrap() * plain.z.unwrap(), 1e-12);
        // Counted out: pairs with x above y, ties one half.
        let pairs: f64 = x.iter().flat_map(|a| y.iter().map(move |b| {
            if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 }
        })).sum();
        prop_assert_eq!(plain.u, pairs);

        if let Ok(t) = welch_t(&x, &y, 0.95) {
            let back = welch_t(&y, &x, 0.95).unwrap();
            prop_assert_eq!(t.t, -back.t);
            prop_assert_eq!(t.p_value, back.p_value);
            close(t.lower, -back.upper, 1e-14);
            // The interval holds 0 just when p is above 0.05.
            prop_assert_eq!(t.lower <= 0.0 && 0.0 <= t.upper, t.p_value >= 0.05);
            prop_assert_eq!(standardized_mean_difference(&x, &y), standardized_mean_difference(&y, &x));
        }
    }

    #[test]
    fn the_exact_rank_test_counts_all_choices(x in proptest::collection::vec(any::<i16>(), 1..6), y in proptest::collection::vec(any::<i16>(), 1..6)) {
        let all: Vec<i16> = x.iter().chain(&y).copied().collect();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        sorted.dedup();
        prop_assume!(sorted.len() == all.len());
        let number = |values: &[i16]| values.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
        let test = mann_whitney(&number(&x), &number(&y), MannWhitneyMethod::Automatic).unwrap();
        prop_assert_eq!(test.method, MannWhitneyMethod::Exact);
        let pairs = |chosen: &[bool]| {
            (0..all.len()).filter(|i| chosen[*i]).map(|i| {
                (0..all.len()).filter(|j| !chosen[*j] && all[i] > all[*j]).count()
            }).sum::<usize>()
        };
        let observed = (0..all.len()).map(|i| i < x.len()).collect::<Vec<bool>>();
        let mean = (x.len() * y.len()) as f64 / 2.0;
        let (mut choices, mut extreme) = (0, 0);
        for code in 0_u32..1 << all.len() {
            let chosen: Vec<bool> = (0..all.len()).map(|i| code >> i & 1 == 1).collect();
            if chosen.iter().filter(|c| **c).count() == x.len() {
                choices += 1;
                if (pairs(&chosen) as f64 - mean).abs() >= (pairs(&observed) as f64 - mean).abs() {
                    extreme += 1;
                }
            }
        }
        close(test.p_value, f64::from(extreme) / f64::from(choices), 1e-13);
    }

    #[test]
    fn adjusted_p_values_keep_their_order(p in proptest::collection::vec(0.0_f64..=1.0, 0..40), seed in any::<u64>()) {
        use PAdjustment::*;
        let of = |method| adjust_p_values(&p, method).unwrap();
        let (bonferroni, holm, hochberg, yekutieli) = (of(Bonferroni), of(Holm), of(BenjaminiHochberg), of(BenjaminiYekutieli));
        for i in 0..p.len() {
            prop_assert!(p[i] <= hochberg[i] + 1e-15 && hochberg[i] <= holm[i] + 1e-15 && holm[i] <= bonferroni[i] + 1e-15);
            prop_assert!(hochberg[i] <= yekutieli[i] && yekutieli[i] <= 1.0);
            for j in 0..p.len() {
                for adjusted in [&bonferroni, &holm, &hochberg, &yekutieli] {
                    prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }
        let mut order: Vec<usize> = (0..p.len()).collect();
        Random::new(seed, "order").shuffle(&mut order);
        let shuffled: Vec<f64> = order.iter().map(|i| p[*i]).collect();
        for method in [Bonferroni, Holm, BenjaminiHochberg, BenjaminiYekutieli] {
            let expected: Vec<f64> = order.iter().map(|i| of(method)[*i]).collect();
            prop_assert_eq!(adjust_p_values(&shuffled, method).unwrap(), expected);
        }
    }

    #[test]
    fn levels_of_a_category_are_interchangeable(
        counts in proptest::collection::vec((1_u64..50, 0_u64..50), 2..6).prop_filter("a second group", |c| c.iter().any(|c| c.1 > 0)),
    ) {
        let (x, y): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
        let difference = standardized_difference_of_counts(&x, &y).unwrap();
        let backwards = |v: &[u64]| v.iter().rev().copied().collect::<Vec<u64>>();
        close(standardized_difference_of_counts(&backwards(&x), &backwards(&y)).unwrap(), difference, 1e-10);
        close(standardized_difference_of_counts(&y, &x).unwrap(), difference, 1e-10);
        // The size of a group does not matter.
        let tenfold: Vec<u64> = x.iter().map(|count| 10 * count).collect();
        close(standardized_difference_of_counts(&tenfold, &y).unwrap(), difference, 1e-10);
        if x.len() == 2 {
            let share = |v: &[u64]| v[1] as f64 / (v[0] + v[1]) as f64;
            let (p, q) = (share(&x), share(&y));
            close(difference, (p - q).abs() / ((p * (1.0 - p) + q * (1.0 - q)) / 2.0).sqrt(), 1e-12);
        }
    }

    #[test]
    fn the_limit_of_an_icc_is_where_its_test_turns(seed in any::<u64>(), subjects in 3_usize..25, readers in 2_usize..5) {
        let ratings = ratings(seed, subjects, readers);
        for model in [IccModel::OneWayRandom, IccModel::TwoWayRandom] {
            for unit in [IccUnit::Single, IccUnit::Average] {
                let options = IccOptions { model, agreement: false, unit, confidence_level: 0.9, null_value: 0.0 };
                let found = intraclass_correlation(&ratings, &options).unwrap();
                let lower = found.lower.unwrap();
                prop_assert!(lower <= found.icc && found.icc <= found.upper);
                if lower >= 0.0 {
                    let null_value = lower;
                    let turned = intraclass_correlation(&ratings, &IccOptions { null_value, ..options }).unwrap();
                    close(turned.p_value, 0.05, 1e-9);
                }
            }
        }
    }

    #[test]
    fn icc_forms_are_related(seed in any::<u64>(), subjects in 3_usize..25, readers in 2_usize..5, factor in 0.01_f64..100.0) {
        let ratings = ratings(seed, subjects, readers);
        let of = |ratings: &Array2<f64>, model, agreement, unit| {
            let options = IccOptions { model, agreement, unit, confidence_level: 0.95, null_value: 0.0 };
            intraclass_correlation(ratings, &options)
        };
        let single_of = |ratings: &Array2<f64>, model, agreement| of(ratings, model, agreement, IccUnit::Single).unwrap();
        let k = readers as f64;
        for (model, agreement) in [(IccModel::OneWayRandom, true), (IccModel::TwoWayMixed, false), (IccModel::TwoWayMixed, true)] {
            let single = single_of(&ratings, model, agreement);
            let stepped = |r: f64| k * r / (1.0 + (k - 1.0) * r);
            match of(&ratings, model, agreement, IccUnit::Average) {
                Ok(average) => {
                    close(average.icc, stepped(single.icc), 1e-9);
                    close(average.upper, stepped(single.upper), 1e-9);
                    let lower = single.lower.unwrap();
                    match average.lower {
                        Some(average) => close(average, stepped(lower), 1e-9),
                        None => prop_assert!((k - 1.0) * lower <= -1.0),
                    }
                }
                Err(_) => prop_assert!((k - 1.0) * single.icc <= -1.0),
            }
            // Another unit of measurement, and for consistency another zero of each reader.
            let scaled = ratings.mapv(|v| v * factor + 3.0);
            close(single_of(&scaled, model, agreement).icc, single.icc, 1e-9);
        }
        let consistency = single_of(&ratings, IccModel::TwoWayMixed, false);
        let mut shifted = ratings.clone();
        shifted.column_mut(0).mapv_inplace(|v| v + factor);
        close(single_of(&shifted, IccModel::TwoWayMixed, false).icc, consistency.icc, 1e-9);
        let random = single_of(&ratings, IccModel::TwoWayRandom, true);
        let mixed = single_of(&ratings, IccModel::TwoWayMixed, true);
        prop_assert_eq!((random.icc, random.lower, random.upper), (mixed.icc, mixed.lower, mixed.upper));
        prop_assert_eq!(random.shrout_fleiss, Some("ICC(2,1)".to_owned()));
        prop_assert_eq!(mixed.shrout_fleiss, None);
    }

    #[test]
    fn readers_swap(table in (2_usize..5).prop_flat_map(|levels| tables(levels..levels + 1, levels..levels + 1, 12))) {
        for weights in [KappaWeights::Unweighted, KappaWeights::Linear, KappaWeights::Quadratic] {
            let a = cohen_kappa(&table, weights, 0.95).unwrap();
            let b = cohen_kappa(&transposed(&table), weights, 0.95).unwrap();
            close(a.kappa, b.kappa, 1e-12);
            close(a.standard_error, b.standard_error, 1e-7);
            prop_assert!(a.kappa <= 1.0 && a.lower <= a.kappa && a.kappa <= a.upper);
            if table.len() == 2 {
                close(a.kappa, cohen_kappa(&table, KappaWeights::Unweighted, 0.95).unwrap().kappa, 1e-12);
            }
        }
    }

    #[test]
    fn e_values_of_an_effect_and_its_inverse(ratio in 1.0_f64..20.0, width in 1.0_f64..3.0) {
        for measure in [EffectMeasure::RiskRatio, EffectMeasure::OddsRatioCommon, EffectMeasure::HazardRatioCommon] {
            let harm = e_value(measure, ratio, ratio / width, ratio * width).unwrap();
            let benefit = e_value(measure, 1.0 / ratio, 1.0 / ratio / width, width / ratio).unwrap();
            close(harm.point, benefit.point, 1e-9);
            close(harm.confidence_limit, benefit.confidence_limit, 1e-9);
            prop_assert!(1.0 <= harm.confidence_limit && harm.confidence_limit <= harm.point * (1.0 + 1e-12));
        }
    }
}

fn ratings(seed: u64, subjects: usize, readers: usize) -> Array2<f64> {
    let mut random = Random::new(seed, "ratings");
    let truth: Vec<f64> = (0..subjects).map(|_| random.normal()).collect();
    Array2::from_shape_fn((subjects, readers), |(i, j)| {
        truth[i] + 0.4 * j as f64 + 0.7 * random.normal()
    })
}

#[test]
fn chi_square_by_hand() {
    let table = [vec![10, 20], vec![20, 10]];
    let plain = chi_square(&table, false).unwrap();
    close(plain.statistic, 20.0 / 3.0, 1e-15);
    assert_eq!(plain.expected, vec![vec![15.0, 15.0], vec![15.0, 15.0]]);
    let corrected = chi_square(&table, true).unwrap();
    close(corrected.statistic, 4.0 * 4.5 * 4.5 / 15.0, 1e-15);
    assert!(corrected.corrected && !plain.corrected);
    // Equal rates.
    assert_eq!(
        chi_square(&[vec![3, 6], vec![4, 8]], true).unwrap().p_value,
        1.0
    );
    // No correction in larger tables.
    let larger = [vec![10, 20, 5], vec![20, 10, 5]];
    assert!(!chi_square(&larger, true).unwrap().corrected);
    assert_eq!(chi_square(&larger, true).unwrap().degrees_of_freedom, 2);
}

#[test]
fn fisher_and_the_lady_tasting_tea() {
    close(
        fisher(&[vec![3, 1], vec![1, 3]]).p_value,
        34.0 / 70.0,
        1e-15,
    );
    close(fisher(&[vec![4, 0], vec![0, 4]]).p_value, 2.0 / 70.0, 1e-15);
    let all_right = fisher(&[vec![4, 0], vec![0, 4]]).odds_ratio.unwrap();
    assert_eq!((all_right.estimate, all_right.upper), (None, None));
    let all_wrong = fisher(&[vec![0, 4], vec![4, 0]]).odds_ratio.unwrap();
    assert_eq!((all_wrong.estimate, all_wrong.lower), (Some(0.0), 0.0));
    close(all_wrong.upper.unwrap(), 1.0 / all_right.lower, 1e-13);
}

/// The probabilities of all tables with given margins sum to 1, so the most probable one has p = 1.
#[test]
fn the_most_probable_table_has_p_1() {
    assert_eq!(fisher(&[vec![5, 5], vec![5, 5]]).p_value, 1.0);
    close(
        fisher(&[vec![4, 4, 4], vec![4, 4, 4], vec![4, 4, 4]]).p_value,
        1.0,
        1e-12,
    );
    close(fisher(&[vec![8, 4, 4], vec![6, 3, 3]]).p_value, 1.0, 1e-12);
}

#[test]
fn drawn_tables_come_near_the_exact_p() {
    for table in [
        vec![vec![57, 20], vec![7, 7], vec![13, 5], vec![10, 5]],
        vec![
            vec![3, 0, 1, 2],
            vec![0, 4, 2, 1],
            vec![5, 1, 0, 0],
            vec![1, 1, 6, 2],
            vec![0, 2, 2, 7],
        ],
        vec![vec![30, 12], vec![21, 25]],
        vec![vec![120, 80, 60], vec![100, 90, 75]],
    ] {
        let exact = fisher(&table);
        assert_eq!(exact.simulation, None);
        let drawn = fisher_monte_carlo(&table, 20_000, &random()).unwrap();
        let error = drawn.simulation.as_ref().unwrap().standard_error.max(1e-4);
        assert!(
            (drawn.p_value - exact.p_value).abs() < 4.0 * error,
            "{} {}",
            drawn.p_value,
            exact.p_value
        );
        assert_eq!(
            drawn,
            fisher_monte_carlo(&table, 20_000, &random()).unwrap()
        );
    }
}

#[test]
fn too_large_a_table_is_drawn_and_says_so() {
    let table: Vec<Vec<u64>> = (0..6)
        .map(|i| (0..6).map(|j| 40 + 3 * ((i * j) % 5)).collect())
        .collect();
    let result = fisher(&table);
    let simulation = result.simulation.unwrap();
    assert_eq!(simulation.tables, 100_000);
    // So many patients that chi-square is as good.
    let near = chi_square(&table, false).unwrap().p_value;
    assert!(
        (result.p_value - near).abs() < 0.01,
        "{} {near}",
        result.p_value
    );
}

#[test]
fn far_tails_keep_their_digits() {
    let (a, b) = (
        fisher(&[vec![300, 0], vec![0, 300]]).p_value,
        2.0 * numerics::exp(2.0 * numerics::ln_gamma(301.0) - numerics::ln_gamma(601.0)),
    );
    assert!(a > 1e-200 && (a / b - 1.0).abs() < 1e-9, "{a} {b}");
    let x: Vec<f64> = (0..3000).map(f64::from).collect();
    let y: Vec<f64> = (0..3000).map(|i| f64::from(i) + 880.5).collect();
    let p = mann_whitney(&x, &y, MannWhitneyMethod::Automatic)
        .unwrap()
        .p_value;
    assert!(p > 0.0 && p < 1e-200, "{p}");
}

#[test]
fn ranks_by_hand() {
    let test = mann_whitney(
        &[1.0, 2.0, 3.0],
        &[4.0, 5.0, 6.0],
        MannWhitneyMethod::Automatic,
    )
    .unwrap();
    assert_eq!((test.u, test.p_value, test.z), (0.0, 0.1, None));
    // −0 and 0 are tied.
    let tied = mann_whitney(&[-0.0, 1.0], &[0.0, 2.0], MannWhitneyMethod::Automatic).unwrap();
    assert!(tied.ties && tied.u == 1.5);
    // Mean ranks 2, 5, 8 of 9: H = 12 / 90 · 3 · (9 + 0 + 9).
    let h = kruskal_wallis(&[&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], &[7.0, 8.0, 9.0]]).unwrap();
    close(h.h, 7.2, 1e-14);
    assert_eq!(h.mean_ranks, vec![2.0, 5.0, 8.0]);
}

#[test]
fn p_values_by_hand() {
    let p = [0.01, 0.04, 0.03];
    let of = |method| adjust_p_values(&p, method).unwrap();
    for (found, expected) in [
        (of(PAdjustment::Bonferroni), [0.03, 0.12, 0.09]),
        (of(PAdjustment::Holm), [0.03, 0.06, 0.06]),
        (of(PAdjustment::BenjaminiHochberg), [0.03, 0.04, 0.04]),
        (
            of(PAdjustment::BenjaminiYekutieli),
            [0.055, 0.22 / 3.0, 0.22 / 3.0],
        ),
    ] {
        for (a, b) in found.iter().zip(expected) {
            close(*a, b, 1e-15);
        }
    }
}

#[test]
fn a_summary() {
    let found = summarize(&[4.0, 1.0, 3.0, 2.0]).unwrap();
    assert_eq!(
        (
            found.minimum,
            found.lower_quartile,
            found.median,
            found.upper_quartile,
            found.maximum
        ),
        (1.0, 1.75, 2.5, 3.25, 4.0)
    );
    assert_eq!((found.n, found.mean), (4, 2.5));
    close(
        found.standard_deviation.unwrap(),
        (5.0_f64 / 3.0).sqrt(),
        1e-15,
    );
    assert_eq!(summarize(&[7.0]).unwrap().standard_deviation, None);
}

#[test]
fn perfect_agreement() {
    let third = 1.0 / 3.0;
    let same = Array2::from_shape_fn((5, 3), |(i, _)| i as f64 * third + 0.1);
    for agreement in [false, true] {
        for unit in [IccUnit::Single, IccUnit::Average] {
            let options = IccOptions {
                model: IccModel::TwoWayRandom,
                agreement,
                unit,
                confidence_level: 0.95,
                null_value: 0.0,
            };
            let found = intraclass_correlation(&same, &options).unwrap();
            assert_eq!((found.icc, found.lower, found.upper), (1.0, Some(1.0), 1.0));
            assert_eq!((found.f, found.p_value), (None, 0.0));
            let text = serde_json::to_string(&found).unwrap();
            assert_eq!(
                serde_json::from_str::<IntraclassCorrelation>(&text).unwrap(),
                found
            );
        }
    }
    let kappa = cohen_kappa(
        &[vec![5, 0, 0], vec![0, 7, 0], vec![0, 0, 2]],
        KappaWeights::Linear,
        0.95,
    )
    .unwrap();
    close(kappa.kappa, 1.0, 1e-15);
    assert!(kappa.standard_error < 1e-7);
}

#[test]
fn kappa_by_hand() {
    // Observed 0.7, by chance 0.5 · 0.6 + 0.5 · 0.4.
    let kappa = cohen_kappa(&[vec![20, 5], vec![10, 15]], KappaWeights::Unweighted, 0.95).unwrap();
    close(kappa.observed_agreement, 0.7, 1e-15);
    close(kappa.chance_agreement, 0.5, 1e-15);
    close(kappa.kappa, 0.4, 1e-15);
    // A reader who gives everybody the same level agrees by chance only, and there is nothing to test.
    let one_sided = cohen_kappa(&[vec![3, 4], vec![0, 0]], KappaWeights::Unweighted, 0.95).unwrap();
    assert_eq!(one_sided.kappa, 0.0);
    assert_eq!(one_sided.p_value, None);
    assert_eq!(
        reader_table(&[0, 1, 1], &[0, 0, 1], 2).unwrap(),
        vec![vec![1, 0], vec![1, 1]]
    );
}

#[test]
fn limits_of_agreement_swap() {
    let (x, y) = ([1.0, 2.0, 4.0, 8.0], [1.5, 1.0, 4.5, 7.0]);
    let (a, b) = (
        bland_altman(&x, &y, 0.95).unwrap(),
        bland_altman(&y, &x, 0.95).unwrap(),
    );
    assert_eq!(a.mean_difference, 0.25);
    assert_eq!(a.mean_difference, -b.mean_difference);
    close(a.lower_limit, -b.upper_limit, 1e-15);
    assert_eq!(a.means, b.means);
}

#[test]
fn bad_tables_say_what_is_wrong() {
    let fisher = |table: &[Vec<u64>]| fisher_exact(table, 0.95, &random());
    for table in [vec![], vec![vec![]], vec![vec![0, 0], vec![0, 0]]] {
        message(chi_square(&table, true), "has no patients");
        message(fisher(&table), "has no patients");
    }
    let ragged = [vec![1, 2], vec![3]];
    message(
        chi_square(&ragged, true),
        "row 2 of the table of counts has 1 columns but the first has 2",
    );
    let one_group = [vec![4, 0], vec![6, 0]];
    message(
        chi_square(&one_group, true),
        "only 2 row(s) and 1 column(s) of the table of counts hold patients",
    );
    message(fisher(&one_group), "two levels and two groups");
    message(
        chi_square(&[vec![5, 6]], true),
        "only 1 row(s) and 2 column(s)",
    );
    message(
        chi_square(&[vec![u64::MAX, u64::MAX], vec![1, 1]], true),
        "are too many",
    );
    message(
        fisher(&[vec![500_000, 500_000], vec![1, 1], vec![1, 1]]),
        "at most 1000000): use the chi-square test",
    );
    message(
        fisher_exact(&[vec![1, 2], vec![3, 4]], 95.0, &random()),
        "the confidence level is 95, but must be between 0 and 1",
    );
    message(
        fisher_monte_carlo(&[vec![1, 2], vec![3, 4]], 0, &random()),
        "the number of tables drawn is 0",
    );
}

#[test]
fn bad_samples_say_what_is_wrong() {
    let automatic = MannWhitneyMethod::Automatic;
    message(
        mann_whitney(&[], &[1.0], automatic),
        "group 1 has 0 value(s) but at least 1 are needed",
    );
    message(
        mann_whitney(&[1.0], &[2.0, f64::NAN], automatic),
        "value 2 of group 2 is not a finite number",
    );
    message(
        mann_whitney(&[3.0, 3.0], &[3.0], automatic),
        "every patient has the value 3",
    );
    message(
        mann_whitney(&[1.0, 2.0], &[2.0], MannWhitneyMethod::Exact),
        "several patients have the value 2",
    );
    let many: Vec<f64> = (0..101).map(f64::from).collect();
    message(
        mann_whitney(&many, &[0.5], MannWhitneyMethod::Exact),
        "at most 100 each",
    );
    message(
        welch_t(&[1.0], &[2.0, 3.0], 0.95),
        "group 1 has 1 value(s) but at least 2 are needed",
    );
    message(
        welch_t(&[1.0, 1.0], &[2.0, 2.0], 0.95),
        "do not vary within any group (they are 1 and 2)",
    );
    message(
        welch_t(&[1.0, f64::INFINITY], &[2.0, 2.0], 0.95),
        "value 2 of group 1",
    );
    message(
        kruskal_wallis(&[&[1.0, 2.0]]),
        "1 group(s) cannot be compared",
    );
    message(kruskal_wallis(&[&[1.0], &[]]), "group 2 has 0 value(s)");
    message(
        kruskal_wallis(&[&[1.0, 1.0], &[1.0]]),
        "every patient has the value 1",
    );
    message(
        standardized_mean_difference(&[1.0, 1.0], &[2.0, 2.0]),
        "do not vary within any group",
    );
    assert_eq!(
        standardized_mean_difference(&[1.0, 1.0], &[1.0, 1.0]),
        Ok(0.0)
    );
    message(
        standardized_difference_of_counts(&[1, 0], &[0, 2]),
        "no level in common",
    );
    message(
        standardized_difference_of_counts(&[1, 2], &[3]),
        "the first list has 2 entries and the second 1",
    );
    message(
        standardized_difference_of_counts(&[1, 2], &[0, 0]),
        "group 2 has 0 value(s)",
    );
    message(summarize(&[]), "group 1 has 0 value(s)");
    message(
        adjust_p_values(&[0.1, f64::NAN], PAdjustment::Holm),
        "p value 2 is NaN",
    );
    message(
        adjust_p_values(&[1.1], PAdjustment::Bonferroni),
        "from 0 to 1",
    );
    message(
        e_value(EffectMeasure::RiskRatio, -1.0, 0.5, 2.0),
        "the estimate is -1, but must be a positive number",
    );
    message(
        e_value(EffectMeasure::RiskRatio, 3.0, 0.5, 2.0),
        "within its limits, 0.5 to 2",
    );
}

#[test]
fn bad_readings_say_what_is_wrong() {
    let options = IccOptions {
        model: IccModel::TwoWayRandom,
        agreement: true,
        unit: IccUnit::Single,
        confidence_level: 0.95,
        null_value: 0.0,
    };
    let icc = |ratings: Array2<f64>| intraclass_correlation(&ratings, &options);
    message(icc(array![[1.0, 2.0]]), "1 subject(s) read by all");
    message(icc(array![[1.0], [2.0]]), "1 reading(s) of each subject");
    message(
        icc(array![[1.0, 2.0], [f64::NAN, 3.0]]),
        "reading 1 of subject 2 is not a finite number",
    );
    message(icc(array![[4.0, 4.0], [4.0, 4.0]]), "every reading is 4");
    message(
        icc(array![[1.0, 2.0], [2.0, 1.0]]),
        "the subjects have the same mean",
    );
    message(
        intraclass_correlation(
            &array![[1.0, 2.0], [2.0, 4.0]],
            &IccOptions {
                null_value: 1.0,
                ..options
            },
        ),
        "null value of the intraclass correlation is 1",
    );
    let kappa = |table: &[Vec<u64>]| cohen_kappa(table, KappaWeights::Unweighted, 0.95);
    message(kappa(&[]), "empty");
    message(
        kappa(&[vec![1, 2], vec![3]]),
        "row 2 of the table has 1 columns, but the 2 levels",
    );
    message(
        kappa(&[vec![4, 0], vec![0, 0]]),
        "both readers gave level 1 to every subject",
    );
    message(kappa(&[vec![4]]), "both readers gave level 1");
    message(
        reader_table(&[0, 2], &[0, 0], 2),
        "subject 2 has level 2, but the 2 levels count from 0",
    );
    message(
        reader_table(&[0], &[0, 0], 2),
        "the first reader has 1 readings and the second 2",
    );
    message(bland_altman(&[1.0], &[1.0], 0.95), "1 subject(s)");
    message(
        bland_altman(&[1.0, 2.0], &[1.0, f64::NAN], 0.95),
        "reading 2 of subject 2",
    );
    message(
        bland_altman(&[1.0, 2.0], &[1.0, 2.0], 0.0),
        "the confidence level is 0",
    );
}
