//! The values of an analysis and the patients that it can use.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::data::{self, ColumnValues};
use crate::engine::{Input, Inputs};
use crate::plan::{MissingValues, Plan, places};
use crate::statistics::{Design, Predictor};

use super::error::StepError;
use super::sources::{Fault, Sources, input, output};

/// Values by name, each for every patient of the cohort's table.
pub(super) struct Frame {
    pub(super) values: BTreeMap<String, ColumnValues>,
}

/// The patients that an analysis uses, and how many it leaves out.
pub(super) struct Complete {
    pub(super) rows: Vec<usize>,
    pub(super) excluded: usize,
}

/// What an analysis says of itself when values are missing.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// "model cpr", "cox table3".
    pub(super) name: String,
    pub(super) missing: MissingValues,
}

impl Part {
    pub(super) fn new(plan: &Plan, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            missing: plan.missing,
        }
    }
}

/// Who the patients of the cohort's table are, for messages.
pub(super) struct Patients {
    keys: Vec<String>,
    source_rows: Vec<u32>,
}

impl Patients {
    /// The inputs that [`Self::read`] needs.
    pub(super) fn inputs(sources: &Sources) -> Vec<Input> {
        let table = places::table(&sources.plan.cohort.table);
        ["keys", "source_rows"]
            .map(|name| input(name, output(table.clone(), name)))
            .to_vec()
    }

    pub(super) fn read(inputs: &Inputs) -> Result<Self, Fault> {
        Ok(Self {
            keys: json(inputs, "keys")?,
            source_rows: json(inputs, "source_rows")?,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// For messages to the terminal only.
    pub(super) fn key(&self, row: usize) -> &str {
        self.keys.get(row).map_or("", String::as_str)
    }
}

impl Frame {
    /// These values as expressions see them.
    pub(super) fn of<'a>(&'a self, patients: &'a Patients) -> Result<data::Frame<'a>, Fault> {
        let columns = self
            .values
            .iter()
            .map(|(name, values)| (name.as_str(), values));
        Ok(data::Frame::new(
            &patients.keys,
            &patients.source_rows,
            columns,
        )?)
    }

    /// All inputs whose name is `value.NAME`.
    pub(super) fn read(inputs: &Inputs, declared: &[Input]) -> Result<Self, Fault> {
        Self::read_named(inputs, declared, "value.")
    }

    /// All inputs whose name begins so.
    pub(super) fn read_named(
        inputs: &Inputs,
        declared: &[Input],
        beginning: &str,
    ) -> Result<Self, Fault> {
        let mut values = BTreeMap::new();
        for input in declared {
            if let Some(name) = input.name.strip_prefix(beginning) {
                values.insert(name.to_owned(), inputs.json(&input.name)?);
            }
        }
        Ok(Self { values })
    }

    pub(super) fn get(&self, name: &str) -> &ColumnValues {
        self.values
            .get(name)
            .expect("the step declared an input for every value that it names")
    }

    /// The patients of `set` for whom every one of these values is recorded.
    pub(super) fn complete(
        &self,
        part: &Part,
        set: &[usize],
        names: &[&str],
    ) -> Result<Complete, StepError> {
        let rows: Vec<usize> = set
            .iter()
            .copied()
            .filter(|row| names.iter().all(|name| !self.get(name).is_missing(*row)))
            .collect();
        let excluded = set.len() - rows.len();
        if excluded > 0 && part.missing == MissingValues::Refuse {
            let lacking: Vec<String> = names
                .iter()
                .map(|name| {
                    (
                        name,
                        set.iter()
                            .filter(|row| self.get(name).is_missing(**row))
                            .count(),
                    )
                })
                .filter(|(_, count)| *count > 0)
                .map(|(name, count)| format!("`{name}` in {count}"))
                .collect();
            let problem = format!(
                "{excluded} of {} patients lack a value that it needs: {}",
                set.len(),
                lacking.join(", ")
            );
            let hint = "say what to do with missing values: `missing complete_cases` leaves these patients out of each \
                        analysis that needs the value; `impute NAME by median fit on SET` replaces it";
            return Err(StepError::of(&part.name, problem, Some(hint.to_owned())));
        }
        if rows.is_empty() {
            return Err(StepError::method(
                &part.name,
                format!(
                    "none of its {} patients has every value that it needs",
                    set.len()
                ),
            ));
        }
        Ok(Complete { rows, excluded })
    }

    /// Predictors of the given patients; levels that nobody has are left out.
    pub(super) fn predictors(
        &self,
        part: &Part,
        names: &[&str],
        rows: &[usize],
    ) -> Result<Vec<Predictor>, StepError> {
        names
            .iter()
            .map(|name| {
                data::predictor(name, self.get(name), rows)
                    .map(|prepared| prepared.predictor)
                    .map_err(|error| StepError::of(&part.name, &error, error.hint()))
            })
            .collect()
    }

    pub(super) fn design(
        &self,
        part: &Part,
        names: &[&str],
        rows: &[usize],
    ) -> Result<Design, StepError> {
        Ok(Design::new(
            rows.len(),
            &self.predictors(part, names, rows)?,
        ))
    }

    /// A yes_no value of the given patients.
    pub(super) fn flags(
        &self,
        part: &Part,
        name: &str,
        rows: &[usize],
    ) -> Result<Vec<bool>, StepError> {
        match self.get(name) {
            ColumnValues::YesNo(values) => rows
                .iter()
                .map(|row| {
                    values[*row]
                        .ok_or_else(|| StepError::method(&part.name, format!("`{name}` has gaps")))
                })
                .collect(),
            _ => Err(StepError::method(
                &part.name,
                format!("`{name}` is not a yes_no value"),
            )),
        }
    }

    /// A value as a score: a number as it is, an ordered category by the position of its level.
    pub(super) fn score(
        &self,
        part: &Part,
        name: &str,
        rows: &[usize],
    ) -> Result<Vec<f64>, StepError> {
        let at = |row: usize| match self.get(name) {
            ColumnValues::Number(values) => values[row],
            ColumnValues::Category { codes, .. } => codes[row].map(|code| code as f64),
            ColumnValues::YesNo(values) => values[row].map(|value| if value { 1.0 } else { 0.0 }),
            _ => None,
        };
        rows.iter()
            .map(|row| {
                at(*row).ok_or_else(|| {
                    StepError::method(&part.name, format!("`{name}` is not a score"))
                })
            })
            .collect()
    }

    /// A value as groups: the levels, and each patient's.
    pub(super) fn groups(
        &self,
        part: &Part,
        name: &str,
        rows: &[usize],
    ) -> Result<(Vec<String>, Vec<usize>), StepError> {
        match self.get(name) {
            ColumnValues::Category { levels, codes } => rows
                .iter()
                .map(|row| {
                    codes[*row]
                        .ok_or_else(|| StepError::method(&part.name, format!("`{name}` has gaps")))
                })
                .collect::<Result<_, _>>()
                .map(|codes| (levels.clone(), codes)),
            ColumnValues::YesNo(_) => {
                let flags = self.flags(part, name, rows)?;
                let codes = flags.into_iter().map(usize::from).collect();
                Ok((vec!["no".to_owned(), "yes".to_owned()], codes))
            }
            _ => Err(StepError::method(
                &part.name,
                format!("`{name}` has no levels"),
            )),
        }
    }
}

/// An input that holds JSON.
pub(super) fn json<T: DeserializeOwned>(inputs: &Inputs, name: &str) -> Result<T, Fault> {
    Ok(inputs.json(name)?)
}
