//! Sets of actions, and the patterns that name them.

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::catalogue::{ActionId, Catalogue, Service};

/// A set of actions over the universe of one catalogue, as sorted, disjoint, non-adjacent ranges of ids.
///
/// Patterns such as `s3:Get*` are one range, so a statement takes some ten bytes where a bit set would take kilobytes.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct ActionSet {
    ranges: Ranges,
}

/// One range, as most patterns name, needs no memory of its own.
type Ranges = SmallVec<[(u32, u32); 1]>;

impl ActionSet {
    /// The actions that patterns name; patterns that name nothing add nothing.
    pub(crate) fn of_patterns<'p>(catalogue: &Catalogue, patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut ranges = Ranges::new();
        for pattern in patterns {
            expand(catalogue, pattern, &mut ranges);
        }
        Self::of_ranges(ranges)
    }

    fn of_ranges(mut ranges: Ranges) -> Self {
        ranges.retain(|&mut (start, end)| start < end);
        ranges.sort_unstable();
        ranges.dedup_by(|later, first| {
            let touches = later.0 <= first.1;
            if touches {
                first.1 = first.1.max(later.1);
            }
            touches
        });
        ranges.shrink_to_fit();
        Self { ranges }
    }

    /// The ranges, in order.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (u32, u32)> {
        self.ranges.iter().copied()
    }

    pub(crate) fn contains(&self, action: ActionId) -> bool {
        let behind = self.ranges.partition_point(|range| range.0 <= action.0);
        behind > 0 && action.0 < self.ranges[behind - 1].1
    }

    /// Everything that is not in the set: what `NotAction` names.
    pub(crate) fn complement(&self, catalogue: &Catalogue) -> Self {
        let mut ranges = Ranges::with_capacity(self.ranges.len() + 1);
        let mut start = 0;
        for &(from, to) in &self.ranges {
            ranges.push((start, from));
            start = to;
        }
        ranges.push((start, catalogue.universe()));
        Self::of_ranges(ranges)
    }

    pub(crate) fn union<'s>(sets: impl IntoIterator<Item = &'s Self>) -> Self {
        Self::of_ranges(sets.into_iter().flat_map(|set| set.ranges.iter().copied()).collect())
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut ranges = Ranges::new();
        let (mut a, mut b) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        while let (Some(&&x), Some(&&y)) = (a.peek(), b.peek()) {
            ranges.push((x.0.max(y.0), x.1.min(y.1)));
            if x.1 < y.1 {
                a.next();
            } else {
                b.next();
            }
        }
        Self::of_ranges(ranges)
    }

    pub(crate) fn difference(&self, other: &Self, catalogue: &Catalogue) -> Self {
        self.intersection(&other.complement(catalogue))
    }

    /// Whether every action of the catalogue is in the set, those to come included.
    pub(crate) fn is_all(&self, catalogue: &Catalogue) -> bool {
        *self.ranges == [(0, catalogue.universe())]
    }

    /// How many actions there are in the set.
    pub(crate) fn len(&self) -> u32 {
        self.ranges.iter().map(|(start, end)| end - start).sum()
    }

    /// The actions that one pattern names.
    pub(crate) fn of_pattern(pattern: &str) -> Self {
        Self::of_patterns(Catalogue::embedded(), [pattern])
    }

    /// Every action of some services, those to come included.
    pub(crate) fn of_services(catalogue: &Catalogue, prefixes: &[&str]) -> Self {
        let ranges = prefixes.iter().filter_map(|prefix| catalogue.service(prefix)).map(Service::range);
        Self::of_ranges(ranges.map(|range| (range.start, range.end)).collect())
    }

    /// Whether some action is in both sets.
    pub(crate) fn meet(&self, other: &Self) -> bool {
        let (mut a, mut b) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            if x.0.max(y.0) < x.1.min(y.1) {
                return true;
            }
            if x.1 < y.1 {
                a.next();
            } else {
                b.next();
            }
        }
        false
    }

    /// The actions, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ActionId> {
        self.ranges.iter().flat_map(|&(start, end)| (start..end).map(ActionId))
    }

    /// Whether every action of the other set is in this one.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        other.ranges.iter().all(|&(start, end)| self.ranges.iter().any(|&(from, to)| from <= start && end <= to))
    }

    /// The actions that AWS has, in order: those to come are left out.
    pub(crate) fn known_ids(&self) -> impl Iterator<Item = ActionId> {
        self.ids().filter(|id| !Catalogue::embedded().is_future(*id))
    }

    /// Whether no action is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Adds the set to one over the whole universe.
    pub(crate) fn add_to(&self, actions: &mut FixedBitSet) {
        for &(start, end) in &self.ranges {
            actions.insert_range(start as usize..end as usize);
        }
    }
}

