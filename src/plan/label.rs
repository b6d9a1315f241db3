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
    let hashed = name.rsplit_once('_').is_some_and(|(_, tail)| tail.len() == 16 && ends_in_digest(tail));
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.ends_with('_')
        && !name.contains("__")
        && !hashed
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Whether the last 16 characters could be a digest.
fn ends_in_digest(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() >= 16 && bytes[bytes.len() - 16..].iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b))
}

/// The words of a text joined as CloudFormation joins them, such as `AwsTeamAEngineers`, and no longer than `limit`.
fn camel(text: &str, limit: usize) -> String {
    let mut joined = String::new();
    let mut begins = true;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() {
            begins = true;
        } else if joined.len() < limit {
            joined.push(if begins { c.to_ascii_uppercase() } else { c });
            begins = false;
        }
    }
    joined
}

/// A name as part of a logical id, `^[A-Za-z0-9]+$`.
///
/// INVARIANT (logical ids are injective): a name of letters and digits stands as it is; any other gets a readable stem
/// and 64 bits of its hash, and a plain name that ends like a hash counts as one of those.
pub fn logical_id(name: &str) -> String {
    let plain = !name.is_empty() && name.len() <= 128 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain && !ends_in_digest(name) { name.to_owned() } else { format!("{}{}", camel(name, 40), digest(name)) }
}

/// What the logical ids of the assignments of one permission set to one principal begin with; the account's id follows.
pub fn pair_id(set: &str, kind: &str, principal: &str) -> String {
    format!("{}{}{}", camel(set, 32), camel(principal, 32), digest(&format!("{set}\n{kind}\n{principal}")))
}

/// The name of the schedule that deletes an assignment, `^[0-9a-zA-Z-_.]{1,64}$`. `account` is its id, or a marker of at
/// most 12 characters where it will stand.
pub fn schedule_name(set: &str, kind: &str, principal: &str, account: &str) -> String {
    let stem = |name: &str| -> String {
        name.chars().take(16).map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
    };
    format!("{}-{}-{account}-{}", stem(set), stem(principal), digest(&format!("{set}\n{kind}\n{principal}")))
}

/// A name as part of the name of an export or a StackSet, `^[-a-zA-Z0-9]+$`.
pub fn dashed(name: &str) -> String {
    let plain = !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain && !ends_in_digest(name) {
        return name.to_owned();
    }
    let stem: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(64).collect();
    format!("{}-{}", stem.trim_matches('-').replace("--", "-"), digest(name))
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

    #[test]
    fn logical_ids_are_readable() {
        assert_eq!(logical_id("AppDeveloper"), "AppDeveloper");
        assert_eq!(logical_id("app-dev.eu"), format!("AppDevEu{}", digest("app-dev.eu")));
        assert_eq!(
            pair_id("AppDeveloper", "GROUP", "aws-team-a"),
            format!("AppDeveloperAwsTeamA{}", digest("AppDeveloper\nGROUP\naws-team-a"))
        );
        assert_ne!(pair_id("A", "GROUP", "x"), pair_id("A", "USER", "x"));
    }

    proptest! {
        #[test]
        fn schedules_have_names_that_aws_takes_and_none_shares(a in ".{0,40}", b in ".{0,40}") {
            let name = |set, principal| schedule_name(set, "USER", principal, "012345678901");
            let of_a = name(&a, "x");
            prop_assert!(of_a.len() <= 64 && of_a.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
            prop_assert_eq!(a == b, of_a == name(&b, "x"));
            prop_assert_eq!(a == b, name("x", &a) == name("x", &b));
            prop_assert_ne!(of_a, schedule_name(&a, "GROUP", "x", "012345678901"));
        }

        #[test]
        fn logical_ids_are_alphanumeric_and_injective(a in ".{0,40}", b in ".{0,40}") {
            let of_a = logical_id(&a);
            prop_assert!(!of_a.is_empty() && of_a.bytes().all(|c| c.is_ascii_alphanumeric()));
            prop_assert_eq!(a == b, of_a == logical_id(&b));
            prop_assert_eq!(a == b, dashed(&a) == dashed(&b));
            let again = logical_id(&of_a);
            prop_assert!(again == of_a || of_a != a, "a name that looks like an id is not mistaken for one");
        }

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
