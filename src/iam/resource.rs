//! Which resources a statement is about.
//!
//! A `*` that ends a segment of an ARN may match across colons (IAM User Guide, "Resource ARNs and wildcards"; AWS's
//! own policies rely on it). So two readings are kept apart: *overlap* reads patterns widely, over the whole string,
//! but only within the ARN formats of the action; *inclusion* reads them narrowly, segment by segment.

use std::cell::RefCell;
use std::rc::Rc;

use fixedbitset::FixedBitSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::catalogue::{ActionId, Catalogue, ResourceType};
use super::glob::{Glob, Symbol};

/// `Resource` or `NotResource` of a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Resources {
    /// What these patterns match.
    Only(Box<[Glob]>),
    /// Everything but what these patterns match.
    Except(Box<[Glob]>),
}

impl Resources {
    /// Whether they are exactly `*`.
    pub(crate) fn is_any(&self) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(Glob::is_any),
            Self::Except(patterns) => patterns.is_empty(),
        }
    }

    /// Whether everything that `narrow` matches, less `except`, is certainly among these resources.
    ///
    /// With variables that `absent` knows to have no value, a pattern matches nothing. Whether a `NotResource` with such a
    /// variable then leaves out nothing or keeps its statement from applying is not documented, so it is never certain.
    pub(crate) fn include(
        &self,
        narrow: &Glob,
        except: &[Glob],
        absent: &dyn Fn(&str) -> bool,
        format: &Formats,
    ) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|wide| !wide.variables().any(absent) && includes(wide, narrow)),
            Self::Except(patterns) => patterns.iter().all(|hole| match has_variables(hole) {
                true => except.contains(hole),
                false => except.iter().any(|other| includes(other, hole)) || !format.overlap(hole, narrow),
            }),
        }
    }

    /// Whether something that `pattern` matches, less `except`, may be among these resources.
    pub(crate) fn overlap(
        &self,
        pattern: &Glob,
        except: &[Glob],
        absent: &dyn Fn(&str) -> bool,
        format: &Formats,
    ) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|other| {
                !other.variables().any(absent)
                    && !except.iter().any(|hole| includes(hole, other))
                    && format.overlap(other, pattern)
            }),
            Self::Except(patterns) => {
                !patterns.iter().any(|hole| !hole.variables().any(absent) && includes(hole, pattern))
            }
        }
    }

    /// Whether everything among other resources is certainly among these.
    pub(crate) fn cover(&self, narrow: &Self) -> bool {
        match (self, narrow) {
            (Self::Only(mine), Self::Only(theirs)) => {
                theirs.iter().all(|narrow| mine.iter().any(|wide| includes(wide, narrow)))
            }
            (Self::Only(mine), Self::Except(_)) => mine.iter().any(Glob::is_any),
            (Self::Except(mine), Self::Except(theirs)) => mine.iter().all(|hole| match has_variables(hole) {
                true => theirs.contains(hole),
                false => theirs.iter().any(|other| includes(other, hole)),
            }),
            (Self::Except(mine), Self::Only(theirs)) => {
                let certain = !mine.iter().any(has_variables);
                certain && theirs.iter().all(|pattern| !mine.iter().any(|hole| may_meet(hole, pattern)))
            }
        }
    }

    /// Whether a concrete ARN is certainly among these resources.
    pub(crate) fn certainly_match(&self, arn: &str) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|pattern| pattern.matches_arn(arn)),
            Self::Except(patterns) => !patterns.iter().any(has_variables) && !may_match_any(patterns, arn),
        }
    }

    /// Whether a concrete ARN is possibly among these resources: variables may have any value.
    pub(crate) fn possibly_match(&self, arn: &str) -> bool {
        match self {
            Self::Only(patterns) => may_match_any(patterns, arn),
            Self::Except(patterns) => !patterns.iter().any(|pattern| pattern.matches_arn(arn)),
        }
    }

    /// Whether everything that other resources name, as far as the action has it, is certainly among these.
    pub(crate) fn include_all(&self, other: &Self, absent: &dyn Fn(&str) -> bool, format: &Formats) -> bool {
        match other {
            Self::Only(patterns) => patterns.iter().all(|pattern| self.include(pattern, &[], absent, format)),
            Self::Except(_) => self.is_any() || self == other,
        }
    }

    /// What is left out by `NotResource`.
    pub(crate) fn holes(&self) -> &[Glob] {
        match self {
            Self::Only(_) => &[],
            Self::Except(patterns) => patterns,
        }
    }

    /// The patterns that limit the resources; `None` where something is only left out.
    pub(crate) fn patterns(&self) -> Vec<Option<&Glob>> {
        match self {
            Self::Only(patterns) => patterns.iter().map(Some).collect(),
            Self::Except(_) => vec![None],
        }
    }

    /// Every pattern, whether it limits or leaves out.
    pub(crate) fn written(&self) -> &[Glob] {
        match self {
            Self::Only(patterns) | Self::Except(patterns) => patterns,
        }
    }
}

