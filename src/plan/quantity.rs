//! Units of measurement: what the language knows, their dimensions, and exact conversion between them.

use serde::{Deserialize, Serialize};

/// A unit as the study writes it (`days`, `ng/ml`, `s/mm2`), in the spelling of the table below.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(String);

/// Exponents of the base dimensions, in the order of [`BASES`]; two units convert if these are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    exponents: [i32; BASES.len()],
    /// Units that nobody can convert (`"points"`), each with its exponent, in alphabetical order.
    opaque: Vec<(String, i32)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitError {
    /// No such unit; the nearest known ones.
    Unknown { unit: String, nearest: Vec<String> },
    /// Not of the form `a`, `a2`, `a/b`, `a.b/c2`.
    Malformed { unit: String },
}

const BASES: [&str; 7] = [
    "time",
    "length",
    "mass",
    "amount",
    "activity",
    "dose",
    "temperature",
];

/// One known symbol: names (the first is shown), base, exponent of the base, factor to the base unit as a fraction.
struct Symbol {
    names: &'static [&'static str],
    base: usize,
    exponent: i32,
    numerator: f64,
    denominator: f64,
}

const fn symbol(
    names: &'static [&'static str],
    base: usize,
    exponent: i32,
    numerator: f64,
    denominator: f64,
) -> Symbol {
    Symbol {
        names,
        base,
        exponent,
        numerator,
        denominator,
    }
}

// Base units: day, mm, g, mol, U, Gy, °C. A year is 365.25 days and a month a twelfth of it, as in most registries.
const SYMBOLS: &[Symbol] = &[
    symbol(&["days", "day", "d"], 0, 1, 1.0, 1.0),
    symbol(&["s", "seconds", "second"], 0, 1, 1.0, 86_400.0),
    symbol(&["min", "minutes", "minute"], 0, 1, 1.0, 1_440.0),
    symbol(&["hours", "hour", "h"], 0, 1, 1.0, 24.0),
    symbol(&["weeks", "week"], 0, 1, 7.0, 1.0),
    symbol(&["months", "month"], 0, 1, 487.0, 16.0),
    symbol(&["years", "year"], 0, 1, 1_461.0, 4.0),
    symbol(&["mm"], 1, 1, 1.0, 1.0),
    symbol(&["um"], 1, 1, 1.0, 1_000.0),
    symbol(&["cm"], 1, 1, 10.0, 1.0),
    symbol(&["m"], 1, 1, 1_000.0, 1.0),
    symbol(&["ul"], 1, 3, 1.0, 1.0),
    symbol(&["ml"], 1, 3, 1_000.0, 1.0),
    symbol(&["dl"], 1, 3, 100_000.0, 1.0),
    symbol(&["l", "litres", "litre"], 1, 3, 1_000_000.0, 1.0),
    symbol(&["g"], 2, 1, 1.0, 1.0),
    symbol(&["kg"], 2, 1, 1_000.0, 1.0),
    symbol(&["mg"], 2, 1, 1.0, 1_000.0),
    symbol(&["ug"], 2, 1, 1.0, 1_000_000.0),
    symbol(&["ng"], 2, 1, 1.0, 1_000_000_000.0),
    symbol(&["pg"], 2, 1, 1.0, 1_000_000_000_000.0),
    symbol(&["pounds", "pound", "lb"], 2, 1, 45_359_237.0, 100_000.0),
    symbol(&["mol"], 3, 1, 1.0, 1.0),
    symbol(&["mmol"], 3, 1, 1.0, 1_000.0),
    symbol(&["umol"], 3, 1, 1.0, 1_000_000.0),
    symbol(&["nmol"], 3, 1, 1.0, 1_000_000_000.0),
    symbol(&["pmol"], 3, 1, 1.0, 1_000_000_000_000.0),
    symbol(&["fmol"], 3, 1, 1.0, 1_000_000_000_000_000.0),
    symbol(&["U"], 4, 1, 1.0, 1.0),
    symbol(&["kU"], 4, 1, 1_000.0, 1.0),
    symbol(&["mU"], 4, 1, 1.0, 1_000.0),
    symbol(&["IU"], 4, 1, 1.0, 1.0),
    symbol(&["Gy"], 5, 1, 1.0, 1.0),
    symbol(&["cGy"], 5, 1, 1.0, 100.0),
    symbol(&["celsius"], 6, 1, 1.0, 1.0),
];

/// All unit symbols, for messages.
pub fn units() -> Vec<&'static str> {
    SYMBOLS
        .iter()
        .flat_map(|s| s.names.iter().copied())
        .collect()
}

/// One factor of a unit: symbol and exponent.
struct Factor {
    name: String,
    exponent: i32,
}