/// The ranges of ids that one pattern names.
fn expand(catalogue: &Catalogue, pattern: &str, ranges: &mut Ranges) {
    let (prefix, name) = match pattern.split_once(':') {
        Some(parts) => parts,
        None if is_open(pattern) => ("*", "*"),
        None => return,
    };
    if is_open(prefix) && is_open(name) {
        ranges.push((0, catalogue.universe()));
    } else if prefix.contains(['*', '?']) {
        // The grammar forbids it; what it would mean is still its services.
        for service in catalogue.services().filter(|service| matches(prefix, service.name)) {
            expand_in(catalogue, service, name, ranges);
        }
    } else if let Some(service) = catalogue.service(prefix) {
        expand_in(catalogue, service, name, ranges);
    }
}

fn expand_in(catalogue: &Catalogue, service: Service, name: &str, ranges: &mut Ranges) {
    if is_open(name) {
        // Only such a pattern grants what the service does not have yet.
        let all = service.range();
        ranges.push((all.start, all.end));
        return;
    }
    let Some(wildcard) = name.find(['*', '?']) else {
        ranges.extend(catalogue.action_of(service, name).map(|action| (action.0, action.0 + 1)));
        return;
    };
    let candidates = catalogue.with_prefix(service, &name[..wildcard]);
    if &name[wildcard..] == "*" {
        ranges.push((candidates.start, candidates.end));
    } else {
        let named = candidates.filter(|&id| matches(name, catalogue.action_name(id)));
        ranges.extend(named.map(|id| (id, id + 1)));
    }
}

/// Whether a pattern is made of wildcards alone and has a `*`: `*`, `?*`.
fn is_open(pattern: &str) -> bool {
    pattern.contains('*') && pattern.bytes().all(|byte| matches!(byte, b'*' | b'?'))
}

/// Whether a pattern of an action matches a name; capitals do not count.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut read) = (0, 0);
    let mut retry = None;
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                retry = Some((at, read));
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&name[read]) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((behind, absorbed)) = retry else { return false };
                at = behind;
                read = absorbed + 1;
                retry = Some((behind, read));
            }
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(patterns: &[&str]) -> ActionSet {
        ActionSet::of_patterns(Catalogue::embedded(), patterns.iter().copied())
    }

    fn id(action: &str) -> ActionId {
        Catalogue::embedded().action_named(action).unwrap()
    }

    #[test]
    fn patterns_name_what_matching_finds() {
        let catalogue = Catalogue::embedded();
        for pattern in ["s3:Get*", "s3:getobject", "iam:*Policy", "ec2:*Instance?", "ec2:Describe*s", "sts:*Role*"] {
            let named = set(&[pattern]);
            let (prefix, name) = pattern.split_once(':').unwrap();
            for service in catalogue.services() {
                for action in service.actions() {
                    let expected = service.name == prefix && matches(name, catalogue.action(action).name);
                    assert_eq!(named.contains(action), expected, "{pattern}: {:?}", catalogue.action(action));
                }
                assert!(!named.contains(service.future()), "{pattern}");
            }
        }
    }

    #[test]
    fn only_open_patterns_name_the_future() {
        let future = Catalogue::embedded().service("iam").unwrap().future();
        for (pattern, expected) in
            [("iam:*", true), ("iam:?*", true), ("*", true), ("*:*", true), ("iam:Get*", false), ("s3:*", false)]
        {
            assert_eq!(set(&[pattern]).contains(future), expected, "{pattern}");
        }
    }

    #[test]
    fn sets_compose() {
        let catalogue = Catalogue::embedded();
        let all = set(&["*"]);
        let iam = set(&["iam:*"]);
        assert!(all.is_all(catalogue));
        assert!(!iam.complement(catalogue).contains(id("iam:PassRole")));
        assert!(ActionSet::union([&iam, &iam.complement(catalogue)]).is_all(catalogue));
        assert!(all.difference(&iam, catalogue).contains(id("s3:GetObject")));
        assert!(all.difference(&iam, catalogue).intersection(&iam).is_empty());
        assert!(set(&["nosuch:*", "s3:NoSuchAction", "junk"]).is_empty());
    }
}