/// Whether a pattern depends on values of the request.
pub(crate) fn has_variables(pattern: &Glob) -> bool {
    pattern.variables().next().is_some()
}

fn may_match_any(patterns: &[Glob], arn: &str) -> bool {
    patterns.iter().any(|pattern| may_match(pattern, arn))
}

/// Whether a pattern possibly matches a concrete ARN: variables may have any value.
pub(crate) fn may_match(pattern: &Glob, arn: &str) -> bool {
    if pattern.variables().next().is_none() { pattern.matches(arn) } else { may_meet(pattern, &Glob::new(arn, false)) }
}

/// Whether two patterns possibly match the same text, whatever its format.
pub(crate) fn may_meet(a: &Glob, b: &Glob) -> bool {
    meet([&Side::of(a), &Side::of(b), &Side::anything()])
}

/// Whether a pattern certainly includes another under both readings of `*`.
pub(crate) fn includes(wide: &Glob, narrow: &Glob) -> bool {
    if wide.is_any() {
        return true;
    }
    // Short of six segments, a final `*` runs on across the colons.
    for count in (1..=5).rev() {
        let Some((wide_segments, wide_rest)) = wide.split_at_colons(count) else { continue };
        if count < 5 && !wide_rest.ends_open() {
            return wide == narrow;
        }
        let Some((narrow_segments, narrow_rest)) = narrow.split_at_colons(count) else { return false };
        return wide_segments.iter().zip(&narrow_segments).all(|(w, n)| w.includes(n))
            && wide_rest.includes(&narrow_rest);
    }
    wide.includes(narrow)
}

/// The ARN formats of one action.
#[derive(Debug)]
pub(crate) struct Formats {
    types: Vec<Format>,
    /// The action is one that does not exist yet, so nothing is known of its resources.
    unknown: bool,
    /// The witnesses of the patterns that have been asked for: those of AWS's policies come again and again.
    witnesses: RefCell<FxHashMap<Glob, Rc<[Witness]>>>,
    /// Which of the patterns that have been asked for match a resource.
    applies: RefCell<FxHashMap<Glob, bool>>,
}

/// A concrete resource, behind the number of its type.
pub(crate) type Witness = (usize, String);

/// One ARN format.
#[derive(Debug)]
struct Format {
    kind: ResourceType,
    side: Side,
    service: &'static str,
}

impl Format {
    fn new(kind: ResourceType) -> Self {
        let service = kind.arn.split(':').nth(2).unwrap_or_default();
        Self { kind, side: Side::of_format(kind.arn), service }
    }

    /// What stands behind the account, with `*` for the names.
    fn names(&self) -> Glob {
        let tail = self.kind.arn.splitn(6, ':').nth(5).unwrap_or_default();
        Glob::new(&filled(tail, |_| "*"), false)
    }
}

/// The formats of the actions that have been asked for, by the [kind](Catalogue::kind_of_resources) of their resources.
#[derive(Debug, Default)]
pub(crate) struct KnownFormats {
    known: RefCell<FxHashMap<u32, Rc<Formats>>>,
}

impl KnownFormats {
    pub(crate) fn of(&self, catalogue: &Catalogue, action: ActionId) -> Rc<Formats> {
        let mut known = self.known.borrow_mut();
        let kind = catalogue.kind_of_resources(action);
        Rc::clone(known.entry(kind).or_insert_with(|| Rc::new(Formats::of(catalogue, action))))
    }
}

