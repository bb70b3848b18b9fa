//! Numbers as files write them: digits with a decimal point. Everything else is refused with the likely cause.

use super::errors::Cause;

/// The number that `text`, without blanks around it, writes: sign, digits, decimal point, exponent. A comma is never
/// guessed at: "1,234" is 1.234 to one reader and 1234 to another.
pub(super) fn parse(text: &str) -> Result<f64, Cause> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    match text.parse::<f64>() {
        Ok(value) if plain && value.is_finite() => Ok(value + 0.0),
        Ok(_) if plain => Err(Cause::TooLarge),
        _ => Err(diagnose(text)),
    }
}

/// The spellings that other programs give to a value that was not recorded.
pub(super) fn looks_missing(text: &str) -> bool {
    const WORDS: [&str; 17] = [
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        "nd",
        "n.d.",
        "missing",
        "unknown",
        "not available",
        "-",
        "--",
        "?",
        ".",
    ];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn diagnose(text: &str) -> Cause {
    if looks_missing(text) {
        return Cause::LooksMissing;
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    if ["inf", "infinity", "∞"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word))
    {
        return Cause::Infinite;
    }
    if text.starts_with(['<', '>', '≤', '≥', '~']) {
        return Cause::BeyondLimit;
    }
    if let Some(rest) = text.strip_prefix(['\u{2212}', '\u{2013}', '\u{2014}'])
        && is_plain(rest)
    {
        return Cause::TypographicMinus {
            write: format!("-{rest}"),
        };
    }
    if let Some(cause) = separators(text) {
        return cause;
    }
    let end = text
        .char_indices()
        .find(|(_, c)| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '+' | '-'))
        .map_or(text.len(), |(position, _)| position);
    let (number, rest) = text.split_at(end);
    let number = match separators(number) {
        Some(Cause::DecimalComma { write }) => write,
        _ => number.to_owned(),
    };
    if is_plain(&number) && !rest.trim().is_empty() {
        return Cause::TextAfterNumber {
            number,
            text: super::cells::cut(rest.trim()),
        };
    }
    Cause::Unrecognised
}

fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        && text.parse::<f64>().is_ok()
}

/// Decimal commas and separators of thousands, where the text is nothing but digits and these.
fn separators(text: &str) -> Option<Cause> {
    let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (&text[..1], rest),
        None => ("", text),
    };
    let is_group = |c: char| c.is_whitespace() || matches!(c, '\'' | '’');
    let is_separator = |c: char| matches!(c, '.' | ',') || is_group(c);
    if !unsigned.contains(is_separator)
        || !unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || is_separator(c))
    {
        return None;
    }
    let parts: Vec<&str> = unsigned.split(is_separator).collect();
    let separators: Vec<char> = unsigned.chars().filter(|c| is_separator(*c)).collect();
    let grouped = |parts: &[&str]| {
        parts
            .iter()
            .enumerate()
            .all(|(position, part)| match position {
                0 => (1..=3).contains(&part.len()),
                _ => part.len() == 3,
            })
    };
    let joined = || format!("{sign}{}", parts.concat());
    let (last, before) = separators.split_last()?;
    let (decimals, whole) = parts.split_last()?;
    let as_decimal = || format!("{sign}{}.{decimals}", whole.concat());
    match (before, *last) {
        ([], ',') if decimals.is_empty() || parts[0].is_empty() => None,
        ([], ',') if grouped(&parts) && parts[0] != "0" => Some(Cause::AmbiguousComma {
            decimal: as_decimal(),
            thousands: joined(),
        }),
        ([], ',') => Some(Cause::DecimalComma {
            write: as_decimal(),
        }),
        ([], '.') => None,
        // One kind of separator throughout, or one kind and then the decimals.
        ([first, rest @ ..], last) if rest.iter().all(|c| c == first) => {
            let write = match (*first == last, grouped(&parts), grouped(whole)) {
                (true, true, _) => joined(),
                (false, _, true) if matches!(last, '.' | ',') => as_decimal(),
                _ => return None,
            };
            Some(Cause::ThousandsSeparator { write })
        }
        ([], _) if grouped(&parts) => Some(Cause::ThousandsSeparator { write: joined() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::data::Cause;

    #[test]
    fn plain_numbers_are_read() {
        for (text, value) in [
            ("12", 12.0),
            ("-0.5", -0.5),
            ("+3", 3.0),
            ("1e3", 1000.0),
            ("5.", 5.0),
            (".5", 0.5),
            ("1E-2", 0.01),
        ] {
            assert_eq!(parse(text), Ok(value));
        }
        assert!(parse("-0").unwrap().is_sign_positive());
    }

    #[test]
    fn the_cause_of_every_usual_fault_is_found() {
        let write = |text: &str| match parse(text) {
            Err(Cause::DecimalComma { write }) => format!("comma {write}"),
            Err(Cause::ThousandsSeparator { write }) => format!("thousands {write}"),
            Err(Cause::TypographicMinus { write }) => format!("minus {write}"),
            Err(Cause::AmbiguousComma { decimal, thousands }) => {
                format!("{decimal} or {thousands}")
            }
            Err(Cause::TextAfterNumber { number, text }) => format!("{number} then {text}"),
            other => format!("{other:?}"),
        };
        assert_eq!(write("1,5"), "comma 1.5");
        assert_eq!(write("-12,25"), "comma -12.25");
        assert_eq!(write("0,125"), "comma 0.125");
        assert_eq!(write("1,234"), "1.234 or 1234");
        assert_eq!(write("1.234,5"), "thousands 1234.5");
        assert_eq!(write("1,234.5"), "thousands 1234.5");
        assert_eq!(write("1 234,5"), "thousands 1234.5");
        assert_eq!(write("1'234"), "thousands 1234");
        assert_eq!(write("1.234.567"), "thousands 1234567");
        assert_eq!(write("−5"), "minus -5");
        assert_eq!(write("12 mm"), "12 then mm");
        assert_eq!(write("12,5mm"), "12.5 then mm");
        assert_eq!(write("50%"), "50 then %");
        assert_eq!(write("NaN"), "Err(LooksMissing)");
        assert_eq!(write("-inf"), "Err(Infinite)");
        assert_eq!(write("1e999"), "Err(TooLarge)");
        assert_eq!(write("<0.1"), "Err(BeyondLimit)");
        assert_eq!(write("0x1F"), "0 then x1F");
        assert_eq!(write("abc"), "Err(Unrecognised)");
        assert_eq!(write("1,,5"), "Err(Unrecognised)");
        assert_eq!(write("10,125"), "10.125 or 10125");
        assert_eq!(write("1.2.3"), "Err(Unrecognised)");
        assert_eq!(write("1,"), "Err(Unrecognised)");
    }
}
