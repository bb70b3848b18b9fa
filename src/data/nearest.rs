//! The known word nearest to one that is not known, for "did you mean".

/// The candidate with the smallest edit distance (insert, delete, replace, swap neighbours), case ignored. None if even
/// that differs in more than a third of its letters. Of equals the first.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word: Vec<char> = folded(word);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters = folded(candidate);
        let longer = word.len().max(letters.len());
        let limit = (longer / 3).max(usize::from(longer > 2));
        if word.len().abs_diff(letters.len()) > limit {
            continue;
        }
        let distance = edit_distance(&word, &letters);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Lower case, blanks and underscores alike; only the start of an endless field is compared.
fn folded(word: &str) -> Vec<char> {
    word.chars()
        .take(80)
        .flat_map(char::to_lowercase)
        .map(|c| {
            if c.is_whitespace() || c == '-' {
                '_'
            } else {
                c
            }
        })
        .collect()
}

/// Optimal string alignment distance.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, y) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(x != y);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_word_is_found_and_strangers_are_not() {
        let words = ["female", "male", "unknown"];
        assert_eq!(nearest("Male", words), Some("male"));
        assert_eq!(nearest("femlae", words), Some("female"));
        assert_eq!(nearest("banana", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("Tumour-size", ["tumor_size"]), Some("tumor_size"));
    }
}
