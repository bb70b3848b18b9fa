//! What to do about each error of a file.

use super::cells::{listed, quoted};
use super::errors::{Cause, DataError, DataErrorKind, Expected};

impl DataError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<String> {
        let column = self.place.column.as_deref().unwrap_or("the column");
        let text = match &self.kind {
            DataErrorKind::UnknownFormat => {
                "save the table as .csv (separated by commas, encoded as UTF-8) or as .xlsx".to_owned()
            }
            DataErrorKind::Empty => "check that the file was saved and copied completely".to_owned(),
            DataErrorKind::NoPatients => "the first row holds the headers; each row after it is one patient".to_owned(),
            DataErrorKind::Utf16 | DataErrorKind::NotUtf8 { .. } => {
                "save the file again as \"CSV UTF-8\", or as .xlsx".to_owned()
            }
            DataErrorKind::NotText => "save the table again as .csv or as .xlsx".to_owned(),
            DataErrorKind::OtherContent { .. } => {
                "open it in a spreadsheet program and save it as .csv (UTF-8) or as .xlsx".to_owned()
            }
            DataErrorKind::NotAWorkbook => "if it is text, name it .csv; otherwise save it again as .xlsx".to_owned(),
            DataErrorKind::EmptySheet { sheets, .. } if sheets.len() > 1 => {
                format!("the first sheet is read unless the table names another (sheet \"…\"); the file has {}", listed(sheets, "and", 8))
            }
            DataErrorKind::EmptySheet { .. } => "check that the file was saved and copied completely".to_owned(),
            DataErrorKind::Delimiter { .. } => {
                "save it separated by commas, with decimal points; or save it as .xlsx, where neither matters".to_owned()
            }
            DataErrorKind::UnclosedQuote => {
                "close the quotation mark; one that belongs to the text is written twice (\"\") inside quotation marks".to_owned()
            }
            DataErrorKind::TextAfterQuote { lines: 2.. } => {
                "a quotation mark in this row is not closed where it should be: the lines after it have become part of one field".to_owned()
            }
            DataErrorKind::TextAfterQuote { .. } => {
                "a quotation mark that belongs to the text is written twice (\"\") inside quotation marks".to_owned()
            }
            DataErrorKind::FieldCount { lines: 2.., .. } => {
                "a quotation mark in this row may not be closed where it should be".to_owned()
            }
            DataErrorKind::FieldCount { found, expected, .. } if found > expected => {
                "a comma inside a field needs quotation marks around the field (\"Smith, J\"); numbers take a decimal point (1.5, not 1,5)".to_owned()
            }
            DataErrorKind::FieldCount { .. } => "an empty field still needs its comma; is the row complete?".to_owned(),
            DataErrorKind::SheetOfText { .. } => "remove `sheet` from the table's statement, or name an .xlsx file".to_owned(),
            DataErrorKind::NoSuchSheet { .. } => "correct the sheet's name in the study, or rename the sheet".to_owned(),
            DataErrorKind::PasswordProtected => "save a copy without a password".to_owned(),
            DataErrorKind::Damaged { .. } => {
                "open it in a spreadsheet program and save it again as .xlsx, or save the sheet as .csv (UTF-8)".to_owned()
            }
            DataErrorKind::MergedCells { .. } => {
                "unmerge them and fill in every cell: only the first one of merged cells holds a value".to_owned()
            }
            DataErrorKind::DuplicateHeader { .. } => "rename or remove all but one: it is not clear which is meant".to_owned(),
            DataErrorKind::MissingColumn { header, is_key, nearest, headers } => {
                missing_column(header, *is_key, nearest.as_deref(), headers, self.place.column.as_deref())
            }
            DataErrorKind::NoFeatures { headers, .. } => format!("the file has {}", listed(headers, "and", 12)),
            DataErrorKind::EmptyKey { .. } => "fill in the key, or remove the row".to_owned(),
            DataErrorKind::DuplicatePatient { .. } => {
                "a table holds one row a patient: remove or merge the others, or name another column as the key".to_owned()
            }
            DataErrorKind::Value { found, expected, cause } => return value(column, found, expected, cause),
        };
        Some(text)
    }
}

fn missing_column(
    header: &str,
    is_key: bool,
    nearest: Option<&str>,
    headers: &[String],
    column: Option<&str>,
) -> String {
    match (nearest, column) {
        (Some(nearest), _) if is_key => format!(
            "did you mean {}? Name it after `key`, or rename the column in the file",
            quoted(nearest)
        ),
        (Some(nearest), Some(column)) => {
            format!(
                "did you mean {0}? Write `from {0}` after {column}, or rename the column in the file",
                quoted(nearest)
            )
        }
        (Some(nearest), None) => format!("did you mean {}?", quoted(nearest)),
        (None, _) => format!(
            "correct {} in the study or in the file, which has {}",
            quoted(header),
            listed(headers, "and", 12)
        ),
    }
}

