//! `*` and `?`: matching, inclusion and overlap of patterns.
//!
//! A policy variable such as `${aws:PrincipalTag/team}` is one opaque symbol here: equal to itself, absorbed by `*`,
//! never by `?`, because nobody knows its value before a request.

use std::fmt;

/// A pattern of a resource or of a condition value.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(crate) struct Glob {
    /// Characters of Latin-1, which are all that a policy holds, each a byte, because `?` stands for a character; `MANY`,
    /// `ONE`; `OPEN`, the name of a variable, `CLOSE`. Policies cannot hold control characters, so the markers never meet
    /// a literal.
    symbols: Box<[u8]>,
}

const MANY: u8 = 0;
const ONE: u8 = 1;
const OPEN: u8 = 2;
const CLOSE: u8 = 3;

/// The byte of a character. What is outside of Latin-1 has been reported, and stands for one character all the same.
fn latin1(c: char) -> u8 {
    u8::try_from(c).unwrap_or(u8::MAX)
}

/// A text as the symbols of a pattern without wildcards.
fn characters(text: &str) -> Vec<u8> {
    let literal = |c| match latin1(c) {
        MANY..=CLOSE => u8::MAX,
        byte => byte,
    };
    text.chars().map(literal).collect()
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Symbol<'g> {
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Many,
    /// The inside of `${…}`.
    Variable(&'g [u8]),
}

impl Glob {
    /// Reads a pattern; `variables` says whether `${…}` is a variable (it is literal text in Version 2008-10-17).
    ///
    /// `${*}`, `${?}` and `${$}` stand for the characters themselves (IAM User Guide, "Policy variables").
    pub(crate) fn new(text: &str, variables: bool) -> Self {
        let mut symbols = Vec::with_capacity(text.len());
        let mut rest = text;
        if !variables || !text.contains("${") {
            let wildcard = |c: char| match latin1(c) {
                b'*' => Some(MANY),
                b'?' => Some(ONE),
                MANY..=CLOSE => None,
                literal => Some(literal),
            };
            symbols.extend(text.chars().filter_map(wildcard));
            symbols.dedup_by(|later, first| *later == MANY && *first == MANY);
            return Self { symbols: symbols.into() };
        }
        while let Some(first) = rest.chars().next() {
            let variable = rest.strip_prefix("${").and_then(|inside| inside.split_once('}'));
            if let Some((name, behind)) = variable {
                match name {
                    "*" | "?" | "$" => symbols.extend(name.bytes()),
                    _ => {
                        symbols.push(OPEN);
                        // A default value belongs to the variable: `${aws:username, 'nobody'}`.
                        symbols.extend(name.bytes().filter(|byte| *byte > CLOSE));
                        symbols.push(CLOSE);
                    }
                }
                rest = behind;
                continue;
            }
            match latin1(first) {
                b'*' if symbols.last() == Some(&MANY) => {}
                b'*' => symbols.push(MANY),
                b'?' => symbols.push(ONE),
                MANY..=CLOSE => {}
                byte => symbols.push(byte),
            }
            rest = &rest[first.len_utf8()..];
        }
        Self { symbols: symbols.into() }
    }

    /// Whether the pattern is `*`.
    pub(crate) fn is_any(&self) -> bool {
        *self.symbols == [MANY]
    }

    /// The names of the variables in the pattern.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < self.symbols.len() {
                let (symbol, next) = self.step(at)?;
                at = next;
                if let Symbol::Variable(name) = symbol {
                    return std::str::from_utf8(name).ok();
                }
            }
            None
        })
    }

    /// The symbol at a position, and the position behind it.
    pub(crate) fn step(&self, at: usize) -> Option<(Symbol<'_>, usize)> {
        step(&self.symbols, at)
    }

    /// How many positions there are.
    pub(crate) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether the pattern certainly matches a text; a pattern with a variable that the text would have to fill does not.
    pub(crate) fn matches(&self, text: &str) -> bool {
        includes(&self.symbols, &characters(text))
    }

    /// Whether the pattern matches an ARN under both readings of `*`: over the whole text, and segment by segment, where
    /// short of six segments a last `*` runs on across the colons.
    pub(crate) fn matches_arn(&self, arn: &str) -> bool {
        let arn = characters(arn);
        if !includes(&self.symbols, &arn) {
            return false;
        }
        // A pattern that matches has no variable, so its colons are its own.
        let pattern: Vec<&[u8]> = self.symbols.splitn(6, |&byte| byte == b':').collect();
        let limit = if self.ends_open() { pattern.len() } else { 6 };
        let mut segments = arn.splitn(limit, |&byte| byte == b':');
        pattern.iter().all(|pattern| segments.next().is_some_and(|text| includes(pattern, text)))
            && segments.next().is_none()
    }

    /// Whether everything that `narrow` matches is matched by this pattern.
    ///
    /// Sound; complete as long as no `?` occurs: a `*` of `narrow` is absorbed only by a `*` here.
    pub(crate) fn includes(&self, narrow: &Self) -> bool {
        self.is_any() || self.symbols == narrow.symbols || includes(&self.symbols, &narrow.symbols)
    }

    /// The pattern cut at its first `count` colons: the segments before, and the rest. `None` if it has fewer.
    pub(crate) fn split_at_colons(&self, count: usize) -> Option<(Vec<Self>, Self)> {
        let mut segments = Vec::with_capacity(count);
        let (mut start, mut at) = (0, 0);
        while segments.len() < count {
            let (symbol, next) = self.step(at)?;
            if symbol == Symbol::Byte(b':') {
                segments.push(Self { symbols: self.symbols[start..at].into() });
                start = next;
            }
            at = next;
        }
        Some((segments, Self { symbols: self.symbols[start..].into() }))
    }

    /// The service of an ARN whose beginning has no wildcard, as `s3` of `arn:aws:s3:::*`.
    pub(crate) fn service(&self) -> Option<&[u8]> {
        let mut segments = self.symbols.split(|&byte| byte == b':');
        let (arn, partition, service) = (segments.next()?, segments.next()?, segments.next()?);
        let literal = |segment: &[u8]| segment.iter().all(|&byte| byte > CLOSE);
        // A colon must follow, or the service could go on.
        segments.next().filter(|_| literal(arn) && literal(partition) && literal(service)).map(|_| service)
    }

    /// Whether the last symbol is `*`.
    pub(crate) fn ends_open(&self) -> bool {
        self.symbols.last() == Some(&MANY)
    }

    /// Whether any wildcard or variable occurs.
    pub(crate) fn is_literal(&self) -> bool {
        self.symbols.iter().all(|&byte| byte > CLOSE)
    }
}