/// Those of some actions that AWS documents for a resource, an ARN or `*`.
pub(crate) fn working_on(actions: &[ActionId], resource: &str) -> Vec<ActionId> {
    let (catalogue, known) = (Catalogue::embedded(), KnownFormats::default());
    let resource = Glob::new(resource, false);
    let works = |&action: &ActionId| {
        let formats = known.of(catalogue, action);
        if resource.is_any() { formats.is_empty() } else { formats.apply_to(&resource) }
    };
    actions.iter().copied().filter(works).collect()
}

impl Formats {
    fn of(catalogue: &Catalogue, action: ActionId) -> Self {
        let types = catalogue.resource_types(action).map(Format::new).collect();
        let unknown = catalogue.is_future(action);
        Self { types, unknown, witnesses: RefCell::default(), applies: RefCell::default() }
    }

    /// Whether the only resource of the action is `*`.
    pub(crate) fn is_empty(&self) -> bool {
        self.types.is_empty() && !self.unknown
    }

    /// Whether some resource of the action is matched by both patterns.
    pub(crate) fn overlap(&self, a: &Glob, b: &Glob) -> bool {
        if a.is_any() && b.is_any() {
            return true;
        }
        if self.unknown {
            return may_meet(a, b);
        }
        // An action without resource types is asked for `*` itself, as is one that only lists, whatever types it has.
        if self.types.is_empty() {
            return a.matches("*") && b.matches("*");
        }
        // ARNs of other services are told apart by a glance.
        let services = [a.service(), b.service()];
        let near = |format: &&Format| {
            let same = |service: &&[u8]| format.service.starts_with("${") || *service == format.service.as_bytes();
            services.iter().flatten().all(same)
        };
        let mut formats = self.types.iter().filter(near).peekable();
        if formats.peek().is_none() {
            return false;
        }
        let (a, b) = (Side::of(a), Side::of(b));
        formats.any(|format| meet([&a, &b, &format.side]))
    }

    /// Whether a pattern matches any resource of the action.
    pub(crate) fn apply_to(&self, pattern: &Glob) -> bool {
        if pattern.is_any() {
            return true;
        }
        if let Some(&known) = self.applies.borrow().get(pattern) {
            return known;
        }
        let applies = self.overlap(pattern, &Glob::new("*", false));
        self.applies.borrow_mut().insert(pattern.clone(), applies);
        applies
    }

    /// Concrete resources of the action that a pattern certainly matches, each with whether its type is required
    /// and the number of the type; names in it are made up and longer than any literal prefix needs.
    pub(crate) fn witnesses(&self, pattern: &Glob) -> Rc<[Witness]> {
        if let Some(known) = self.witnesses.borrow().get(pattern) {
            return Rc::clone(known);
        }
        let made: Rc<[Witness]> = self.make_witnesses(pattern).into();
        self.witnesses.borrow_mut().insert(pattern.clone(), Rc::clone(&made));
        made
    }

    fn make_witnesses(&self, pattern: &Glob) -> Vec<Witness> {
        if self.types.is_empty() {
            return if pattern.matches("*") { vec![(0, "*".to_owned())] } else { Vec::new() };
        }
        let written = pattern.to_string();
        let partition = ["aws-us-gov", "aws-cn"].into_iter().find(|other| written.contains(other)).unwrap_or("aws");
        let mut found = Vec::new();
        for (number, format) in self.types.iter().enumerate() {
            if pattern.is_any() {
                found.push((number, filled(format.kind.arn, filling)));
                continue;
            }
            let arn = make_witness(pattern, &format.kind.arn.replace("${Partition}", partition));
            found.extend(arn.filter(|arn| pattern.matches_arn(arn)).map(|arn| (number, arn)));
        }
        found
    }

    /// The numbers of the types that every call needs; all of them (any one will do) if none is marked.
    pub(crate) fn are_all_there(&self, found: &[usize]) -> bool {
        let mut required = (0..self.types.len()).filter(|&number| self.types[number].kind.required).peekable();
        if required.peek().is_none() {
            return !found.is_empty();
        }
        required.all(|number| found.contains(&number))
    }

    /// The types that every call needs, by number.
    pub(crate) fn required(&self) -> impl Iterator<Item = usize> {
        (0..self.types.len()).filter(|&number| self.types[number].kind.required)
    }