fn value(column: &str, found: &str, expected: &Expected, cause: &Cause) -> Option<String> {
    Some(match cause {
        Cause::LooksMissing => format!(
            "if {0} means that the value was not recorded, say so: missing {0} after {column}, or after the table's key",
            quoted(found)
        ),
        Cause::DecimalComma { write } => format!("write a decimal point: {write} for {}", quoted(found)),
        Cause::AmbiguousComma { decimal, thousands } => {
            format!("write {decimal} or {thousands} for {}, whichever is meant: a comma can be read both ways", quoted(found))
        }
        Cause::ThousandsSeparator { write } => format!("write the number without separators of thousands: {write} for {}", quoted(found)),
        Cause::TextAfterNumber { number, text } => match expected {
            Expected::Number { unit: Some(unit) } if unit == text => {
                format!("write the number alone: {number} for {}; another unit than {unit} must be converted", quoted(found))
            }
            Expected::Number { unit: Some(unit) } => {
                format!("write the number alone, in {unit}: {} must be converted if {text} is another unit", quoted(found))
            }
            _ => format!("write the number alone: {number} for {}; the unit of a column stands in the study (number in …)", quoted(found)),
        },
        Cause::BeyondLimit => "decide what a value beyond the limit of detection stands for, write that number, and keep the decision in a column of its own".to_owned(),
        Cause::TypographicMinus { write } => format!("write the minus sign of the keyboard: {write}"),
        Cause::Infinite => "a measurement is finite: leave the field empty if the value was not recorded".to_owned(),
        Cause::TooLarge => "the number is larger than can be computed with: check it against the record".to_owned(),
        Cause::Negative => "a count is never below 0; if this is a code for a missing value, declare it (missing \"-9\")".to_owned(),
        Cause::Fraction => format!("a count is a whole number; if {column} is measured, declare it as number"),
        Cause::OtherCoding { seen } => other_coding(column, seen, expected),
        Cause::UnknownLevel { nearest: Some((code, name)) } if code == name => {
            format!(
                "{}: did you mean {}? If it is another level, add it to {column} in the study",
                quoted(found),
                quoted(code)
            )
        }
        Cause::UnknownLevel { nearest: Some((code, name)) } => format!(
            "{1}: did you mean {0}, the code of {name}? If the file writes {name} as {1}, say so: {name} coded {1}",
            quoted(code),
            quoted(found)
        ),
        Cause::UnknownLevel { nearest: None } => {
            format!("correct it in the file; or add the level to {column} in the study; or say which level it is (LEVEL coded {})", quoted(found))
        }
        Cause::OtherDateFormat { reading } => format!("write {reading} for {}", quoted(found)),
        Cause::AmbiguousDate { readings } => {
            format!(
                "write {} for {}, whichever is meant: day and month can be read both ways",
                readings.join(" or "),
                quoted(found)
            )
        }
        Cause::ImpossibleDay => "the calendar has no such day: check it against the record".to_owned(),
        Cause::DateWithTime { day } => format!("write the day alone: {day}"),
        Cause::NotFormattedAsDate => "format the cells of the column as dates in the spreadsheet".to_owned(),
        Cause::FormattedAsDate => "format the cells of the column as numbers or text in the spreadsheet, and check their values: spreadsheets turn entries such as 3/4 into dates".to_owned(),
        Cause::SpreadsheetError => "correct the formula, or empty the cell if the value was not recorded".to_owned(),
        Cause::FormulaWithoutValue => "open the file in a spreadsheet program and save it: that stores the results of its formulas".to_owned(),
        Cause::Unrecognised => match expected {
            Expected::Date => "write the day as YYYY-MM-DD, or leave the field empty if it was not recorded".to_owned(),
            Expected::Text | Expected::YesNo { .. } | Expected::Level { .. } => return None,
            _ => "write a number (12, 0.5, 1e-3), or leave the field empty if it was not recorded".to_owned(),
        },
    })
}

fn other_coding(column: &str, seen: &[String], expected: &Expected) -> String {
    match (expected, seen) {
        (Expected::YesNo { coding: None }, [no, yes]) => format!(
            "{column} holds {no} and {yes}; say which is which: yes_no [no coded {}, yes coded {}], or the other way round",
            quoted(no),
            quoted(yes)
        ),
        (Expected::YesNo { coding: None }, _) => format!(
            "{column} holds {}; codes of its own are declared as yes_no [no coded \"…\", yes coded \"…\"], more than two values as a category",
            listed(seen, "and", 6)
        ),
        _ => format!(
            "{column} holds {}; correct the codes in the study or the values in the file",
            listed(seen, "and", 6)
        ),
    }
}
