//! From columns to the feature matrix of a learner.
//!
//! Numbers as they are; yes_no as 0 and 1; an ordered category as 0, 1, …, in the order of its levels; any other
//! category as one indicator a level, named `column=level`. The columns of the matrix depend on the declarations alone,
//! so the matrices of any two sets of patients fit together.

use ndarray::Array2;

use super::column::ColumnValues;
use super::predictors::{PredictorError, known, numbers};

/// A row a patient, a column a feature.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    pub names: Vec<String>,
    pub matrix: Array2<f64>,
}

/// The features of the patients in `rows`. Of each column: its name, its values, and whether it is an ordered category.
pub fn encode_features(
    columns: &[(&str, &ColumnValues, bool)],
    rows: &[usize],
) -> Result<FeatureMatrix, PredictorError> {
    let mut names = Vec::new();
    let mut features: Vec<Vec<f64>> = Vec::new();
    for (name, values, ordered) in columns {
        match values {
            ColumnValues::Category { codes, .. } if *ordered => {
                names.push((*name).to_owned());
                features.push(
                    known(name, codes, rows)?
                        .into_iter()
                        .map(|code| code as f64)
                        .collect(),
                );
            }
            ColumnValues::Category { levels, codes } => {
                let codes = known(name, codes, rows)?;
                for (position, level) in levels.iter().enumerate() {
                    names.push(format!("{name}={level}"));
                    features.push(
                        codes
                            .iter()
                            .map(|code| f64::from(u8::from(*code == position)))
                            .collect(),
                    );
                }
            }
            other => {
                names.push((*name).to_owned());
                features.push(numbers(name, other, rows)?);
            }
        }
    }
    let mut matrix = Array2::zeros((rows.len(), features.len()));
    for (column, feature) in features.iter().enumerate() {
        for (row, value) in feature.iter().enumerate() {
            matrix[[row, column]] = *value;
        }
    }
    Ok(FeatureMatrix { names, matrix })
}
