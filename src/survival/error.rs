//! What can be wrong with survival data, with the numbers that a person needs to put it right. Rows count from 0 here
//! and from 1 in the messages.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SurvivalError {
    /// There is no patient at all.
    Empty,
    /// A list has not one value a patient.
    LengthsDiffer {
        what: String,
        expected: usize,
        found: usize,
    },
    /// A time is NaN or infinite.
    TimeNotFinite {
        row: usize,
    },
    NegativeTime {
        row: usize,
        time: f64,
    },
    /// A value of a column or of a marker is NaN or infinite.
    ValueNotFinite {
        column: String,
        row: usize,
    },
    /// A case weight is 0, negative, NaN or infinite.
    WeightNotPositive {
        row: usize,
    },
    NoEvents {
        patients: usize,
    },
    /// A comparison needs two groups.
    OneGroup,
    /// No patient belongs to this group (numbered from 0).
    EmptyGroup {
        group: usize,
    },
    /// All patients have the treatment, or nobody has.
    OneArm {
        treated: bool,
    },
    /// At no event was more than one group at risk.
    NoOverlap,
    /// No patient had the event while another was still followed.
    NoOrderedPairs,
    /// All events happened at one time.
    OneEventTime,
    NoEventsBefore {
        time: f64,
    },
    /// The model has no column.
    NoColumns,
    /// The columns are not those of the fitted model.
    ColumnsDiffer {
        expected: usize,
        found: usize,
    },
    /// All patients at risk at an event (in each stratum) have the same value, so that the column says nothing.
    ConstantColumn {
        column: String,
    },
    /// The column is a combination of the columns before it.
    CollinearColumn {
        column: String,
    },
    /// The likelihood grows without bound as these columns' coefficients go to infinity.
    MonotoneLikelihood {
        columns: Vec<String>,
    },
    NotConverged {
        iterations: usize,
    },
    /// The curve is not known at this time: follow-up ended before.
    TimeBeyondFollowUp {
        time: f64,
        last: f64,
    },
    /// A stratum that the fitted model has not seen.
    UnknownStratum {
        stratum: usize,
    },
    /// An argument is outside the range that makes sense.
    OutOfRange {
        argument: String,
        value: f64,
        range: String,
    },
    /// At this time there is nobody with, or nobody without, an earlier event.
    NoCasesOrControls {
        time: f64,
        cases: usize,
        controls: usize,
    },
    /// Every cut-off leaves fewer patients on one side than asked.
    NoCandidateCutoff,
    /// The exact likelihood would take this many steps: too many.
    TooLargeForExact {
        steps: f64,
    },
    /// The model of the treatment given the confounders could not be fitted.
    PropensityModel {
        reason: String,
    },
}

impl std::fmt::Display for SurvivalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("there are no patients: check the exclusions and missing values"),
            Self::LengthsDiffer {
                what,
                expected,
                found,
            } => write!(f, "{what} has {found} values for {expected} patients: give one a patient"),
            Self::TimeNotFinite { row } => write!(
                f,
                "the follow-up time of patient {} is missing or infinite: exclude the patient or complete the time",
                row + 1
            ),
            Self::NegativeTime { row, time } => write!(
                f,
                "the follow-up time of patient {} is {time}, before the start: check the two dates",
                row + 1
            ),
            Self::ValueNotFinite { column, row } => write!(
                f,
                "{column} of patient {} is missing or infinite: exclude the patient or impute the value",
                row + 1
            ),
            Self::WeightNotPositive { row } => {
                write!(f, "the weight of patient {} is not a positive number", row + 1)
            }
            Self::NoEvents { patients } => write!(
                f,
                "none of the {patients} patients had the event: nothing can be estimated; check how the event is coded"
            ),
            Self::OneGroup => f.write_str("there is only one group: a comparison needs at least two"),
            Self::OneArm { treated } => write!(
                f,
                "{} treated: there is nothing to compare with",
                if *treated { "all patients were" } else { "no patient was" }
            ),
            Self::NoOrderedPairs => f.write_str(
                "no patient had the event while another was still followed: nothing can be ranked",
            ),
            Self::OneEventTime => f.write_str(
                "all events happened at the same time: no change over time can be seen",
            ),
            Self::NoEventsBefore { time } => write!(
                f,
                "no event happened before the time {time} that leaves survivors: choose a later one"
            ),
            Self::ColumnsDiffer { expected, found } => write!(
                f,
                "the table has {found} columns but the model was fitted on {expected}: give the same variables"
            ),
            Self::EmptyGroup { group } => write!(f, "group {} has no patients: leave it out", group + 1),
            Self::NoOverlap => f.write_str(
                "no event happened while more than one group was still followed: the groups cannot be compared",
            ),
            Self::NoColumns => f.write_str("the model has no variable: name at least one"),
            Self::ConstantColumn { column } => write!(
                f,
                "{column} is the same in all patients who were at risk when an event happened: leave it out"
            ),
            Self::CollinearColumn { column } => write!(
                f,
                "{column} follows exactly from the variables before it: leave one of them out"
            ),
            Self::MonotoneLikelihood { columns } => write!(
                f,
                "no finite hazard ratio exists for {}: at every event the patient who had it was the one with the most \
                 extreme value (often a level without events); merge levels, leave the variable out, or use Firth's \
                 correction",
                columns.join(", ")
            ),
            Self::NotConverged { iterations } => write!(
                f,
                "the likelihood had no maximum after {iterations} steps: look for nearly collinear variables or levels \
                 with very few events"
            ),
            Self::TimeBeyondFollowUp { time, last } => write!(
                f,
                "the time {time} lies after the end of follow-up, {last}: choose an earlier one"
            ),
            Self::UnknownStratum { stratum } => write!(
                f,
                "stratum {} was not among the patients that the model was fitted on",
                stratum + 1
            ),
            Self::OutOfRange {
                argument,
                value,
                range,
            } => write!(f, "{argument} is {value} but must be {range}"),
            Self::NoCasesOrControls {
                time,
                cases,
                controls,
            } => write!(
                f,
                "up to the time {time}, {cases} patients had the event and {controls} were still followed without it: \
                 both are needed"
            ),
            Self::NoCandidateCutoff => f.write_str(
                "no cut-off leaves enough patients on both sides: widen the fractions, or the marker has too few values",
            ),
            Self::TooLargeForExact { steps } => write!(
                f,
                "the exact likelihood would take about {steps:.0e} steps for these ties: use Efron's approximation"
            ),
            Self::PropensityModel { reason } => {
                write!(f, "the probability of treatment could not be modelled: {reason}")
            }
        }
    }
}

impl std::error::Error for SurvivalError {}
