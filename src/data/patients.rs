//! Patients as messages name them: by key, with their row in the file.

use std::fmt;

use super::cells::cut;

/// `row` is the row of the file as a spreadsheet counts it: the header is row 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patient {
    pub key: String,
    pub row: u32,
}

/// The patients that a message is about: how many, and the first of them in the order of their key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patients {
    pub count: usize,
    pub first: Vec<Patient>,
}

/// So many patients are named; the others are counted.
const NAMED: usize = 5;

impl Patients {
    pub(super) fn push(&mut self, patient: impl FnOnce() -> Patient) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(patient());
        }
    }
}

impl fmt::Display for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (row {})", cut(&self.key), self.row)
    }
}

impl fmt::Display for Patients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.count == 1 {
            "patient"
        } else {
            "patients"
        };
        write!(f, "{} {noun}: ", self.count)?;
        for (position, patient) in self.first.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{patient}")?;
        }
        match self.count.saturating_sub(self.first.len()) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
