//! The features as dense ranks: a tree asks only which of two values is larger, so the search for splits works on small
//! whole numbers and reads the values again only for the threshold of the split that it keeps.

use ndarray::Array2;

/// Ranks from 0, equal values alike, feature by feature.
pub(super) struct Ranks {
    patients: usize,
    features: usize,
    /// The rank of patient i in feature f is at f × patients + i.
    ranks: Vec<u32>,
    /// The distinct values of feature f, ascending, are at starts[f]..starts[f + 1].
    values: Vec<f64>,
    starts: Vec<usize>,
}

impl Ranks {
    /// Ranks of finite values.
    pub(super) fn new(features: &Array2<f64>) -> Self {
        let (patients, columns) = features.dim();
        let mut ranks = vec![0; patients * columns];
        let mut values = Vec::new();
        let mut starts = vec![0];
        let mut sorted: Vec<(f64, u32)> = Vec::with_capacity(patients);
        for (feature, column) in features.columns().into_iter().enumerate() {
            sorted.clear();
            sorted.extend(column.iter().copied().zip(0..));
            sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            let of_feature = &mut ranks[feature * patients..(feature + 1) * patients];
            let start = values.len();
            for (value, patient) in &sorted {
                // Not total_cmp: 0 and −0 are one value.
                if values.len() == start || values[values.len() - 1] != *value {
                    values.push(*value);
                }
                of_feature[*patient as usize] = (values.len() - start - 1) as u32;
            }
            starts.push(values.len());
        }
        Self {
            patients,
            features: columns,
            ranks,
            values,
            starts,
        }
    }

    pub(super) fn patients(&self) -> usize {
        self.patients
    }

    pub(super) fn features(&self) -> usize {
        self.features
    }

    /// The ranks of all patients in one feature.
    pub(super) fn of(&self, feature: usize) -> &[u32] {
        &self.ranks[feature * self.patients..(feature + 1) * self.patients]
    }

    /// How many distinct values a feature has.
    pub(super) fn distinct(&self, feature: usize) -> usize {
        self.starts[feature + 1] - self.starts[feature]
    }

    /// The largest number of distinct values of any feature.
    pub(super) fn most_distinct(&self) -> usize {
        (0..self.features)
            .map(|feature| self.distinct(feature))
            .max()
            .unwrap_or(0)
    }

    /// The midpoint of two values of a feature, at least the lower and below the upper one even where rounding would
    /// make it the upper.
    pub(super) fn midpoint(&self, feature: usize, lower: u32, upper: u32) -> f64 {
        let start = self.starts[feature];
        let (low, high) = (
            self.values[start + lower as usize],
            self.values[start + upper as usize],
        );
        let middle = low / 2.0 + high / 2.0;
        if middle >= low && middle < high {
            middle
        } else {
            low
        }
    }
}
