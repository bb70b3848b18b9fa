//! Does the effect of a treatment differ between groups? Likelihood-ratio test of treatment × group in a Cox model.
//!
//! ℓ₁: treatment + group + adjustment + treatment × group; ℓ₀: the same without the products; 2 (ℓ₁ − ℓ₀) has as many
//! degrees of freedom as there are products. Groups without patients are left out. The product of level k is the ratio
//! of the treatment's hazard ratio in level k to that in the reference level.
//! Errors: one arm or one group only; a group with one arm (its product is collinear); a group in which only one arm
//! had events (monotone likelihood). Source: Cox 1972; R `anova(coxph(a + b), coxph(a * b))`.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::adjustment::{Adjustment, AdjustmentNotes, join};
use super::treatment_benefit::TreatmentByGroup;
use super::{ChiSquaredTest, CoxCoefficient, SurvivalError};
use crate::statistics::{Column, Design, Predictor, Term};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    pub likelihood_ratio: ChiSquaredTest,
    /// One a group but the reference: ratios of hazard ratios.
    pub products: Vec<CoxCoefficient>,
    pub notes: AdjustmentNotes,
}

/// The test with the adjustment that `data` names, or without if it names none.
pub fn treatment_interaction(data: &TreatmentByGroup) -> Result<Interaction, SurvivalError> {
    data.check()?;
    let mut present = vec![false; data.levels.len()];
    for group in data.groups {
        present[*group] = true;
    }
    let used: Vec<usize> = (0..present.len()).filter(|g| present[*g]).collect();
    if used.len() < 2 {
        return Err(SurvivalError::OneGroup);
    }
    if !data.treated.contains(&true) || !data.treated.contains(&false) {
        return Err(SurvivalError::OneArm {
            treated: data.treated[0],
        });
    }
    let mut code = vec![0; present.len()];
    for (place, group) in used.iter().enumerate() {
        code[*group] = place;
    }
    let group = Design::new(
        data.times.len(),
        &[Predictor::Category {
            name: data.group.to_owned(),
            levels: used.iter().map(|g| data.levels[*g].clone()).collect(),
            codes: data.groups.iter().map(|g| code[*g]).collect(),
        }],
    );
    let treatment = data.treatment_design();
    let main = join(&treatment, &group);
    let full = join(&main, &products(data, &treatment, &group));

    let rows: Vec<usize> = (0..data.times.len()).collect();
    let mut adjustment = Adjustment::new(data.events, &rows, data.adjust);
    let with = adjustment.fit(data.times, data.events, &full, data.ties, data.level)?;
    let without = adjustment.fit(data.times, data.events, &main, data.ties, data.level)?;
    let products = with.coefficients[main.columns.len()..full.columns.len()].to_vec();
    Ok(Interaction {
        likelihood_ratio: ChiSquaredTest::new(
            (2.0 * (with.log_likelihood - without.log_likelihood)).max(0.0),
            products.len(),
        ),
        products,
        notes: adjustment.notes,
    })
}

fn products(data: &TreatmentByGroup, treatment: &Design, group: &Design) -> Design {
    let name = format!("{} × {}", data.treatment, data.group);
    Design {
        matrix: Array2::from_shape_fn(group.matrix.dim(), |(row, j)| {
            treatment.matrix[[row, 0]] * group.matrix[[row, j]]
        }),
        columns: group
            .columns
            .iter()
            .map(|column| Column {
                term: name.clone(),
                level: column.level.clone(),
            })
            .collect(),
        terms: vec![Term {
            name: name.clone(),
            columns: 0..group.columns.len(),
        }],
    }
}