impl Unit {
    /// A known unit from its spelling: factors joined by `.` and divided by `/`, each with an optional exponent.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let mut canonical = String::new();
        for (position, factor) in factors(text)?.iter().enumerate() {
            let symbol = find(&factor.name).ok_or_else(|| UnitError::Unknown {
                unit: factor.name.clone(),
                nearest: nearest(&factor.name),
            })?;
            if factor.exponent < 0 {
                canonical.push_str(if position == 0 { "1/" } else { "/" });
            } else if position > 0 {
                canonical.push('.');
            }
            canonical.push_str(symbol.names[0]);
            if factor.exponent.abs() != 1 {
                canonical.push_str(&factor.exponent.abs().to_string());
            }
        }
        Ok(Self(canonical))
    }

    /// A unit of the study's own (`"score points"`): it converts to nothing but itself.
    pub fn opaque(text: &str) -> Self {
        Self(format!("\"{text}\""))
    }

    /// As shown to people, without the quotes of an opaque unit.
    pub fn text(&self) -> &str {
        self.0.trim_matches('"')
    }

    pub fn dimension(&self) -> Dimension {
        let mut dimension = Dimension {
            exponents: [0; BASES.len()],
            opaque: Vec::new(),
        };
        if self.0.starts_with('"') {
            dimension.opaque.push((self.text().to_owned(), 1));
            return dimension;
        }
        for factor in factors(&self.0).unwrap_or_default() {
            if let Some(symbol) = find(&factor.name) {
                dimension.exponents[symbol.base] += symbol.exponent * factor.exponent;
            }
        }
        dimension
    }

    /// The fraction by which a number in this unit is multiplied to be in `other`; none if they measure other things.
    pub fn conversion(&self, other: &Self) -> Option<(f64, f64)> {
        if self.dimension() != other.dimension() {
            return None;
        }
        let (a, b) = self.to_base();
        let (c, d) = other.to_base();
        let (numerator, denominator) = (a * d, b * c);
        let common = greatest_common_divisor(numerator, denominator);
        Some((numerator / common, denominator / common))
    }

    fn to_base(&self) -> (f64, f64) {
        let mut fraction = (1.0, 1.0);
        for factor in factors(&self.0).unwrap_or_default() {
            let Some(symbol) = find(&factor.name) else {
                continue;
            };
            for _ in 0..factor.exponent.abs() {
                if factor.exponent > 0 {
                    fraction = (
                        fraction.0 * symbol.numerator,
                        fraction.1 * symbol.denominator,
                    );
                } else {
                    fraction = (
                        fraction.0 * symbol.denominator,
                        fraction.1 * symbol.numerator,
                    );
                }
            }
        }
        fraction
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl Dimension {
    /// A word for what is measured: "time", "length", "volume", "mass per volume"; exponents where there is no word.
    pub fn describe(&self) -> String {
        if let [(name, 1)] = self.opaque.as_slice() {
            return format!("\"{name}\"");
        }
        let part = |sign: i32| {
            let words: Vec<String> = self
                .exponents
                .iter()
                .zip(BASES)
                .filter(|(exponent, _)| exponent.signum() == sign)
                .map(|(exponent, base)| match (base, exponent.abs()) {
                    ("length", 2) => "area".to_owned(),
                    ("length", 3) => "volume".to_owned(),
                    (base, 1) => base.to_owned(),
                    (base, power) => format!("{base}^{power}"),
                })
                .collect();
            words.join(" times ")
        };
        match (part(1), part(-1)) {
            (above, below) if above.is_empty() && below.is_empty() => "a plain number".to_owned(),
            (above, below) if below.is_empty() => above,
            (above, below) if above.is_empty() => format!("1 per {below}"),
            (above, below) => format!("{above} per {below}"),
        }
    }
}

fn factors(text: &str) -> Result<Vec<Factor>, UnitError> {
    let malformed = || UnitError::Malformed {
        unit: text.to_owned(),
    };
    let mut found = Vec::new();
    for (position, part) in text.split('/').enumerate() {
        for piece in part.split('.') {
            if position == 0 && piece == "1" && text.contains('/') {
                continue;
            }
            let digits = piece
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(piece.len());
            let (name, power) = piece.split_at(digits);
            let power: i32 = if power.is_empty() {
                1
            } else {
                power.parse().map_err(|_| malformed())?
            };
            if name.is_empty() || power == 0 || power > 9 {
                return Err(malformed());
            }
            found.push(Factor {
                name: name.to_owned(),
                exponent: if position == 0 { power } else { -power },
            });
        }
    }
    if found.is_empty() {
        Err(malformed())
    } else {
        Ok(found)
    }
}

fn find(name: &str) -> Option<&'static Symbol> {
    SYMBOLS.iter().find(|s| s.names.contains(&name))
}

fn nearest(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    SYMBOLS
        .iter()
        .flat_map(|s| s.names)
        .filter(|known| {
            let known = known.to_lowercase();
            known == lower
                || (lower.len() > 2
                    && (known.starts_with(&lower) || lower.starts_with(&known))
                    && known.len() > 2)
        })
        .map(|known| (*known).to_owned())
        .collect()
}

fn greatest_common_divisor(a: f64, b: f64) -> f64 {
    let (mut a, mut b) = (a, b);
    if a.max(b) > 9e15 {
        return 1.0;
    }
    while b != 0.0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::Unit;

    fn convert(value: f64, from: &str, to: &str) -> Option<f64> {
        let (numerator, denominator) = Unit::parse(from)
            .unwrap()
            .conversion(&Unit::parse(to).unwrap())?;
        Some(value * numerator / denominator)
    }

    #[test]
    fn conversions_are_exact() {
        assert_eq!(convert(1.0, "year", "days"), Some(365.25));
        assert_eq!(convert(12.0, "months", "years"), Some(1.0));
        assert_eq!(convert(11.0, "mm", "cm"), Some(1.1));
        assert_eq!(convert(20.0, "ng/ml", "ug/l"), Some(20.0));
        assert_eq!(convert(1000.0, "s/mm2", "s/mm2"), Some(1000.0));
        assert_eq!(convert(1.0, "days", "mm"), None);
    }

    #[test]
    fn dimensions_have_words() {
        let words = |text: &str| Unit::parse(text).unwrap().dimension().describe();
        assert_eq!(words("days"), "time");
        assert_eq!(words("ml"), "volume");
        assert_eq!(words("ng/ml"), "mass per volume");
        assert_eq!(words("s/mm2"), "time per area");
    }
}
