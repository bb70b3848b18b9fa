//! Laws that hold for every table, and inputs that nobody would write.

use proptest::prelude::*;

use prereg::data::{ColumnValues, Frame, read_table, split};
use prereg::numerics::Random;
use prereg::plan::{Split, SplitRule};

use super::declared::{ALL, table};
use super::workbook::Written::{Date, Formula, Number, Text};
use super::workbook::{parts, zip};

/// Texts with everything that a CSV file must quote, and then some.
fn field() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-zA-Z0-9 ,;\"'\r\n\tµ–é€.<>=-]{0,12}").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(1), cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_quoted_is_read_back(notes in proptest::collection::vec(field(), 1..12), every in any::<bool>(), crlf in any::<bool>()) {
        let mut writer = csv::WriterBuilder::new()
            .quote_style(if every { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["patient", "note", "other, \"column\""]).unwrap();
        for (key, note) in notes.iter().enumerate() {
            writer.write_record([key.to_string().as_str(), note, note]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let read = read_table(&bytes, "notes.csv", &table(&["note"])).unwrap();
        let expected: Vec<Option<String>> = notes.iter().map(|note| Some(note.trim().to_owned()).filter(|n| !n.is_empty())).collect();
        prop_assert_eq!(&read.columns["note"], &ColumnValues::Text(expected));
        // A row is a row, however many lines it takes.
        let rows: Vec<u32> = (0..notes.len()).map(|i| i as u32 + 2).collect();
        prop_assert_eq!(&read.source_rows, &rows);
        prop_assert_eq!(&read.ignored_headers, &["other, \"column\"".to_owned()]);
    }

    #[test]
    fn shuffled_rows_are_the_same_table(
        rows in proptest::collection::btree_map(field(), (any::<Option<f32>>(), 0..3_usize), 1..20),
        seed in any::<u64>(),
    ) {
        let mut lines: Vec<(String, String)> = rows
            .iter()
            .filter(|(key, _)| !key.trim().is_empty())
            .map(|(key, (age, sex))| {
                let age = age.filter(|age| age.is_finite()).map(|age| age.to_string()).unwrap_or_default();
                (key.trim().to_owned(), format!("{age},{}", ["female", "male", ""][*sex]))
            })
            .collect();
        lines.sort();
        lines.dedup_by(|a, b| a.0 == b.0);
        prop_assume!(!lines.is_empty());
        let read = |lines: &[(String, String)]| {
            let rows: String = lines.iter().map(|(key, rest)| format!("\"{}\",{rest}\n", key.replace('"', "\"\""))).collect();
            read_table(format!("patient,age,sex\n{rows}").as_bytes(), "clinical.csv", &table(&["age", "sex"])).unwrap()
        };
        let plain = read(&lines);
        Random::new(seed, "shuffle").shuffle(&mut lines);
        let shuffled = read(&lines);
        prop_assert_eq!(&plain.keys, &shuffled.keys);
        prop_assert_eq!(&plain.columns, &shuffled.columns);
        for (key, row) in shuffled.keys.iter().zip(&shuffled.source_rows) {
            prop_assert_eq!(&lines[*row as usize - 2].0, key);
        }
    }

    #[test]
    fn sets_have_their_sizes_and_strata_their_shares(
        strata in proptest::collection::vec(0..4_usize, 2..120),
        parts in proptest::collection::vec(1..9_u64, 2..4),
        seed in any::<u64>(),
    ) {
        let n = strata.len();
        let keys: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        let rows: Vec<u32> = (0..n as u32).collect();
        let column = ColumnValues::Category {
            levels: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            codes: strata.iter().map(|code| Some(*code)).collect(),
        };
        let frame = Frame::new(&keys, &rows, [("stratum", &column)]).unwrap();
        let members: Vec<usize> = (0..n).collect();
        let divide = |stratified_by: Vec<String>| {
            let rule = SplitRule::Ratio { parts: parts.clone(), stratified_by };
            let sets = (0..parts.len()).map(|i| i.to_string()).collect();
            split(&Split { rule, sets }, &frame, &members, seed, "split")
        };
        let (plain, stratified) = (divide(Vec::new()), divide(vec!["stratum".to_owned()]));
        prop_assert_eq!(plain.is_ok(), stratified.is_ok());
        let (Ok(plain), Ok(stratified)) = (plain, stratified) else { return Ok(()) };
        let total: u64 = parts.iter().sum();
        let first = (2 * n as u64 * parts[0] + total) / (2 * total);
        prop_assert_eq!(plain[0].len() as u64, first);
        for sets in [&plain, &stratified] {
            let mut all = sets.concat();
            all.sort_unstable();
            prop_assert_eq!(&all, &members);
            prop_assert!(sets.iter().all(|set| set.is_sorted()));
        }
        for (a, b) in plain.iter().zip(&stratified) {
            prop_assert_eq!(a.len(), b.len());
            for stratum in 0..4 {
                let size = strata.iter().filter(|s| **s == stratum).count();
                let given = b.iter().filter(|row| strata[**row] == stratum).count();
                let exact = size as f64 * b.len() as f64 / n as f64;
                let limit = if parts.len() == 2 { 1.0 } else { parts.len() as f64 };
                prop_assert!((given as f64 - exact).abs() < limit, "{} of {}, exactly {}", given, size, exact);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-c,;\"\r\n\t 0-9.éG-]{0,80}") {
        let _ = read_table(text.as_bytes(), "x.csv", &table(&["age"]));
        let text = format!("patient,age,sex,nodes,recurred,surgery,note,adjuvant,grade,Tumour size (mm)\n{text}");
        let _ = read_table(text.as_bytes(), "x.csv", &table(&ALL)).map_err(|errors| errors.to_string());
    }

    #[test]
    fn any_value_is_read_or_refused(values in proptest::collection::vec("\\PC{0,12}", 9)) {
        let quoted: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
        let text = format!("patient,age,Tumour size (mm),nodes,recurred,adjuvant,sex,grade,surgery,note\n1,{}\n", quoted.join(","));
        if let Err(errors) = read_table(text.as_bytes(), "x.csv", &table(&ALL)) {
            prop_assert!(errors.errors().all(|error| error.place.row == Some(2)), "{}", errors);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for name in ["x.csv", "x.xlsx", "x"] {
            for start in [&b""[..], b"PK\x03\x04", b"\xD0\xCF\x11\xE0", b"\xEF\xBB\xBF", b"patient,age\n"] {
                let bytes = [start, &bytes].concat();
                let _ = read_table(&bytes, name, &table(&["age"])).map_err(|errors| errors.to_string());
            }
        }
    }

    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        changes in proptest::collection::vec((0..6_usize, any::<prop::sample::Index>(), "[ -~]{0,3}"), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut parts = parts(
            "Sheet1",
            &[
                &[Text("patient"), Text("age"), Text("surgery")],
                &[Number(1.0), Formula("A2", Some(61.0)), Date(43830.0)],
            ],
            &["B2:C2"],
        );
        // Inside of the parts, so that the checksums of the archive hold.
        for (part, at, text) in changes {
            let content = &mut parts[part].1;
            let at = at.index(content.len());
            content.replace_range(at..=at, &text);
        }
        let mut bytes = zip(&parts);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read_table(&bytes, "x.xlsx", &table(&["age", "surgery"])).map_err(|errors| errors.to_string());
    }

    #[test]
    fn a_workbook_with_impossible_places_is_read_or_refused(name in "[A-Z]{0,9}[0-9]{0,11}", merged in "[A-Z]{0,9}[0-9]{1,11}(:[A-Z]{1,3}[0-9]{1,3})?") {
        let mut parts = parts("Sheet1", &[&[Text("patient")], &[Number(1.0)]], &[&merged]);
        let sheet = &mut parts[5].1;
        *sheet = sheet.replace("A2", &name);
        let _ = read_table(&zip(&parts), "x.xlsx", &table(&["age"])).map_err(|errors| errors.to_string());
    }
}