/// The symbol at a position, and the position behind it.
fn step(symbols: &[u8], at: usize) -> Option<(Symbol<'_>, usize)> {
    let symbol = match *symbols.get(at)? {
        MANY => Symbol::Many,
        ONE => Symbol::One,
        OPEN => {
            let length = symbols[at..].iter().position(|&byte| byte == CLOSE)?;
            return Some((Symbol::Variable(&symbols[at + 1..at + length]), at + length + 1));
        }
        byte => Symbol::Byte(byte),
    };
    Some((symbol, at + 1))
}

/// [`Glob::includes`], on the symbols.
fn includes(wide: &[u8], narrow: &[u8]) -> bool {
    let (mut wide_at, mut narrow_at) = (0, 0);
    // Behind the last `*` seen in `wide`, and how far it has absorbed `narrow`.
    let mut retry: Option<(usize, usize)> = None;
    while let Some((symbol, next)) = step(narrow, narrow_at) {
        match (step(wide, wide_at), symbol) {
            (Some((Symbol::Many, behind)), _) => {
                retry = Some((behind, narrow_at));
                wide_at = behind;
                continue;
            }
            (Some((Symbol::One, behind)), Symbol::Byte(_) | Symbol::One) => {
                wide_at = behind;
                narrow_at = next;
                continue;
            }
            (Some((wide, behind)), symbol) if wide == symbol => {
                wide_at = behind;
                narrow_at = next;
                continue;
            }
            _ => {}
        }
        let Some((behind, absorbed)) = retry else { return false };
        let Some((_, next)) = step(narrow, absorbed) else { return false };
        retry = Some((behind, next));
        wide_at = behind;
        narrow_at = next;
    }
    while let Some((Symbol::Many, behind)) = step(wide, wide_at) {
        wide_at = behind;
    }
    wide_at == wide.len()
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut at = 0;
        while let Some((symbol, next)) = self.step(at) {
            at = next;
            match symbol {
                Symbol::Many => f.write_str("*")?,
                Symbol::One => f.write_str("?")?,
                Symbol::Variable(name) => write!(f, "${{{}}}", String::from_utf8_lossy(name))?,
                Symbol::Byte(byte) => write!(f, "{}", char::from(byte))?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::new(text, true)
    }

    #[test]
    fn wildcards_match_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/e:y", true),
            ("${aws:userid}", "x", false),
            ("${*}", "*", true),
            ("${*}", "x", false),
            ("caf?", "caf\u{e9}", true),
            ("caf??", "caf\u{e9}", false),
        ] {
            assert_eq!(glob(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn inclusion_absorbs_stars_with_stars_only() {
        for (wide, narrow, expected) in [
            ("*", "a*b?", true),
            ("a*", "ab*", true),
            ("ab*", "a*", false),
            ("a?", "a*", false),
            ("a*", "a?", true),
            ("*a", "*ba", true),
            ("*b*", "*a*b*c*", true),
            ("u/${aws:userid}", "u/${aws:userid}", true),
            ("u/${aws:userid}", "u/${aws:PrincipalTag/x}", false),
            ("u/*", "u/${aws:userid}", true),
            ("u/?", "u/${aws:userid}", false),
        ] {
            assert_eq!(glob(wide).includes(&glob(narrow)), expected, "{wide} includes {narrow}");
        }
    }

    #[test]
    fn variables_are_literal_text_in_the_old_version() {
        assert!(Glob::new("${aws:userid}", false).matches("${aws:userid}"));
        assert_eq!(glob("a/${aws:userid}/*").variables().collect::<Vec<_>>(), ["aws:userid"]);
        for pattern in ["a/${aws:userid}/*", "b\u{fc}ro/${aws:PrincipalTag/B\u{fc}ro}?"] {
            assert_eq!(glob(pattern).to_string(), pattern);
        }
    }

    #[test]
    fn inclusion_agrees_with_enumeration() {
        let patterns = ["", "a", "b", "*", "?", "a*", "*a", "a*b", "?*", "*?", "??", "a?", "*a*", "b*a", "ab"];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            let longer: Vec<String> = texts.iter().flat_map(|t| ["a", "b", "c"].map(|c| format!("{t}{c}"))).collect();
            texts.extend(longer);
        }
        for wide in patterns {
            for narrow in patterns {
                if glob(wide).includes(&glob(narrow)) {
                    let escapes = texts.iter().find(|t| glob(narrow).matches(t) && !glob(wide).matches(t));
                    assert_eq!(escapes, None, "{wide} includes {narrow}");
                }
            }
        }
    }
}
