//! R's model formulas, as far as the reference cases use them: `y ~ a + b`, `y ~ a * b`, `y ~ a + b + a:b`, `Surv(t, e == 2) ~ a + strata(s)`,
//! `~ 1`. As in R, main effects come before interactions.

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
    /// Products of two of the terms.
    pub interactions: Vec<(String, String)>,
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
        let mut interactions: Vec<(String, String)> = Vec::new();
        let both = |text: &str, sign: char| {
            text.split_once(sign)
                .map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned()))
        };
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
                None => match both(term, '*') {
                    Some((a, b)) => {
                        for main in [&a, &b] {
                            if !terms.contains(main) {
                                terms.push(main.clone());
                            }
                        }
                        interactions.push((a, b));
                    }
                    None => match both(term, ':') {
                        Some(pair) => interactions.push(pair),
                        None => terms.push(term.to_owned()),
                    },
                },
            }
        }
        if interactions
            .iter()
            .any(|(a, b)| a == b || !terms.contains(a) || !terms.contains(b))
        {
            return Err(malformed(
                "data.formula",
                "a formula whose interactions are of two different terms that are in it themselves",
            ));
        }
        Ok(Self {
            response,
            terms,
            interactions,
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
