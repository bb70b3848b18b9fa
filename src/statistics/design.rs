//! Design matrices: the columns that a regression sees, made from numbers and categories.
//!
//! A category with k levels becomes k − 1 columns of 0 and 1 (treatment contrasts, R's `contr.treatment`); the first
//! level is the reference. A term is what enters and leaves a model whole: one number, or all columns of a category.

use std::ops::Range;

use ndarray::Array2;

/// One predictor of n patients, without missing values: the caller drops or imputes them and reports how many.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictor {
    Number {
        name: String,
        values: Vec<f64>,
    },
    /// `codes[i]` is the index into `levels` of patient i; level 0 is the reference.
    Category {
        name: String,
        levels: Vec<String>,
        codes: Vec<usize>,
    },
}

/// A term and the columns of the matrix that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub name: String,
    pub columns: Range<usize>,
}

/// `matrix` has a row a patient and a column a coefficient, without an intercept.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    pub matrix: Array2<f64>,
    pub columns: Vec<Column>,
    pub terms: Vec<Term>,
}

/// A column of the matrix: a number (`level` is none), or the indicator of one level of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub term: String,
    pub level: Option<String>,
}

impl Predictor {
    pub fn name(&self) -> &str {
        match self {
            Self::Number { name, .. } | Self::Category { name, .. } => name,
        }
    }

    fn column_count(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Category { levels, .. } => levels.len().saturating_sub(1),
        }
    }
}

impl Design {
    /// The design of `rows` patients. Every predictor must have `rows` values.
    pub fn new(rows: usize, predictors: &[Predictor]) -> Self {
        let width = predictors.iter().map(Predictor::column_count).sum();
        let mut matrix = Array2::zeros((rows, width));
        let mut columns = Vec::with_capacity(width);
        let mut terms = Vec::with_capacity(predictors.len());
        for predictor in predictors {
            let start = columns.len();
            match predictor {
                Predictor::Number { name, values } => {
                    for (row, value) in values.iter().enumerate() {
                        matrix[[row, start]] = *value;
                    }
                    columns.push(Column {
                        term: name.clone(),
                        level: None,
                    });
                }
                Predictor::Category {
                    name,
                    levels,
                    codes,
                } => {
                    for (row, code) in codes.iter().enumerate() {
                        if *code > 0 {
                            matrix[[row, start + code - 1]] = 1.0;
                        }
                    }
                    columns.extend(levels.iter().skip(1).map(|level| Column {
                        term: name.clone(),
                        level: Some(level.clone()),
                    }));
                }
            }
            terms.push(Term {
                name: predictor.name().to_owned(),
                columns: start..columns.len(),
            });
        }
        Self {
            matrix,
            columns,
            terms,
        }
    }

    /// This design and the interaction of two of its terms: the products of their columns, those of the first term running
    /// fastest (as in R). The term is called `a:b`; the level of a column names the levels that it multiplies.
    pub fn with_interaction(&self, first: usize, second: usize) -> Self {
        let (a, b) = (&self.terms[first], &self.terms[second]);
        let name = format!("{}:{}", a.name, b.name);
        let mut design = self.clone();
        let start = design.columns.len();
        for right in b.columns.clone() {
            for left in a.columns.clone() {
                let product = &self.matrix.column(left) * &self.matrix.column(right);
                design
                    .matrix
                    .push_column(product.view())
                    .expect("a product has a value a patient");
                let levels: Vec<&str> = [left, right]
                    .into_iter()
                    .filter_map(|column| self.columns[column].level.as_deref())
                    .collect();
                design.columns.push(Column {
                    term: name.clone(),
                    level: (!levels.is_empty()).then(|| levels.join(":")),
                });
            }
        }
        design.terms.push(Term {
            name,
            columns: start..design.columns.len(),
        });
        design
    }

    /// The design of some of the terms, by index, in the order given.
    pub fn select(&self, terms: &[usize]) -> Self {
        let picked: Vec<usize> = terms
            .iter()
            .flat_map(|t| self.terms[*t].columns.clone())
            .collect();
        let mut start = 0;
        Self {
            matrix: self.matrix.select(ndarray::Axis(1), &picked),
            columns: picked.iter().map(|c| self.columns[*c].clone()).collect(),
            terms: terms
                .iter()
                .map(|t| {
                    let width = self.terms[*t].columns.len();
                    start += width;
                    Term {
                        name: self.terms[*t].name.clone(),
                        columns: start - width..start,
                    }
                })
                .collect(),
        }
    }
}
