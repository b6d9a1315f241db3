//! What a document asks of a session that no session of Identity Center has.

use memchr::memmem;

use super::{Reader, one_or_more};
use crate::diagnostic::Diagnostic;
use crate::iam::condition::{Atom, Operator};
use crate::iam::policy::PolicyKind;
use crate::iam::policy::outline::variables;
use crate::source::Spanned;
use crate::syntax::{Entry, Node};

/// What the condition key of a tag of the principal begins with, in lower case.
const PRINCIPAL_TAG: &str = "aws:principaltag/";
/// What the name of a role of Identity Center begins with.
const RESERVED: &str = "AWSReservedSSO_";

impl Reader<'_> {
    /// Looks at a condition that has been understood, and at its values.
    ///
    /// `effect` is the effect of its statement as it is written.
    pub(super) fn condition_in_session(&mut self, effect: Option<&str>, key: &Entry, atom: &Atom) {
        // A service control policy holds for every principal of the accounts, users of IAM included.
        if self.kind != PolicyKind::Identity {
            return;
        }
        match &*atom.key {
            "aws:username" => self.username(&key.key),
            "aws:multifactorauthpresent" | "aws:multifactorauthage" => self.mfa(effect, key, atom),
            // Who asks whether the tag is there minds its absence.
            _ if atom.operator != Operator::Null => {
                let tag = principal_tag(key.name()).map(|tag| Spanned::new(tag.into(), key.key.span));
                self.policy.tags.extend(tag);
            }
            _ => {}
        }
        for value in one_or_more(&key.value) {
            if let Some(text) = value.text() {
                self.value_in_session(value, text);
            }
        }
    }

    /// Looks at a resource or at the value of a condition.
    pub(super) fn value_in_session(&mut self, node: &Node, text: &str) {
        if self.kind != PolicyKind::Identity {
            return;
        }
        if self.variables {
            for variable in variables(text) {
                if variable.eq_ignore_ascii_case("aws:username") {
                    self.username(node);
                } else if let Some(tag) = principal_tag(variable) {
                    self.policy.tags.push(Spanned::new(tag.into(), node.span));
                }
            }
        }
        if let Some(found) = memmem::find(text.as_bytes(), RESERVED.as_bytes())
            && let Some((set, suffix)) = text[found + RESERVED.len()..].rsplit_once('_')
            && suffix.len() == 16
            && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            self.report(
                Diagnostic::warning(
                    "reserved-role-name",
                    node.span,
                    format!("the role of `{set}` has another name as soon as it is made anew"),
                )
                .help(format!(
                    "write `{RESERVED}{set}_*` instead of the sixteen characters, in an operator that takes patterns"
                )),
            );
        }
    }

    /// Reports a condition on MFA, and what becomes of its statement.
    fn mfa(&mut self, effect: Option<&str>, key: &Entry, atom: &Atom) {
        let denies = effect == Some("Deny");
        // Without its condition a Deny would hold for everybody, which nobody wants who asks for MFA.
        let remove = if denies { "statement" } else { "condition" };
        let message = format!("no session of Identity Center carries `{}`", key.name());
        let finding = Diagnostic::warning("mfa-condition", key.key.span, message).help(format!(
            "remove the {remove}, and ask for MFA where people sign in: in Identity Center or the identity source"
        ));
        self.report(match (atom.when_absent(), denies) {
            (Some(true), true) => {
                finding.because("the condition holds for an absent key: the Deny applies with MFA as well")
            }
            (Some(true), false) => finding.because("the condition holds for an absent key: it asks for nothing"),
            (Some(false), true) => finding.because("the condition fails for an absent key: the Deny never applies"),
            (Some(false), false) => finding.because("the condition fails for an absent key: nothing is allowed"),
            (None, _) => finding,
        });
    }

    fn username(&mut self, node: &Node) {
        self.report(
            Diagnostic::error("username-variable", node.span, "no session of Identity Center has an `aws:username`")
                .label("the name of an IAM user")
                .help("use `${aws:userid}`, which ends in the user name of Identity Center, or `${aws:PrincipalTag/…}` with a mapped attribute"),
        );
    }
}

/// The tag that a variable or condition key names.
pub(in crate::iam::policy) fn principal_tag(key: &str) -> Option<&str> {
    let (head, tag) = key.split_at_checked(PRINCIPAL_TAG.len())?;
    (head.eq_ignore_ascii_case(PRINCIPAL_TAG) && !tag.is_empty()).then_some(tag)
}
