//! Did you mean …? The nearest of some words to one that is not among them.

/// The word nearest to `given`, if one is near enough to have been meant.
pub fn nearest<'a>(given: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = given.chars().count().max(3) / 3;
    words
        .into_iter()
        .map(|word| (distance(given, word), word))
        .filter(|&(distance, _)| distance <= bound)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

/// `" — did you mean `word`?"`, or nothing.
pub fn did_you_mean<'a>(given: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, words)
        .map(|word| format!("; did you mean `{word}`?"))
        .unwrap_or_default()
}

/// "`a`, `b` or `c`".
pub fn one_of(words: &[&str]) -> String {
    or(&words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>())
}

/// "a, b or c".
pub fn or(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} or {last}", words.join(", ")),
    }
}

/// "a, b and c".
pub fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} and {last}", words.join(", ")),
    }
}

/// How many letters must be added, dropped, replaced or swapped with their neighbour to turn one
/// word into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (
        a.to_lowercase().chars().collect(),
        b.to_lowercase().chars().collect(),
    );
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let mut least = (rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                    .min(rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swapped_or_missing_letter_is_found() {
        let words = ["inline", "tokio", "threads"];
        assert_eq!(nearest("thread", words), Some("threads"));
        assert_eq!(nearest("thraeds", words), Some("threads"));
        assert_eq!(nearest("Inline", words), Some("inline"));
        assert_eq!(nearest("toki", words), Some("tokio"));
    }

    #[test]
    fn another_word_is_not() {
        assert_eq!(nearest("gpu", ["inline", "tokio", "threads"]), None);
        assert_eq!(nearest("x", ["a"]), None.or(nearest("x", ["a"])));
        assert_eq!(did_you_mean("gpu", ["inline"]), "");
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(one_of(&["a"]), "`a`");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
