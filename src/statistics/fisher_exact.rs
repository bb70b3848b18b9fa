//! Fisher's exact test of independence in a table of counts of any size.
//!
//! Both margins fixed, a table has probability ∏ row! ∏ column! / (N! ∏ cell!); p sums those of all tables no more
//! probable than the observed one × (1 + 10⁻⁷). 2 × 2: by the hypergeometric distribution, with the conditional odds
//! ratio. Larger: by a network over the columns (see `fisher_network`); where that would be too large, by tables
//! drawn at random with the same margins (see `fisher_monte_carlo`), and the result says so. Rows and columns without
//! patients are left out and reported.
//! Source: Fisher 1935; Freeman & Halton 1951; Mehta & Patel 1983. Convention: R `fisher.test`.

use serde::{Deserialize, Serialize};

use crate::numerics::Random;

use super::comparison_error::{ComparisonError, check_confidence_level};
use super::conditional_odds_ratio::{ConditionalOddsRatio, FirstCell};
use super::contingency::Contingency;
use super::fisher_monte_carlo::simulate;
use super::fisher_network::exact_p_value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FisherExact {
    pub p_value: f64,
    /// Of 2 × 2 tables.
    pub odds_ratio: Option<ConditionalOddsRatio>,
    /// Present if p comes from tables drawn at random.
    pub simulation: Option<FisherSimulation>,
    /// Left out because they hold no patients, by their number in the table given.
    pub empty_rows: Vec<usize>,
    pub empty_columns: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FisherSimulation {
    pub tables: usize,
    /// √(p (1 − p) / tables).
    pub standard_error: f64,
}

/// Of larger tables: their factorials would outgrow the integers that tell equal tables apart.
const MOST_PATIENTS: u64 = 1_000_000;

/// Tables drawn where the exact distribution is too large: p = 0.05 gets a standard error of 0.0007.
const TABLES: usize = 100_000;

/// `random` is drawn from only where the exact distribution of a table larger than 2 × 2 is too large.
pub fn fisher_exact(
    table: &[Vec<u64>],
    confidence_level: f64,
    random: &Random,
) -> Result<FisherExact, ComparisonError> {
    check_confidence_level(confidence_level)?;
    let table = Contingency::new(table)?;
    if table.is_two_by_two() {
        let cell = FirstCell::new([
            [table.counts[0][0], table.counts[0][1]],
            [table.counts[1][0], table.counts[1][1]],
        ]);
        return Ok(FisherExact {
            p_value: cell.p_value(),
            odds_ratio: Some(cell.odds_ratio(confidence_level)),
            simulation: None,
            empty_rows: table.empty_rows,
            empty_columns: table.empty_columns,
        });
    }
    check_size(&table)?;
    match exact_p_value(&table) {
        Some(p_value) => Ok(FisherExact {
            p_value,
            odds_ratio: None,
            simulation: None,
            empty_rows: table.empty_rows,
            empty_columns: table.empty_columns,
        }),
        None => Ok(simulated(table, TABLES, random)),
    }
}

/// The same test by `tables` (at least 1) tables drawn at random with the margins of the observed one, which counts
/// as one more: p = (1 + those no more probable) / (1 + tables).
pub fn fisher_monte_carlo(
    table: &[Vec<u64>],
    tables: usize,
    random: &Random,
) -> Result<FisherExact, ComparisonError> {
    if tables == 0 {
        return Err(ComparisonError::BadOption {
            option: "the number of tables drawn".to_owned(),
            value: 0.0,
            allowed: "at least 1".to_owned(),
        });
    }
    let table = Contingency::new(table)?;
    check_size(&table)?;
    Ok(simulated(table, tables, random))
}

fn check_size(table: &Contingency) -> Result<(), ComparisonError> {
    if table.total > MOST_PATIENTS {
        return Err(ComparisonError::TooManyPatients {
            patients: table.total,
            limit: MOST_PATIENTS,
        });
    }
    Ok(())
}

fn simulated(table: Contingency, tables: usize, random: &Random) -> FisherExact {
    let extreme = simulate(&table, tables, random);
    let p_value = (extreme + 1) as f64 / (tables + 1) as f64;
    FisherExact {
        p_value,
        odds_ratio: None,
        simulation: Some(FisherSimulation {
            tables,
            standard_error: (p_value * (1.0 - p_value) / tables as f64).sqrt(),
        }),
        empty_rows: table.empty_rows,
        empty_columns: table.empty_columns,
    }
}
