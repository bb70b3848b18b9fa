//! The order of patients: numeric if every key is a whole number, otherwise by the bytes of the key.

use std::cmp::Ordering;

/// The rows in the order of their keys; equal keys keep their order in the file. Keys of digits only compare as numbers
/// of any length; those that differ only in leading zeros then compare by bytes.
pub(super) fn order(keys: &[String]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..keys.len()).collect();
    if keys.iter().all(|key| is_whole_number(key)) {
        rows.sort_by(|a, b| compare_numbers(&keys[*a], &keys[*b]).then(a.cmp(b)));
    } else {
        rows.sort_by(|a, b| keys[*a].cmp(&keys[*b]).then(a.cmp(b)));
    }
    rows
}

fn is_whole_number(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (digits_a, digits_b) = (without_zeros(a), without_zeros(b));
    digits_a
        .len()
        .cmp(&digits_b.len())
        .then_with(|| digits_a.cmp(digits_b))
        .then_with(|| a.cmp(b))
}

/// The digits of a whole number without leading zeros: two keys with the same are easily taken for each other.
pub(super) fn without_zeros(key: &str) -> &str {
    if is_whole_number(key) {
        key.trim_start_matches('0')
    } else {
        key
    }
}

#[cfg(test)]
mod tests {
    use super::order;

    fn ordered(keys: &[&str]) -> Vec<String> {
        let keys: Vec<String> = keys.iter().map(|k| (*k).to_owned()).collect();
        order(&keys)
            .into_iter()
            .map(|row| keys[row].clone())
            .collect()
    }

    #[test]
    fn whole_numbers_are_ordered_as_numbers_and_anything_else_by_bytes() {
        assert_eq!(ordered(&["10", "9", "2"]), ["2", "9", "10"]);
        assert_eq!(ordered(&["10", "9", "010"]), ["9", "010", "10"]);
        assert_eq!(
            ordered(&["100000000000000000000000000001", "99999999999999999999"]),
            ["99999999999999999999", "100000000000000000000000000001"]
        );
        assert_eq!(ordered(&["P10", "P9", "p1"]), ["P10", "P9", "p1"]);
        assert_eq!(ordered(&["10", "9", "x"]), ["10", "9", "x"]);
    }
}
