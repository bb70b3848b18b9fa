//! Days in ISO 8601 (YYYY-MM-DD), and what other spellings may have meant.

use super::errors::Cause;

/// Is this a day of the Gregorian calendar, written YYYY-MM-DD?
pub(super) fn is_day(text: &str) -> bool {
    iso_parts(text).is_some_and(|(year, month, day)| exists(year, month, day))
}

/// The day as ISO 8601 writes it, if there is such a day.
pub(super) fn iso(year: u32, month: u32, day: u32) -> Option<String> {
    exists(year, month, day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn iso_parts(text: &str) -> Option<(u32, u32, u32)> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(position, byte)| match position {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    if !shaped {
        return None;
    }
    Some((
        text[..4].parse().ok()?,
        text[5..7].parse().ok()?,
        text[8..].parse().ok()?,
    ))
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=9999).contains(&year) && (1..=days).contains(&day)
}

/// Why this text is no day, and which days it may mean.
pub(super) fn diagnose(text: &str) -> Cause {
    if iso_parts(text).is_some() {
        return Cause::ImpossibleDay;
    }
    if let Some((day, _)) = text.split_once(['T', ' ']).filter(|(day, _)| is_day(day)) {
        return Cause::DateWithTime {
            day: day.to_owned(),
        };
    }
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.split(['.', '/', '-', ' '])
            .filter(|part| !part.is_empty())
            .collect()
    };
    let numbers: Option<Vec<u32>> = parts
        .iter()
        .map(|part| part.parse().ok().filter(|_| part.len() <= 4))
        .collect();
    let readings = match (numbers.as_deref(), parts.as_slice()) {
        (Some([a, b, c]), [first, ..]) if first.len() == 4 => vec![iso(*a, *b, *c)],
        (Some([a, b, c]), [.., last]) if last.len() == 4 => vec![iso(*c, *b, *a), iso(*c, *a, *b)],
        _ => Vec::new(),
    };
    let mut readings: Vec<String> = readings.into_iter().flatten().collect();
    readings.dedup();
    match readings.len() {
        0 => Cause::Unrecognised,
        1 => Cause::OtherDateFormat {
            reading: readings.remove(0),
        },
        _ => Cause::AmbiguousDate { readings },
    }
}

#[cfg(test)]
mod tests {
    use super::{diagnose, is_day};
    use crate::data::Cause;

    #[test]
    fn only_days_of_the_calendar_are_days() {
        for day in ["2019-12-31", "2000-02-29", "2024-02-29", "0001-01-01"] {
            assert!(is_day(day), "{day}");
        }
        for text in [
            "1900-02-29",
            "2019-02-29",
            "2019-13-01",
            "2019-00-01",
            "2019-04-31",
            "0000-01-01",
            "2019-1-1",
            "２019-01-01",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_read_for_the_advice() {
        let readings = |text: &str| match diagnose(text) {
            Cause::OtherDateFormat { reading } => vec![reading],
            Cause::AmbiguousDate { readings } => readings,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(readings("31.12.2019"), ["2019-12-31"]);
        assert_eq!(readings("12/31/2019"), ["2019-12-31"]);
        assert_eq!(readings("03/04/2019"), ["2019-04-03", "2019-03-04"]);
        assert_eq!(readings("04/04/2019"), ["2019-04-04"]);
        assert_eq!(readings("2019/1/5"), ["2019-01-05"]);
        assert_eq!(readings("20191231"), ["2019-12-31"]);
        assert_eq!(diagnose("2019-02-30"), Cause::ImpossibleDay);
        assert_eq!(diagnose("31.12.19"), Cause::Unrecognised);
        assert_eq!(diagnose("99999999999.1.2019"), Cause::Unrecognised);
    }
}
