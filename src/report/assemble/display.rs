//! How numbers are written in the report.

use crate::plan::{PValueStyle, ReportStyle};

/// The form of a reported number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Display {
    /// A whole number.
    Count,
    /// So many decimal places, whatever the style of the study.
    Decimals(usize),
    /// An area, a ratio, a share: so many decimal places unless the style of the study says otherwise.
    Estimate(usize),
    /// As the style of the study says; significant below `alpha`.
    PValue { alpha: f64 },
}

/// What stands where a value does not exist (a median that is not reached, a limit that is infinite).
const NOT_REACHED: &str = "NR";

impl Display {
    pub(super) fn show(self, value: Option<f64>, style: &ReportStyle) -> String {
        let Some(value) = value else {
            return NOT_REACHED.to_owned();
        };
        match self {
            Self::Count => format!("{value:.0}"),
            Self::Decimals(places) => decimals(value, places),
            Self::Estimate(places) => decimals(value, style.decimals.unwrap_or(places)),
            Self::PValue { alpha } => p_value(value, alpha, style.p_values),
        }
    }
}

fn p_value(p: f64, alpha: f64, style: PValueStyle) -> String {
    match style {
        PValueStyle::ThreeDecimals if p < 0.001 => "<0.001".to_owned(),
        PValueStyle::ThreeDecimals => decimals(p, 3),
        PValueStyle::FourDecimals if p < 0.0001 => "<0.0001".to_owned(),
        PValueStyle::FourDecimals => decimals(p, 4),
        PValueStyle::TwoDecimals if p < 0.001 => "<0.001".to_owned(),
        PValueStyle::TwoDecimals if p < 0.01 || decimals(p, 2) == decimals(alpha, 2) => {
            decimals(p, 3)
        }
        PValueStyle::TwoDecimals => decimals(p, 2),
        PValueStyle::TwoDecimalsNoZero => {
            p_value(p, alpha, PValueStyle::TwoDecimals).replacen("0.", ".", 1)
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
    use crate::plan::{PValueStyle, ReportStyle};

    fn p(value: f64, p_values: PValueStyle) -> String {
        let style = ReportStyle {
            p_values,
            ..ReportStyle::default()
        };
        Display::PValue { alpha: 0.05 }.show(Some(value), &style)
    }

    #[test]
    fn p_values_read_as_journals_write_them() {
        let three = |value| p(value, PValueStyle::ThreeDecimals);
        assert_eq!(three(0.0396), "0.040");
        assert_eq!(three(0.00099), "<0.001");
        assert_eq!(three(1.0), "1.000");
        let two = |value| p(value, PValueStyle::TwoDecimals);
        assert_eq!(two(0.0396), "0.04");
        assert_eq!(two(0.0049), "0.005");
        assert_eq!(two(0.0501), "0.050");
        assert_eq!(two(0.0499), "0.050");
        assert_eq!(two(0.00099), "<0.001");
        assert_eq!(p(0.0396, PValueStyle::TwoDecimalsNoZero), ".04");
        assert_eq!(p(0.0001, PValueStyle::TwoDecimalsNoZero), "<.001");
        assert_eq!(p(0.00009, PValueStyle::FourDecimals), "<0.0001");
        assert_eq!(p(0.0396, PValueStyle::FourDecimals), "0.0396");
    }

    #[test]
    fn estimates_follow_the_style() {
        let style = ReportStyle {
            decimals: Some(2),
            ..ReportStyle::default()
        };
        assert_eq!(Display::Estimate(3).show(Some(0.7125), &style), "0.71");
        assert_eq!(Display::Decimals(1).show(Some(0.7125), &style), "0.7");
        assert_eq!(
            Display::Estimate(3).show(Some(0.7125), &ReportStyle::default()),
            "0.713"
        );
    }

    #[test]
    fn there_is_no_negative_zero() {
        let style = ReportStyle::default();
        assert_eq!(Display::Decimals(2).show(Some(-0.001), &style), "0.00");
        assert_eq!(Display::Decimals(2).show(Some(-0.01), &style), "-0.01");
        assert_eq!(Display::Decimals(2).show(None, &style), "NR");
    }
}