    /// Whether a concrete ARN can be of a type, by its number.
    pub(crate) fn is_of_type(&self, number: usize, arn: &str) -> bool {
        let side = Side::of(&Glob::new(arn, false));
        self.types.get(number).is_some_and(|format| meet_two(&side.steps, &format.side.steps))
    }

    /// Whether a pattern does not limit the action to resources of certain names.
    pub(crate) fn is_unlimited(&self, pattern: &Glob) -> bool {
        if pattern.is_any() || self.unknown {
            return true;
        }
        let Some((_, rest)) = pattern.split_at_colons(5) else { return pattern.ends_open() };
        self.types.iter().any(|format| rest.includes(&format.names()))
    }
}

/// Services whose names, at the end of an ARN, may hold a colon or more than the format shows: keys of objects, the `:*`
/// behind a log group, `rds:` before an automatic snapshot, the qualifier of a function, paths of an API, subscriptions.
const COLONS_IN_NAMES: [&str; 6] = ["s3", "logs", "rds", "lambda", "execute-api", "sns"];

/// What a symbol of a pattern or of an ARN format stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Byte(u8),
    One,
    /// Any number of bytes of a class.
    Many(Class),
}

/// The bytes a hole can hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Class {
    Any,
    /// No `:`.
    Name,
    /// Neither `:` nor `/`.
    Id,
}

impl Class {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Name => byte != b':',
            Self::Id => byte != b':' && byte != b'/',
        }
    }
}

/// A pattern or an ARN format as steps; a variable of a policy can become anything.
#[derive(Debug)]
struct Side {
    steps: Vec<Step>,
}

impl Side {
    fn anything() -> Self {
        Self { steps: vec![Step::Many(Class::Any)] }
    }

    fn of(pattern: &Glob) -> Self {
        let mut steps = Vec::with_capacity(pattern.len());
        let mut at = 0;
        while let Some((symbol, next)) = pattern.step(at) {
            at = next;
            steps.push(match symbol {
                Symbol::Byte(byte) => Step::Byte(byte),
                Symbol::One => Step::One,
                Symbol::Many | Symbol::Variable(_) => Step::Many(Class::Any),
            });
        }
        Self { steps }
    }

    fn of_format(format: &str) -> Self {
        let mut steps = Vec::with_capacity(format.len());
        let colons = format.split(':').nth(2).is_some_and(|service| COLONS_IN_NAMES.contains(&service));
        let mut rest = format;
        while let Some((literal, hole)) = rest.split_once("${") {
            steps.extend(literal.bytes().map(literal_step));
            let (name, behind) = hole.split_once('}').unwrap_or((hole, ""));
            let class = match name {
                "Partition" | "Region" | "Account" | "BucketName" => Class::Id,
                _ if behind.is_empty() && colons => Class::Any,
                _ => Class::Name,
            };
            steps.push(Step::Many(class));
            rest = behind;
        }
        steps.extend(rest.bytes().map(literal_step));
        Self { steps }
    }
}

/// Some formats are documented with a `*` in them.
fn literal_step(byte: u8) -> Step {
    if byte == b'*' { Step::Many(Class::Any) } else { Step::Byte(byte) }
}

/// Whether one text is matched by all sides; a side that accepts anything has no say.
fn meet(sides: [&Side; 3]) -> bool {
    let [a, b, c] = sides.map(|side| side.steps.as_slice());
    match [a, b, c].map(is_anything) {
        [true, true, _] | [true, _, true] | [_, true, true] => true,
        [true, ..] => meet_two(b, c),
        [_, true, _] => meet_two(a, c),
        [.., true] => meet_two(a, b),
        // All three meet only if any two do, and two are decided much faster.
        _ => meet_two(a, c) && meet_two(b, c) && meet_two(a, b) && meet_three(a, b, c),
    }
}

fn is_many(step: Option<Step>) -> bool {
    matches!(step, Some(Step::Many(_)))
}

fn is_anything(steps: &[Step]) -> bool {
    matches!(steps, [Step::Many(Class::Any)])
}

/// The byte to go on with where none is literal: a letter is in every class.
const LETTER: u8 = b'a';

