//! Names of resources: readable, a function of what they name, and never shared by two things.

use sha2::{Digest, Sha256};

/// The longest readable part of a label.
const READABLE: usize = 48;

/// The first 64 bits of the SHA-256 of a text, as 16 hexadecimal digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The label of a name.
///
/// INVARIANT (labels are injective): a name that already is a plain identifier stands as it is; any other gets a readable
/// stem and 64 bits of its hash. A plain name that ends like a hashed label, or that holds the `__` which joins labels,
/// counts as not plain, so that no two names share a label and no two lists of names share a joined one.
pub fn label(name: &str) -> String {
    if is_plain(name) {
        return name.to_owned();
    }
    let mut stem = String::new();
    for c in name.chars().take(READABLE) {
        let c = if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        if c != '_' || !stem.ends_with('_') {
            stem.push(c);
        }
    }
    let stem = stem.trim_matches('_');
    // A label begins with a letter.
    let stem = if stem.starts_with(|c: char| c.is_ascii_alphabetic()) { stem.to_owned() } else { format!("n{stem}") };
    format!("{}_{}", stem.trim_end_matches('_'), digest(name))
}

fn is_plain(name: &str) -> bool {
    let looks_hashed = name.rsplit_once('_').is_some_and(|(_, tail)| {
        tail.len() == 16 && tail.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    });
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.ends_with('_')
        && !name.contains("__")
        && !looks_hashed
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_names_stand_and_others_are_hashed() {
        assert_eq!(label("AppDeveloper"), "AppDeveloper");
        assert_eq!(label("aws-team-a"), "aws-team-a");
        assert_eq!(label("a@example.com"), format!("a_example_com_{}", digest("a@example.com")));
        assert_ne!(label("a.b"), label("a,b"));
        assert_ne!(label("a__b"), "a__b");
        assert!(label("日本").starts_with('n'));
        let disguised = label("a.b");
        assert_ne!(label(&disguised), disguised, "a name that looks like a label is not mistaken for one");
    }

    proptest! {
        #[test]
        fn labels_are_identifiers_and_injective(a in ".{0,40}", b in ".{0,40}") {
            let of_a = label(&a);
            prop_assert!(of_a.starts_with(|c: char| c.is_ascii_alphabetic()));
            prop_assert!(of_a.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-'));
            prop_assert!(!of_a.contains("__") && !of_a.ends_with('_'));
            prop_assert_eq!(a == b, of_a == label(&b));
        }
    }
}
