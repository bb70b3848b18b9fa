//! Days as numbers: how many since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
//! algorithms": years begin in March, so that the leap day is the last).

/// The number of an ISO 8601 day.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let number = number(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    (format(number) == text).then_some(number)
}

fn number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// YYYY-MM-DD.
pub(super) fn format(number: i64) -> String {
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn days_go_there_and_back() {
        assert_eq!(parse("1970-01-01"), Some(0));
        assert_eq!(parse("2000-03-01"), Some(11_017));
        for number in (-200_000..200_000).step_by(37) {
            assert_eq!(parse(&format(number)), Some(number));
        }
        assert_eq!(parse("2019-02-29"), None);
        assert_eq!(parse("2019-2-03"), None);
        assert_eq!(parse("2019-13-01"), None);
    }
}