fn accepts(step: Step, byte: u8) -> bool {
    match step {
        Step::Byte(expected) => expected == byte,
        Step::One => true,
        Step::Many(class) => class.has(byte),
    }
}

fn literal(step: Step) -> Option<u8> {
    match step {
        Step::Byte(byte) => Some(byte),
        _ => None,
    }
}

/// The position behind a step once it has accepted a byte.
fn ahead(at: usize, step: Step) -> usize {
    if is_many(Some(step)) { at } else { at + 1 }
}

/// How many steps the sides have in common at their beginning, all of them literal; `None` if there one of them differs.
///
/// That decides most questions at once.
fn common_beginning<const N: usize>(sides: [&[Step]; N]) -> Option<usize> {
    for start in 0.. {
        let steps = sides.map(|side| side.get(start).copied().and_then(literal));
        let Some(first) = steps[0] else { return Some(start) };
        for step in &steps[1..] {
            match step {
                Some(byte) if *byte == first => {}
                Some(_) => return None,
                None => return Some(start),
            }
        }
    }
    None
}

fn meet_two(a: &[Step], b: &[Step]) -> bool {
    let Some(start) = common_beginning([a, b]) else { return false };
    let (a, b) = (&a[start..], &b[start..]);
    let mut seen = FixedBitSet::with_capacity((a.len() + 1) * (b.len() + 1));
    let mut open = vec![(0usize, 0usize)];
    while let Some((i, j)) = open.pop() {
        if seen.put(i * (b.len() + 1) + j) {
            continue;
        }
        let (x, y) = (a.get(i).copied(), b.get(j).copied());
        match (x, y) {
            (Some(x), Some(y)) => {
                let byte = literal(x).or(literal(y)).unwrap_or(LETTER);
                if accepts(x, byte) && accepts(y, byte) {
                    open.push((ahead(i, x), ahead(j, y)));
                }
            }
            (None, None) => return true,
            _ => {}
        }
        // What takes any number of bytes first tries to take no more: sides that meet are then found to do so at once.
        if is_many(x) {
            open.push((i + 1, j));
        }
        if is_many(y) {
            open.push((i, j + 1));
        }
    }
    false
}

/// The same for two patterns and a format.
fn meet_three(a: &[Step], b: &[Step], c: &[Step]) -> bool {
    let Some(start) = common_beginning([a, b, c]) else { return false };
    let (a, b) = (narrowed(a, c), narrowed(b, c));
    // Few of the places are ever reached, so they are no bits of a cube.
    let mut seen = FxHashSet::with_capacity_and_hasher(4 * c.len(), FxBuildHasher);
    let mut open = vec![(start, start, start)];
    while let Some((i, j, k)) = open.pop() {
        let (x, y, z) = (a.get(i).copied(), b.get(j).copied(), c.get(k).copied());
        let many = (is_many(x), is_many(y), is_many(z));
        // Only where a side has a choice do ways part and meet again.
        if (many.0 || many.1 || many.2) && !seen.insert((i, j, k)) {
            continue;
        }
        match (x, y, z) {
            (Some(x), Some(y), Some(z)) => {
                let byte = literal(x).or(literal(y)).or(literal(z)).unwrap_or(LETTER);
                if accepts(x, byte) && accepts(y, byte) && accepts(z, byte) {
                    open.push((ahead(i, x), ahead(j, y), ahead(k, z)));
                }
            }
            (None, None, None) => return true,
            _ => {}
        }
        if many.0 {
            open.push((i + 1, j, k));
        }
        if many.1 {
            open.push((i, j + 1, k));
        }
        if many.2 {
            open.push((i, j, k + 1));
        }
    }
    false
}

/// A pattern within a format: where it has all the colons that there can be, its wildcards match none, which leaves far
/// fewer ways to try.
fn narrowed(pattern: &[Step], format: &[Step]) -> Vec<Step> {
    let colons = |steps: &[Step]| steps.iter().filter(|step| **step == Step::Byte(b':')).count();
    let settled = !format.contains(&Step::Many(Class::Any)) && colons(pattern) == colons(format);
    let narrow = |&step: &Step| match step {
        Step::Many(Class::Any) if settled => Step::Many(Class::Name),
        _ => step,
    };
    pattern.iter().map(narrow).collect()
}

