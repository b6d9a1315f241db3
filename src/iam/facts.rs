//! What holds in every session of Identity Center, whoever asks.

use std::sync::LazyLock;

use super::catalogue::Action;
use super::condition::Known;
use super::glob::Glob;

/// What is known before any request, and what the organization has settled.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The partition, as `aws`: some services are called differently in others.
    pub partition: String,
    /// The time of the check in seconds of the Unix epoch; without it, conditions on time stay open.
    pub as_of: Option<i64>,
    /// The attributes for access control: only these become session tags. `None` if they are not known, for an identity
    /// provider may send tags of its own.
    pub session_tags: Option<Vec<String>>,
    /// The id of the organization; without it, conditions on it stay open.
    pub organization: Option<String>,
    /// ARN patterns of roles that anybody may pass: they have been judged harmless.
    pub passable_roles: Vec<String>,
    /// ARN patterns of roles that anybody may assume: they have been judged harmless.
    pub assumable_roles: Vec<String>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            partition: "aws".to_owned(),
            as_of: None,
            session_tags: None,
            organization: None,
            passable_roles: Vec::new(),
            assumable_roles: Vec::new(),
        }
    }
}

/// Whether a condition key, given in lower case, is a point in time.
pub(crate) fn is_time(key: &str) -> bool {
    matches!(key, "aws:currenttime" | "aws:epochtime" | "aws:tokenissuetime")
}

/// What is known of a key of time at the time of the check; every other one is open.
pub(crate) fn time(key: &str, as_of: i64) -> Known<'static> {
    match key {
        "aws:currenttime" | "aws:epochtime" => Known::NotBefore(as_of),
        "aws:tokenissuetime" => Known::NotBefore(as_of - LONGEST_SESSION),
        _ => Known::Unknown,
    }
}

/// What is known of the role that Identity Center makes of a permission set in an account.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Session {
    /// The ARNs that the role may have; in place of a character that nobody knows there is one of [`Blank`].
    roles: Vec<String>,
    account: Option<String>,
}

/// A character that is not known, of a certain kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Blank {
    /// Of the suffix of a role: a digit of a number to the base 16.
    Hex,
    /// Of the id of an account: a digit.
    Digit,
    /// Of the name of a Region: a letter, a digit or `-`.
    Region,
}

impl Blank {
    const ALL: [(Self, char); 3] = [(Self::Hex, '\u{1}'), (Self::Digit, '\u{2}'), (Self::Region, '\u{3}')];

    fn written(self, count: usize) -> String {
        let sign = Self::ALL.iter().find(|(blank, _)| *blank == self).map_or('\u{1}', |(_, sign)| *sign);
        sign.to_string().repeat(count)
    }

    /// The blank that a character of a text stands for.
    pub(crate) fn of(sign: char) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == sign).map(|(blank, _)| *blank)
    }

    /// Whether a character can stand in its place.
    pub(crate) fn takes(self, character: char) -> bool {
        match self {
            Self::Hex => character.is_ascii_hexdigit(),
            Self::Digit => character.is_ascii_digit(),
            Self::Region => character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-',
        }
    }
}

/// How long the names of Regions are: `us-east-1` is the shortest.
const REGION_LENGTHS: std::ops::RangeInclusive<usize> = 8..=20;

impl Session {
    /// The session of a permission set, of Identity Center in a Region and in an account where they are known.
    ///
    /// The name of the role is `AWSReservedSSO_`, the name of the set, `_` and 16 digits that nobody knows before; its path
    /// has the Region of Identity Center but for `us-east-1`
    /// (<https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>).
    pub fn of(permission_set: &str, partition: &str, region: Option<&str>, account: Option<&str>) -> Self {
        let id = account.map_or_else(|| Blank::Digit.written(12), str::to_owned);
        let role = |path: &str| {
            let suffix = Blank::Hex.written(16);
            format!(
                "arn:{partition}:iam::{id}:role/aws-reserved/sso.amazonaws.com/{path}AWSReservedSSO_{permission_set}_{suffix}"
            )
        };
        let roles = match region {
            Some("us-east-1") => vec![role("")],
            Some(region) => vec![role(&format!("{region}/"))],
            None => {
                let paths = REGION_LENGTHS.map(|length| format!("{}/", Blank::Region.written(length)));
                std::iter::once(String::new()).chain(paths).map(|path| role(&path)).collect()
            }
        };
        Self { roles, account: account.map(str::to_owned) }
    }
}

/// The facts with who asks, and for which action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    facts: &'a Facts,
    session: Option<&'a Session>,
    /// Whether requests are made to the one endpoint that a service has.
    in_one_region: bool,
}

