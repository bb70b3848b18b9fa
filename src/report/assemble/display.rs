//! How numbers are written in the report.

/// The form of a reported number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Display {
    /// A whole number.
    Count,
    /// So many decimal places.
    Decimals(usize),
    /// Three decimals, `<0.001` below; significant below `alpha`.
    PValue { alpha: f64 },
}

/// What stands where a value does not exist (a median that is not reached, a limit that is infinite).
const NOT_REACHED: &str = "NR";

impl Display {
    pub(super) fn show(self, value: Option<f64>) -> String {
        let Some(value) = value else {
            return NOT_REACHED.to_owned();
        };
        match self {
            Self::Count => format!("{value:.0}"),
            Self::Decimals(places) => decimals(value, places),
            Self::PValue { .. } if value < 0.001 => "<0.001".to_owned(),
            Self::PValue { .. } => decimals(value, 3),
        }
    }
}

/// The exact value of the number rounded to `places`, a tie to even; never "-0.000".
fn decimals(value: f64, places: usize) -> String {
    let shown = format!("{value:.places$}");
    if shown.starts_with('-') && !shown.contains(|c: char| c.is_ascii_digit() && c != '0') {
        shown[1..].to_owned()
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::Display;

    #[test]
    fn p_values_read_as_journals_write_them() {
        let p = |value| Display::PValue { alpha: 0.05 }.show(Some(value));
        assert_eq!(p(0.0396), "0.040");
        assert_eq!(p(0.00099), "<0.001");
        assert_eq!(p(1.0), "1.000");
    }

    #[test]
    fn there_is_no_negative_zero() {
        assert_eq!(Display::Decimals(2).show(Some(-0.001)), "0.00");
        assert_eq!(Display::Decimals(2).show(Some(-0.01)), "-0.01");
        assert_eq!(Display::Decimals(2).show(None), "NR");
    }
}
