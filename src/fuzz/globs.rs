//! Pairs of patterns.

use crate::iam::action;
use crate::iam::catalogue::{ActionLookup, Catalogue};
use crate::iam::glob::Glob;
use crate::iam::resource::{KnownFormats, Resources, includes};

/// The first two lines are patterns of resources, the other lines fill their wildcards. What one of the patterns includes
/// for certain, and whether they have anything in common, agrees with looking at texts one by one.
pub fn globs(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // Policies hold Latin-1 and no control characters.
    if text.len() > 400 || !text.chars().all(|c| matches!(c, '\n' | ' '..='\u{ff}')) {
        return;
    }
    let mut lines = text.lines();
    let (Some(wide), Some(narrow)) = (lines.next(), lines.next()) else { return };
    let fillings: Vec<&str> = lines.chain(["", "a", "x:y/z", wide]).take(8).collect();
    for pattern in [wide, narrow].map(|pattern| Glob::new(pattern, true)) {
        assert!(pattern.includes(&pattern) && includes(&pattern, &pattern), "`{pattern}` includes itself");
    }
    let [wide_glob, narrow_glob] = [wide, narrow].map(|pattern| Glob::new(pattern, false));
    let resources = Resources::Only([wide_glob.clone()].into());
    let others = Resources::Except([wide_glob.clone()].into());
    let included = wide_glob.includes(&narrow_glob);
    let included_either_way = includes(&wide_glob, &narrow_glob);
    assert!(included || !included_either_way, "segments include what the whole does not");
    let mut common = false;
    for sample in samples(narrow, &fillings) {
        let matched = matches(wide, &sample);
        assert!(matches(narrow, &sample), "`{sample}` is no sample of `{narrow}`");
        assert!(narrow_glob.matches(&sample), "`{narrow}` matches `{sample}`");
        assert_eq!(wide_glob.matches(&sample), matched, "`{wide}` and `{sample}`");
        assert!(matched || !included, "`{wide}` includes `{narrow}`, but not `{sample}`");
        // A `*` that would have to run across colons is only possible, not certain.
        let certain = resources.certainly_match(&sample);
        assert!(matched || !certain, "`{wide}` and `{sample}`");
        assert!(certain || !matched || sample.contains(':'), "`{wide}` and `{sample}`");
        assert_eq!(resources.possibly_match(&sample), matched, "`{wide}` and `{sample}`");
        assert_eq!(others.certainly_match(&sample), !matched, "not `{wide}` and `{sample}`");
        // Names of actions are ASCII.
        if wide.is_ascii() && sample.is_ascii() {
            let lower = matches(&wide.to_ascii_lowercase(), &sample.to_ascii_lowercase());
            assert_eq!(action::matches(wide, &sample), lower, "`{wide}` and `{sample}` as actions");
        }
        common |= matched && !sample.is_empty();
    }
    if common {
        // Names of objects hold any character, so what the patterns have in common is an object.
        let object = |pattern: &str| Glob::new(&format!("arn:aws:s3:::bucket/{pattern}"), false);
        let catalogue = Catalogue::embedded();
        let ActionLookup::Known(action) = catalogue.look_up_action("s3:GetObject") else { return };
        let formats = KnownFormats::default().of(catalogue, action);
        assert!(formats.overlap(&object(wide), &object(narrow)), "`{wide}` and `{narrow}` have objects in common");
    }
}

/// Texts that a pattern matches: its wildcards filled with one of the fillings each, and with all of them in turn.
fn samples(pattern: &str, fillings: &[&str]) -> Vec<String> {
    (0..fillings.len() * 2)
        .map(|number| {
            let mut sample = String::new();
            for (at, c) in pattern.chars().enumerate() {
                let turn = if number < fillings.len() { number } else { number + at };
                let filling = fillings[turn % fillings.len()];
                match c {
                    '*' => sample.push_str(filling),
                    '?' => sample.push(filling.chars().next().unwrap_or('q')),
                    c => sample.push(c),
                }
            }
            sample
        })
        .collect()
}

/// Whether a pattern matches a text, by trying everything: for each beginning of the pattern, which beginnings of the
/// text it matches.
fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for symbol in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for at in (0..=text.len()).filter(|&at| reached[at]) {
            match symbol {
                '*' => next[at..].fill(true),
                symbol => {
                    if text.get(at).is_some_and(|&c| symbol == '?' || symbol == c) {
                        next[at + 1] = true;
                    }
                }
            }
        }
        reached = next;
    }
    reached[text.len()]
}