/// What no policy names: it fills the holes of an ARN format, so that a Deny on named resources misses it.
pub(crate) const FRESH: &str = "zq7w0x";

/// A concrete ARN of `format` that `pattern` matches, with made-up names wherever both leave room.
fn make_witness(pattern: &Glob, format: &str) -> Option<String> {
    let (pattern, holes) = (Side::of(pattern), hole_fillings(format));
    let format = Side::of_format(format);
    let mut seen = FxHashSet::default();
    let mut open = vec![(0usize, 0usize, String::new())];
    while let Some((p, f, mut made)) = open.pop() {
        if !seen.insert((p, f)) {
            continue;
        }
        let (wanted, offered) = (pattern.steps.get(p).copied(), format.steps.get(f).copied());
        match (wanted, offered) {
            (None, None) => return Some(made),
            (Some(Step::Many(_)), Some(Step::Many(_))) => {
                let number = format.steps[..f].iter().filter(|step| matches!(step, Step::Many(_))).count();
                made.push_str(holes.get(number).copied().unwrap_or(FRESH));
                open.push((p + 1, f, made.clone()));
                open.push((p, f + 1, made.clone()));
                open.push((p + 1, f + 1, made));
            }
            (Some(Step::Many(_)), Some(Step::Byte(byte))) => {
                open.push((p + 1, f, made.clone()));
                made.push(char::from(byte));
                open.push((p, f + 1, made));
            }
            (Some(Step::Many(_)), None) => open.push((p + 1, f, made)),
            (None, Some(Step::Many(_))) => open.push((p, f + 1, made)),
            (Some(Step::Byte(byte)), Some(Step::Many(class))) => {
                open.push((p, f + 1, made.clone()));
                if class.has(byte) {
                    made.push(char::from(byte));
                    open.push((p + 1, f, made));
                }
            }
            (Some(Step::One), Some(Step::Many(_))) => {
                made.push('z');
                open.push((p + 1, f, made));
            }
            (Some(Step::Byte(a)), Some(Step::Byte(b))) if a == b => {
                made.push(char::from(a));
                open.push((p + 1, f + 1, made));
            }
            (Some(Step::One), Some(Step::Byte(byte))) => {
                made.push(char::from(byte));
                open.push((p + 1, f + 1, made));
            }
            _ => {}
        }
    }
    None
}

/// A plausible text for each hole of an ARN format, in order.
fn hole_fillings(format: &str) -> Vec<&'static str> {
    let names = format.split("${").skip(1).map(|hole| hole.split('}').next().unwrap_or_default());
    names.map(filling).collect()
}

fn filling(hole: &str) -> &'static str {
    match hole {
        "Partition" => "aws",
        "Region" => "eu-west-1",
        "Account" => "123456789012",
        _ => FRESH,
    }
}

