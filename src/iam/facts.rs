//! What holds in every session of Identity Center, whoever asks.

use std::sync::LazyLock;

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
            passable_roles: Vec::new(),
            assumable_roles: Vec::new(),
        }
    }
}

/// The longest session of a permission set, in seconds: a token in use was issued no longer ago.
const LONGEST_SESSION: i64 = 12 * 60 * 60;

impl Facts {
    /// What is known of a condition key, given in lower case.
    pub(crate) fn known(&self, key: &str) -> Known<'static> {
        match key {
            // There is no IAM user in a session of a role.
            "aws:username" => Known::Absent,
            "aws:currenttime" | "aws:epochtime" => self.as_of.map_or(Known::Unknown, Known::NotBefore),
            "aws:tokenissuetime" => self.as_of.map_or(Known::Unknown, |now| Known::NotBefore(now - LONGEST_SESSION)),
            // The role itself carries no tags, so tags of the principal are those of the session.
            _ => match (key.strip_prefix("aws:principaltag/"), &self.session_tags) {
                (Some(tag), Some(tags)) if !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) => Known::Absent,
                _ => Known::Unknown,
            },
        }
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