/// Services with one endpoint for all Regions, to which every request is made in `us-east-1`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html>).
pub(crate) const IN_US_EAST_1: [&str; 4] = ["cloudfront", "iam", "route53", "support"];

/// The condition key of the Region that a request is made to.
pub(crate) const REQUESTED_REGION: &str = "aws:requestedregion";

impl<'a> Circumstances<'a> {
    /// The same for requests for an action.
    pub(crate) fn asking(self, action: &Action) -> Self {
        Self { in_one_region: self.is_in_one_region(action), ..self }
    }

    /// Whether the Region of a request for an action is known. Whether a role may be passed is asked with the request for
    /// what receives it, wherever that is made.
    pub(crate) fn is_in_one_region(&self, action: &Action) -> bool {
        let passing = PASSING.split_once(':') == Some((action.service, action.name));
        self.facts.partition == "aws" && IN_US_EAST_1.contains(&action.service) && !passing
    }

    /// What is known of a condition key, given in lower case.
    pub(crate) fn known(&self, key: &str) -> Known<'a> {
        match (key, self.session) {
            (REQUESTED_REGION, _) if self.in_one_region => Known::Is("us-east-1"),
            ("aws:principalarn", Some(session)) => Known::Among(&session.roles),
            ("aws:principalaccount", Some(Session { account: Some(account), .. })) => Known::Is(account),
            _ => self.facts.known(key),
        }
    }
}

impl std::ops::Deref for Circumstances<'_> {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        self.facts
    }
}

/// The longest session of a permission set, in seconds: a token in use was issued no longer ago.
const LONGEST_SESSION: i64 = 12 * 60 * 60;

impl Facts {
    /// What is known of a condition key, given in lower case.
    pub(crate) fn known(&self, key: &str) -> Known<'_> {
        match key {
            // There is no IAM user in a session of a role.
            "aws:username" => Known::Absent,
            "aws:principaltype" => Known::Is("AssumedRole"),
            // Accounts of the model are those of its organization.
            "aws:principalorgid" => self.organization.as_deref().map_or(Known::Unknown, Known::Is),
            _ if is_time(key) => self.as_of.map_or(Known::Unknown, |as_of| time(key, as_of)),
            // The role itself carries no tags, so tags of the principal are those of the session.
            _ => match (key.strip_prefix("aws:principaltag/"), &self.session_tags) {
                (Some(tag), Some(tags)) if !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) => Known::Absent,
                _ => Known::Unknown,
            },
        }
    }

    /// What is known with these facts of who asks.
    pub(crate) fn of<'a>(&'a self, session: Option<&'a Session>) -> Circumstances<'a> {
        Circumstances { facts: self, session, in_one_region: false }
    }

    /// Whether a policy variable has no value, so that a pattern with it matches nothing.
    pub(crate) fn is_absent(&self, variable: &str) -> bool {
        // A variable with a default always has a value.
        !variable.contains(',') && self.known(&variable.to_ascii_lowercase()) == Known::Absent
    }

    /// Whether an action on these resources has been settled as harmless, or is refused by AWS whatever policies say.
    pub(crate) fn is_harmless(&self, service: &str, action: &str, pattern: &Glob) -> bool {
        if pattern.is_any() {
            return false;
        }
        let settled = |roles: &[String]| roles.iter().any(|role| Glob::new(role, false).includes(pattern));
        let is = |known: &str| known.split_once(':') == Some((service, action));
        if is(PASSING) && settled(&self.passable_roles) || is(ASSUMING) && settled(&self.assumable_roles) {
            return true;
        }
        // The policies of AWS cannot be changed by anybody else.
        if EDITING_POLICIES.into_iter().any(is) {
            return POLICIES_OF_AWS.includes(pattern);
        }
        // Neither can its reserved and service-linked roles, which trust nobody but their service.
        matches!(service, "iam" | "sts") && ROLES_OF_AWS.iter().any(|roles| roles.includes(pattern))
    }
}

const PASSING: &str = "iam:PassRole";
const ASSUMING: &str = "sts:AssumeRole";

/// The actions that change what a customer-managed policy says.
const EDITING_POLICIES: [&str; 4] =
    ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"];

static POLICIES_OF_AWS: LazyLock<Glob> = LazyLock::new(|| Glob::new("arn:*:iam::aws:policy/*", false));
static ROLES_OF_AWS: LazyLock<[Glob; 2]> = LazyLock::new(|| {
    ["aws-reserved", "aws-service-role"].map(|path| Glob::new(&format!("arn:*:iam::*:role/{path}/*"), false))
});