/// An ARN format with every hole filled.
fn filled(format: &str, filling: impl Fn(&str) -> &'static str) -> String {
    let mut arn = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((literal, hole)) = rest.split_once("${") {
        let (name, behind) = hole.split_once('}').unwrap_or((hole, ""));
        arn.push_str(literal);
        arn.push_str(filling(name));
        rest = behind;
    }
    arn.push_str(rest);
    arn
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::new(text, true)
    }

    fn formats(action: &str) -> Formats {
        let catalogue = Catalogue::embedded();
        Formats::of(catalogue, catalogue.action_named(action).unwrap())
    }

    #[test]
    fn overlap_is_within_the_formats_of_the_action() {
        let bucket = formats("s3:ListBucket");
        assert!(bucket.overlap(&glob("arn:aws:s3:::logs-*"), &glob("arn:aws:s3:::*-2026")));
        assert!(!bucket.overlap(&glob("arn:aws:s3:::logs"), &glob("arn:aws:s3:::other")));
        assert!(!bucket.apply_to(&glob("arn:aws:s3:::elasticbeanstalk-*/*")), "a bucket has no slash");
        assert!(bucket.apply_to(&glob("arn:aws:s3::*:x*")), "a star in the empty account");
        assert!(!bucket.apply_to(&glob("arn:aws:iam::*:role/*")));
        let stack = formats("cloudformation:UpdateStack");
        assert!(!stack.overlap(
            &glob("arn:aws:cloudformation:*:*:stack/NotMySensitiveStack/*"),
            &glob("arn:aws:cloudformation:*:*:stack/MySensitiveStack/*"),
        ));
    }

    proptest! {
        /// A format whose holes hold no colon leaves wildcards none either where a pattern has them all; here, nobody
        /// takes that into account.
        #[test]
        fn patterns_and_a_format_meet_where_some_text_is_matched_by_all(
            patterns in [r"[a:*]{0,4}", r"[a:*]{0,4}"],
            format in "(a|:|\\$\\{Account\\}|\\$\\{Name\\}){0,4}",
        ) {
            let [a, b] = patterns.map(|pattern| glob(&pattern));
            let sides = [Side::of(&a), Side::of(&b), Side::of_format(&format)];
            let texts = (0..=12).flat_map(|length| {
                (0..1u32 << length).map(move |bits| {
                    let letter = |at: u32| if bits >> at & 1 == 0 { 'a' } else { ':' };
                    (0..length).map(letter).collect::<String>()
                })
            });
            let mut common = texts.filter(|text| {
                a.matches(text) && b.matches(text) && meet_two(&Side::of(&glob(text)).steps, &sides[2].steps)
            });
            let [one, other, within] = &sides;
            prop_assert_eq!(meet_three(&one.steps, &other.steps, &within.steps), common.next().is_some());
        }
    }

    #[test]
    fn a_last_star_runs_across_colons() {
        let secret = formats("secretsmanager:GetSecretValue");
        assert!(
            secret.overlap(
                &glob("arn:aws:secretsmanager:*:*:sqlworkbench!*"),
                &glob("arn:aws:secretsmanager:*:*:secret:sqlworkbench!x"),
            ) || secret.apply_to(&glob("arn:aws:secretsmanager:*:*:*sqlworkbench!*"))
        );
        assert!(secret.apply_to(&glob("arn:aws:secretsmanager:*")));
        let group = formats("logs:CreateLogStream");
        assert!(group.apply_to(&glob("arn:aws:logs:*:*:log-group:/aws/lambda/*:*")));
    }

    #[test]
    fn actions_without_resources_need_the_star() {
        let list = formats("s3:ListAllMyBuckets");
        assert!(list.apply_to(&glob("*")));
        assert!(!list.apply_to(&glob("arn:aws:s3:::*")));
    }

    #[test]
    fn inclusion_holds_under_both_readings() {
        for (wide, narrow, expected) in [
            ("*", "arn:aws:s3:::x", true),
            ("arn:aws:iam::*:role/*", "arn:aws:iam::123456789012:role/app", true),
            ("arn:aws:iam::*", "arn:aws:iam::123456789012:role/app", true),
            ("arn:aws:*:role/x", "arn:aws:iam::123456789012:role/x", false),
            ("arn:aws:iam::*:role/a*", "arn:aws:iam::*:role/*", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*/k", true),
            ("arn:*:iam::*:role/*", "*", false),
        ] {
            assert_eq!(includes(&glob(wide), &glob(narrow)), expected, "{wide} includes {narrow}");
        }
    }

    #[test]
    fn witnesses_are_resources_the_pattern_matches() {
        let pass = formats("iam:PassRole");
        for pattern in
            ["*", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/app-*", "arn:aws-cn:iam::*:role/x"]
        {
            let found = pass.witnesses(&glob(pattern));
            assert!(!found.is_empty(), "{pattern}");
            for (_, arn) in found.iter() {
                assert!(glob(pattern).matches(arn), "{pattern}: {arn}");
                assert!(pass.apply_to(&Glob::new(arn, false)), "{arn}");
            }
        }
        assert!(pass.witnesses(&glob("arn:aws:iam::*:user/*")).is_empty());
    }

    #[test]
    fn a_name_limits_and_an_account_does_not() {
        let pass = formats("iam:PassRole");
        for (pattern, expected) in [
            ("*", true),
            ("arn:aws:iam::123456789012:role/*", true),
            ("arn:aws:iam::*:*", true),
            ("arn:aws:iam::*:role/app-*", false),
            ("arn:aws:iam::*:role/app", false),
        ] {
            assert_eq!(pass.is_unlimited(&glob(pattern)), expected, "{pattern}");
        }
    }
}
