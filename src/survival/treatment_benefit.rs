//! Benefit of a treatment within each level of a grouping (risk groups, say): per arm the patients, events and median
//! survival; the log-rank test between the arms; the hazard ratio of treatment, alone and adjusted.
//!
//! Every figure is made from the patients of the level only, by `kaplan_meier`, `log_rank` and `cox`. A level in which
//! something cannot be estimated (one arm only, no events, all events in one arm) says why in that figure's place; the
//! other levels and figures stand. Adjusting columns that fail within a level: see `adjustment.rs`.
//! Errors of the whole: lengths differ, times invalid. Missing values: the caller drops rows.

use serde::{Deserialize, Serialize};

use super::adjustment::{Adjustment, AdjustmentNotes};
use super::ordering::{check, check_length, check_level};
use super::{
    CoxCoefficient, CurveInterval, LogRank, SurvivalError, SurvivalQuantile, Ties, kaplan_meier,
    log_rank,
};
use crate::statistics::{Design, Predictor};

/// A treatment and a grouping of the same patients.
#[derive(Clone, Copy, Debug)]
pub struct TreatmentByGroup<'a> {
    pub times: &'a [f64],
    pub events: &'a [bool],
    pub treatment: &'a str,
    pub treated: &'a [bool],
    pub group: &'a str,
    /// The grouping's levels; the first is the reference.
    pub levels: &'a [String],
    /// Each patient's index into `levels`.
    pub groups: &'a [usize],
    pub adjust: Option<&'a Design>,
    pub ties: Ties,
    pub level: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmSummary {
    pub patients: usize,
    pub events: usize,
    pub median: SurvivalQuantile,
}

/// The hazard ratio of treated to untreated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreatmentEffect {
    pub effect: CoxCoefficient,
    pub notes: AdjustmentNotes,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupBenefit {
    pub group: String,
    pub untreated: ArmSummary,
    pub treated: ArmSummary,
    pub log_rank: Result<LogRank, SurvivalError>,
    pub unadjusted: Result<TreatmentEffect, SurvivalError>,
    /// None if no adjustment was asked.
    pub adjusted: Option<Result<TreatmentEffect, SurvivalError>>,
}

impl TreatmentByGroup<'_> {
    pub(super) fn check(&self) -> Result<(), SurvivalError> {
        check(self.times, self.events)?;
        check_level(self.level)?;
        let size = self.times.len();
        check_length("the treatment", size, self.treated.len())?;
        check_length("the group", size, self.groups.len())?;
        if let Some(adjust) = self.adjust {
            check_length(
                "the table of adjusting variables",
                size,
                adjust.matrix.nrows(),
            )?;
        }
        match self.groups.iter().find(|g| **g >= self.levels.len()) {
            Some(group) => Err(SurvivalError::OutOfRange {
                argument: "the index of the group".to_owned(),
                value: *group as f64,
                range: format!("below {}, the number of levels", self.levels.len()),
            }),
            None => Ok(()),
        }
    }

    pub(super) fn treatment_design(&self) -> Design {
        Design::new(
            self.times.len(),
            &[Predictor::Number {
                name: self.treatment.to_owned(),
                values: self.treated.iter().map(|t| f64::from(*t)).collect(),
            }],
        )
    }
}

/// One entry a level, in their order; levels without patients included. `interval` is that of the medians' curves.
pub fn treatment_benefit(
    data: &TreatmentByGroup,
    interval: CurveInterval,
) -> Result<Vec<GroupBenefit>, SurvivalError> {
    data.check()?;
    let treatment = data.treatment_design();
    (0..data.levels.len())
        .map(|group| benefit(data, &treatment, group, interval))
        .collect()
}

fn benefit(
    data: &TreatmentByGroup,
    treatment: &Design,
    group: usize,
    interval: CurveInterval,
) -> Result<GroupBenefit, SurvivalError> {
    let rows: Vec<usize> = (0..data.times.len())
        .filter(|r| data.groups[*r] == group)
        .collect();
    let times: Vec<f64> = rows.iter().map(|r| data.times[*r]).collect();
    let events: Vec<bool> = rows.iter().map(|r| data.events[*r]).collect();
    let arms: Vec<usize> = rows.iter().map(|r| usize::from(data.treated[*r])).collect();
    let untreated = arm(&times, &events, &arms, 0, interval, data.level)?;
    let treated = arm(&times, &events, &arms, 1, interval, data.level)?;

    let comparable = if rows.is_empty() {
        Err(SurvivalError::EmptyGroup { group })
    } else if untreated.patients == 0 || treated.patients == 0 {
        Err(SurvivalError::OneArm {
            treated: untreated.patients == 0,
        })
    } else {
        Ok(())
    };
    let effect = |adjust: Option<&Design>| {
        comparable.clone()?;
        let mut adjustment = Adjustment::new(data.events, &rows, adjust);
        let fit = adjustment.fit(data.times, data.events, treatment, data.ties, data.level)?;
        Ok(TreatmentEffect {
            effect: fit.coefficients[0].clone(),
            notes: adjustment.notes,
        })
    };
    Ok(GroupBenefit {
        group: data.levels[group].clone(),
        untreated,
        treated,
        log_rank: comparable
            .clone()
            .and_then(|()| log_rank(&times, &events, &arms, None)),
        unadjusted: effect(None),
        adjusted: data.adjust.map(|adjust| effect(Some(adjust))),
    })
}

fn arm(
    times: &[f64],
    events: &[bool],
    arms: &[usize],
    arm: usize,
    interval: CurveInterval,
    level: f64,
) -> Result<ArmSummary, SurvivalError> {
    let rows: Vec<usize> = (0..arms.len()).filter(|i| arms[*i] == arm).collect();
    let times: Vec<f64> = rows.iter().map(|i| times[*i]).collect();
    let events: Vec<bool> = rows.iter().map(|i| events[*i]).collect();
    let median = if rows.is_empty() {
        SurvivalQuantile {
            estimate: None,
            lower: None,
            upper: None,
        }
    } else {
        kaplan_meier(&times, &events, interval, level)?.median()
    };
    Ok(ArmSummary {
        patients: rows.len(),
        events: events.iter().filter(|e| **e).count(),
        median,
    })
}
