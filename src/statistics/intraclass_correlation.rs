//! Intraclass correlation of n subjects, each read k times: reliability of one reading, or of the mean of the k.
//!
//! Mean squares: R between subjects (n − 1), C between readers (k − 1), E residual ((n − 1)(k − 1)), W within
//! subjects (n (k − 1)).
//! One-way: (R − W) / (R + (k − 1) W); mean: (R − W) / R.
//! Consistency: (R − E) / (R + (k − 1) E); mean: (R − E) / R.
//! Agreement: (R − E) / (R + (k − 1) E + k (C − E) / n); mean: (R − E) / (R + (C − E) / n).
//! The F test of ρ = ρ₀ is one-sided (ρ > ρ₀); limits are two-sided. For agreement both use Satterthwaite's degrees
//! of freedom. Random and mixed two-way models give the same figures and differ in what may be concluded: for readers
//! like these, or for these.
//! Estimates are not cut at 0: a negative one says that the readings of a subject differ more than subjects do. For the
//! degrees of freedom of the agreement limits it counts as 0 (`psych` and `irr` take it as it is, which can make them
//! NaN).
//! Missing readings: the caller leaves the subject out. O(n k).
//! Source: Shrout & Fleiss 1979; McGraw & Wong 1996 (tables 4, 7 and 8, with the correction of 1996, p. 390).
//! Convention: R `psych::ICC`, `irr::icc`.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::numerics;

