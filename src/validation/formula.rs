//! R's model formulas, as far as the reference cases use them: `y ~ a + b`, `Surv(t, e == 2) ~ a + strata(s)`, `~ 1`.

use super::case::{CaseError, malformed};

/// The left side of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    Column(String),
    /// The event may be a condition (`status == 2`).
    Survival {
        time: String,
        event: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    pub response: Response,
    pub terms: Vec<String>,
    pub strata: Vec<String>,
}

impl Formula {
    pub fn parse(text: &str) -> Result<Self, CaseError> {
        let wrong = || malformed("data.formula", "`y ~ a + b` or `Surv(time, event) ~ a + b`");
        let (left, right) = text.split_once('~').ok_or_else(wrong)?;
        let left = left.trim();
        let response = match left
            .strip_prefix("Surv(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            Some(inside) => {
                let (time, event) = inside.split_once(',').ok_or_else(wrong)?;
                Response::Survival {
                    time: time.trim().to_owned(),
                    event: event.trim().to_owned(),
                }
            }
            None if left.is_empty() => return Err(wrong()),
            None => Response::Column(left.to_owned()),
        };
        let mut terms = Vec::new();
        let mut strata = Vec::new();
        for term in right
            .split('+')
            .map(str::trim)
            .filter(|t| !t.is_empty() && *t != "1")
        {
            match term
                .strip_prefix("strata(")
                .and_then(|rest| rest.strip_suffix(')'))
            {
                Some(name) => strata.push(name.trim().to_owned()),
                None => terms.push(term.to_owned()),
            }
        }
        Ok(Self {
            response,
            terms,
            strata,
        })
    }

    /// The columns that a row must have to be used.
    pub fn columns(&self) -> Vec<&str> {
        let mut names: Vec<&str> = match &self.response {
            Response::Column(name) => vec![name],
            Response::Survival { time, event } => {
                vec![time, event.split("==").next().unwrap_or(event).trim()]
            }
        };
        names.extend(self.terms.iter().chain(&self.strata).map(String::as_str));
        names
    }
}
