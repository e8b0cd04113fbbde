//! Strings as mSStringMatch and mSSubstringsMatch compare them (X.413 §12.2): without regard to
//! case and to how much space there is, and to which string type carries the characters.

/// A text as it is compared: lower case, runs of space one space, none at the ends.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = fold_part(text);
    folded.truncate(folded.trim_end().len());
    folded.drain(..folded.len() - folded.trim_start().len());
    folded
}

/// A part of a text: as [`fold`], with the space at its ends kept.
pub(crate) fn fold_part(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    for character in text.chars().flat_map(char::to_lowercase) {
        let is_space = character.is_whitespace();
        if !(is_space && space) {
            folded.push(if is_space { ' ' } else { character });
        }
        space = is_space;
    }
    folded
}

/// A text in its case, runs of space one space, none at the ends.
pub(crate) fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two folded texts have the same letters and digits in the same order; those without any
/// are compared as they are.
pub(crate) fn resembles(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (plain_one, plain_other) = (plain(one), plain(other));
    plain_one == plain_other && (!plain_one.is_empty() || one == other)
}

/// The longest of words of ASCII: in whatever case another text has it, it can be found there.
/// Words with other characters may have more than one lower case.
pub(crate) fn longest<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    words
        .filter(|word| word.is_ascii() && !word.is_empty())
        .max_by_key(|word| word.len())
        .map(str::to_owned)
}

/// A part of a value that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The value begins with it.
    Initial(String),
    /// It follows what came before.
    Any(String),
    /// The value ends with it.
    Final(String),
}

/// Whether a folded text has these parts in this order, none of them overlapping.
pub(crate) fn has_parts(text: &str, parts: &[Part]) -> bool {
    let mut rest = text;
    let mut begun = false;
    for part in parts {
        let found = match part {
            Part::Initial(part) if !begun => rest.strip_prefix(part.trim_start()),
            Part::Initial(_) => None,
            Part::Any(part) => rest.split_once(part.as_str()).map(|(_, after)| after),
            Part::Final(part) => rest.strip_suffix(part.trim_end()).map(|_| ""),
        };
        match found {
            Some(after) => rest = after,
            None => return false,
        }
        begun = true;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, parts: &[Part]) -> bool {
        has_parts(&fold(text), parts)
    }
    fn initial(part: &str) -> Part {
        Part::Initial(fold_part(part))
    }
    fn any(part: &str) -> Part {
        Part::Any(fold_part(part))
    }
    fn last(part: &str) -> Part {
        Part::Final(fold_part(part))
    }

    #[test]
    fn case_and_runs_of_space_do_not_count() {
        assert_eq!(fold("  Alpha \t TWO "), "alpha two");
        assert_eq!(fold(""), "");
        assert_eq!(fold_part(" Ü  b "), " ü b ");
    }

    #[test]
    fn parts_stand_in_order_and_do_not_overlap() {
        assert!(has("alpha two", &[initial("al"), any("ha t"), last("wo")]));
        assert!(has("alpha two", &[any("alpha"), any("two")]));
        assert!(!has("alpha two", &[any("two"), any("alpha")]));
        assert!(!has("alpha two", &[initial("two")]));
        assert!(!has("aba", &[initial("ab"), last("ba")]));
        assert!(has("abba", &[initial("ab"), last("ba")]));
        assert!(!has("alpha", &[any("a"), initial("l")]));
        assert!(has("alpha", &[]));
        assert!(!has("ab", &[last("b"), any("a")]));
    }
}
