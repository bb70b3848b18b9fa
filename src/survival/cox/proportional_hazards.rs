//! Test of proportional hazards: the score test of adding g(t) x to the model, per term and for all columns together.
//!
//! With coefficients β + θ g(t), at θ = 0: U = Σ_t g(t) ∂ℓ_t and the information in blocks Σ V_t, Σ g V_t, Σ g² V_t. The
//! statistic of some columns is Uᵀ (I_θθ − I_θβ I_ββ⁻¹ I_βθ)⁻¹ U, I_ββ that of the whole model.
//! g(t) = 1 − S(t−), S the Kaplan–Meier curve of all patients, strata and weights left aside. Centring g changes nothing
//! but the rounding.
//! Source: Grambsch & Therneau 1994; R `survival::cox.zph(transform = "km")` of version 3, the exact score test rather
//! than the older approximation.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::super::ordering::check_columns;
use super::super::{CurveInterval, SurvivalError, kaplan_meier};
use super::likelihood::{Workspace, derivatives};
use super::{ChiSquaredTest, CoxFit, CoxOptions, Prepared, TermTest, column_name};
use crate::numerics::{Cholesky, dot, mean};
use crate::statistics::Design;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProportionalHazards {
    pub terms: Vec<TermTest>,
    pub global: ChiSquaredTest,
}

/// Data and options must be those of the fit.
pub fn proportional_hazards_test(
    times: &[f64],
    events: &[bool],
    design: &Design,
    options: &CoxOptions,
    fit: &CoxFit,
) -> Result<ProportionalHazards, SurvivalError> {
    check_columns(fit.coefficients.len(), design.matrix.ncols())?;
    let prepared = Prepared::new(times, events, design, options)?;
    let curve = kaplan_meier(times, events, CurveInterval::Log, 0.95)?;
    let mut g: Vec<f64> = prepared
        .event_times
        .iter()
        .map(|tied| {
            let before = curve.time.partition_point(|t| *t < tied.time);
            before
                .checked_sub(1)
                .map_or(0.0, |i| 1.0 - curve.survival[i])
        })
        .collect();
    let centre = mean(&g);
    for value in &mut g {
        *value -= centre;
    }
    let squares: Vec<f64> = g.iter().map(|g| g * g).collect();
    if squares.iter().all(|g| *g == 0.0) {
        return Err(SurvivalError::OneEventTime);
    }
    let beta = prepared.scaled_beta(&fit.beta());
    let mut work = Workspace::new(&prepared);
    let plain = derivatives(&prepared, &beta, None, &mut work);
    let weighted = derivatives(&prepared, &beta, Some(&g), &mut work);
    let squared = derivatives(&prepared, &beta, Some(&squares), &mut work);

    let singular = |column: usize| SurvivalError::CollinearColumn {
        column: column_name(design, column),
    };
    let factor =
        Cholesky::new(&plain.information, 1e-10).map_err(|error| singular(error.column))?;
    let width = prepared.width;
    let mut information = Array2::zeros((width, width));
    for b in 0..width {
        let cross = weighted.information.column(b).to_vec();
        let solved = factor.solve(&cross);
        for a in 0..width {
            let explained =
                (0..width).fold(0.0, |sum, k| sum + weighted.information[[a, k]] * solved[k]);
            information[[a, b]] = squared.information[[a, b]] - explained;
        }
    }
    let test = |columns: std::ops::Range<usize>| {
        let size = columns.len();
        let score = &weighted.gradient[columns.clone()];
        let part = Array2::from_shape_fn((size, size), |(a, b)| {
            information[[columns.start + a, columns.start + b]]
        });
        let factor =
            Cholesky::new(&part, 1e-10).map_err(|error| singular(columns.start + error.column))?;
        Ok(ChiSquaredTest::new(dot(score, &factor.solve(score)), size))
    };
    Ok(ProportionalHazards {
        terms: design
            .terms
            .iter()
            .filter(|term| !term.columns.is_empty())
            .map(|term| {
                Ok(TermTest {
                    term: term.name.clone(),
                    test: test(term.columns.clone())?,
                })
            })
            .collect::<Result<_, SurvivalError>>()?,
        global: test(0..width)?,
    })
}
