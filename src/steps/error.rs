//! What is wrong with a study's data, found while a step ran.

use crate::data::DataErrors;

/// Everything that stopped a step.
#[derive(Clone, Debug)]
pub enum StepError {
    /// A file and its values.
    Data(DataErrors),
    /// Parts of the study that the data do not allow.
    Parts(Vec<Problem>),
}

/// One problem: where in the study, what, and what to do.
#[derive(Clone, Debug)]
pub struct Problem {
    /// "model cpr", "cox table3, `age` alone".
    pub part: String,
    pub problem: String,
    pub hint: Option<String>,
}

impl StepError {
    pub(super) fn method(part: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        Self::of(part, problem, None)
    }

    pub(super) fn of(
        part: impl Into<String>,
        problem: impl std::fmt::Display,
        hint: Option<String>,
    ) -> Self {
        Self::Parts(vec![Problem {
            part: part.into(),
            problem: problem.to_string(),
            hint,
        }])
    }

    /// The problems of several attempts as one error; none if there is none.
    pub(super) fn all(errors: Vec<Self>) -> Option<Self> {
        let mut problems = Vec::new();
        for error in errors {
            match error {
                Self::Parts(more) => problems.extend(more),
                data @ Self::Data(_) => return Some(data),
            }
        }
        (!problems.is_empty()).then_some(Self::Parts(problems))
    }
}

impl From<DataErrors> for StepError {
    fn from(errors: DataErrors) -> Self {
        Self::Data(errors)
    }
}

impl std::fmt::Display for StepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Data(errors) => errors.fmt(f),
            Self::Parts(problems) => {
                for (index, problem) in problems.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\n" };
                    write!(f, "{separator}{}: {}", problem.part, problem.problem)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for StepError {}