use super::agreement_error::{AgreementError, check_confidence_level};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IccModel {
    /// Every reading by another reader, drawn at random.
    OneWayRandom,
    /// All subjects by the same readers, drawn at random.
    TwoWayRandom,
    /// All subjects by the same readers, the only ones of interest.
    TwoWayMixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IccUnit {
    Single,
    /// The mean of the k readings.
    Average,
}

/// Which coefficient, and what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IccOptions {
    pub model: IccModel,
    /// Absolute agreement rather than consistency; a one-way model knows no other.
    pub agreement: bool,
    pub unit: IccUnit,
    pub confidence_level: f64,
    /// ρ₀ of the F test, as a rule 0.
    pub null_value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntraclassCorrelation {
    /// "ICC(A,1)" and so on.
    pub mcgraw_wong: String,
    /// "ICC(2,1)" and so on; none of the forms that Shrout & Fleiss leave out.
    pub shrout_fleiss: Option<String>,
    pub icc: f64,
    /// None if it is −∞: the mean of readings that may disagree without bound.
    pub lower: Option<f64>,
    pub upper: f64,
    pub confidence_level: f64,
    /// None if it is infinite: the readings agree perfectly.
    pub f: Option<f64>,
    pub numerator_degrees_of_freedom: f64,
    pub denominator_degrees_of_freedom: f64,
    pub p_value: f64,
    pub mean_squares: MeanSquares,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanSquares {
    pub subjects: usize,
    pub readers: usize,
    pub between_subjects: f64,
    pub between_readers: f64,
    pub residual: f64,
    pub within_subjects: f64,
}

/// `ratings` has a row a subject and a column a reader.
pub fn intraclass_correlation(
    ratings: &Array2<f64>,
    options: &IccOptions,
) -> Result<IntraclassCorrelation, AgreementError> {
    check_confidence_level(options.confidence_level)?;
    if !(options.null_value >= 0.0 && options.null_value < 1.0) {
        return Err(AgreementError::BadOption {
            option: "the null value of the intraclass correlation".to_owned(),
            value: options.null_value,
            allowed: "at least 0 and below 1".to_owned(),
        });
    }
    let squares = MeanSquares::new(ratings)?;
    let estimate = match (options.model, options.agreement) {
        (IccModel::OneWayRandom, _) => {
            let within = squares.within_subjects;
            squares.ratio_form(within, squares.n() * (squares.k() - 1.0), options)
        }
        (_, false) => {
            let residual = squares.residual;
            squares.ratio_form(residual, squares.residual_degrees(), options)
        }
        (_, true) => squares.agreement_form(options)?,
    };
    let number = match options.unit {
        IccUnit::Single => "1".to_owned(),
        IccUnit::Average => squares.readers.to_string(),
    };
    let (mcgraw_wong, shrout_fleiss) = match (options.model, options.agreement) {
        (IccModel::OneWayRandom, _) => (format!("ICC({number})"), Some(1)),
        (IccModel::TwoWayRandom, true) => (format!("ICC(A,{number})"), Some(2)),
        (IccModel::TwoWayMixed, true) => (format!("ICC(A,{number})"), None),
        (IccModel::TwoWayRandom, false) => (format!("ICC(C,{number})"), None),
        (IccModel::TwoWayMixed, false) => (format!("ICC(C,{number})"), Some(3)),
    };
    Ok(IntraclassCorrelation {
        mcgraw_wong,
        shrout_fleiss: shrout_fleiss.map(|model| format!("ICC({model},{number})")),
        icc: estimate.icc,
        lower: estimate.lower.is_finite().then_some(estimate.lower),
        upper: estimate.upper,
        confidence_level: options.confidence_level,
        f: estimate.f.is_finite().then_some(estimate.f),
        numerator_degrees_of_freedom: squares.n() - 1.0,
        denominator_degrees_of_freedom: estimate.denominator_degrees,
        p_value: numerics::f_upper(estimate.f, squares.n() - 1.0, estimate.denominator_degrees),
        mean_squares: squares,
    })
}

struct Estimate {
    icc: f64,
    lower: f64,
    upper: f64,
    f: f64,
    denominator_degrees: f64,
}

impl MeanSquares {
    fn new(ratings: &Array2<f64>) -> Result<Self, AgreementError> {
        let (subjects, readers) = ratings.dim();
        if subjects < 2 {
            return Err(AgreementError::TooFewSubjects { subjects });
        }
        if readers < 2 {
            return Err(AgreementError::TooFewReaders { readers });
        }
        let mut largest = 0.0_f64;
        for ((subject, reader), value) in ratings.indexed_iter() {
            if !value.is_finite() {
                return Err(AgreementError::NotFinite { subject, reader });
            }
            largest = largest.max(value.abs());
        }
        let first = ratings[[0, 0]];
        if ratings.iter().all(|value| *value == first) {
            return Err(AgreementError::AllEqual { value: first });
        }
        let (n, k) = (subjects as f64, readers as f64);
        let row_means: Vec<f64> = ratings
            .rows()
            .into_iter()
            .map(|row| numerics::mean(&row.to_vec()))
            .collect();
        let column_means: Vec<f64> = ratings
            .columns()
            .into_iter()
            .map(|column| numerics::mean(&column.to_vec()))
            .collect();
        let grand_mean = numerics::mean(&row_means);
        // Sums of squares that rounding alone can make are 0: perfect agreement stays perfect.
        let rounding = 8.0 * f64::EPSILON * largest;
        let sum_of_squares = |parts: Vec<f64>| {
            let total = numerics::dot(&parts, &parts);
            if total <= parts.len() as f64 * rounding * rounding {
                0.0
            } else {
                total
            }
        };
        let deviations = |means: &[f64]| means.iter().map(|mean| mean - grand_mean).collect();
        let between_subjects = k * sum_of_squares(deviations(&row_means));
        let between_readers = n * sum_of_squares(deviations(&column_means));
        let residual = sum_of_squares(
            ratings
                .indexed_iter()
                .map(|((row, column), value)| {
                    (value - row_means[row]) - (column_means[column] - grand_mean)
                })
                .collect(),
        );
        if between_subjects == 0.0 {
            return Err(AgreementError::SubjectsAlike);
        }
        Ok(Self {
            subjects,
            readers,
            between_subjects: between_subjects / (n - 1.0),
            between_readers: between_readers / (k - 1.0),
            residual: residual / ((n - 1.0) * (k - 1.0)),
            within_subjects: (between_readers + residual) / (n * (k - 1.0)),
        })
    }

    fn n(&self) -> f64 {
        self.subjects as f64
    }

    fn k(&self) -> f64 {
        self.readers as f64
    }

    fn residual_degrees(&self) -> f64 {
        (self.n() - 1.0) * (self.k() - 1.0)
    }

    /// The one-way and the consistency forms, which depend on R and the error mean square by their ratio only.
    fn ratio_form(&self, error: f64, degrees: f64, options: &IccOptions) -> Estimate {
        let (n, k) = (self.n(), self.k());
        let null = options.null_value;
        let ratio = self.between_subjects / error;
        let probability = 0.5 + options.confidence_level / 2.0;
        // ρ of a ratio of mean squares; an infinite ratio is perfect agreement.
        let of = |ratio: f64| {
            if ratio.is_infinite() {
                return 1.0;
            }
            match options.unit {
                IccUnit::Single => (ratio - 1.0) / (ratio + k - 1.0),
                IccUnit::Average => 1.0 - 1.0 / ratio,
            }
        };
        let expected = match options.unit {
            IccUnit::Single => (1.0 + (k - 1.0) * null) / (1.0 - null),
            IccUnit::Average => 1.0 / (1.0 - null),
        };
        Estimate {
            icc: of(ratio),
            lower: of(ratio / numerics::f_quantile(probability, n - 1.0, degrees)),
            upper: of(ratio * numerics::f_quantile(probability, degrees, n - 1.0)),
            f: ratio / expected,
            denominator_degrees: degrees,
        }
    }

    /// The absolute agreement forms. `single` is the coefficient of one reading; the mean of k has the odds ρ / (1 −
    /// ρ) of one reading times k, so everything is computed for one reading and stepped up (Spearman 1910, Brown 1910).
    fn agreement_form(&self, options: &IccOptions) -> Result<Estimate, AgreementError> {
        let (n, k) = (self.n(), self.k());
        let (rows, columns, error) = (self.between_subjects, self.between_readers, self.residual);
        let stepped = |single: f64| match options.unit {
            IccUnit::Single => single,
            IccUnit::Average if (k - 1.0) * single <= -1.0 => f64::NEG_INFINITY,
            IccUnit::Average => k * single / (1.0 + (k - 1.0) * single),
        };
        let null = match options.unit {
            IccUnit::Single => options.null_value,
            IccUnit::Average => options.null_value / (k - (k - 1.0) * options.null_value),
        };
        let single = (rows - error) / (rows + (k - 1.0) * error + k * (columns - error) / n);
        let (denominator, denominator_degrees) = self.satterthwaite(null);
        let f = rows / denominator;
        if columns == 0.0 && error == 0.0 {
            return Ok(Estimate {
                icc: 1.0,
                lower: 1.0,
                upper: 1.0,
                f,
                denominator_degrees,
            });
        }
        let icc = stepped(single);
        if icc.is_infinite() {
            return Err(AgreementError::AverageNotDefined { single });
        }
        // A negative coefficient is no odds of variances: the degrees of freedom are then those of 0.
        let degrees = self.satterthwaite(single.max(0.0)).1;
        let probability = 0.5 + options.confidence_level / 2.0;
        let low = numerics::f_quantile(probability, n - 1.0, degrees);
        let high = numerics::f_quantile(probability, degrees, n - 1.0);
        let rest = k * columns + (k * n - k - n) * error;
        Ok(Estimate {
            icc,
            lower: stepped(n * (rows - low * error) / (low * rest + n * rows)),
            upper: stepped(n * (high * rows - error) / (rest + n * high * rows)),
            f,
            denominator_degrees,
        })
    }

    /// The mean square that R is compared with if one reading has the coefficient `single`, and its degrees of freedom.
    fn satterthwaite(&self, single: f64) -> (f64, f64) {
        let (n, k) = (self.n(), self.k());
        let odds = k * single / (n * (1.0 - single));
        let readers = odds * self.between_readers;
        let error = (1.0 + odds * (n - 1.0)) * self.residual;
        let total = readers + error;
        if total == 0.0 {
            // Perfect agreement, or perfect consistency tested against 0.
            return (0.0, self.residual_degrees());
        }
        let (readers, error) = (readers / total, error / total);
        (
            total,
            1.0 / (readers * readers / (k - 1.0) + error * error / self.residual_degrees()),
        )
    }
}
