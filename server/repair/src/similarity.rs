//! How alike two names are.

/// From 0 (nothing in common) to 1 (equal but for case): shared sub-words and a small edit distance.
pub(crate) fn of_names(one: &str, other: &str) -> f32 {
    if one.eq_ignore_ascii_case(other) {
        return 1.0;
    }
    shared_words(one, other).max(closeness(one, other))
}

fn shared_words(one: &str, other: &str) -> f32 {
    let (one, other) = (words(one), words(other));
    let shared = one.iter().filter(|it| other.contains(it)).count();
    let all = one.len().max(other.len());
    if all == 0 { 0.0 } else { 0.9 * shared as f32 / all as f32 }
}

/// `parseHttpUrl_2` as `parse`, `http`, `url`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last_was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            last_was_lower = false;
            words.push(String::new());
            continue;
        }
        if words.is_empty() || letter.is_uppercase() && last_was_lower {
            words.push(String::new());
        }
        last_was_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

/// One less the share of letters that must change; only close pairs count.
fn closeness(one: &str, other: &str) -> f32 {
    let longest = one.chars().count().max(other.chars().count());
    if !(3..=40).contains(&longest) {
        return 0.0;
    }
    let distance = distance(one, other);
    let share = 1.0 - distance as f32 / longest as f32;
    if share > 0.6 { share } else { 0.0 }
}

/// Insertions, deletions and replacements between two words.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (pair, &b) in row.windows(2).zip(&other) {
            let &[diagonal, above] = pair else { continue };
            let left = next.last().copied().unwrap_or(0);
            next.push((diagonal + usize::from(a != b)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_a_letter_is_close() {
        assert!(of_names("total", "totl") > 0.7);
        assert!(of_names("nameLen", "name_len") >= 0.85);
        assert!(of_names("start_index", "end_index") >= 0.4);
        assert!(of_names("a", "b") < 0.1);
    }
}
