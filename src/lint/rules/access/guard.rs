//! What fails an organization policy in the language of CloudFormation Guard.

use crate::lint::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// What fails a rule of the organization: the rule files of `lint.guard`, in the language of
    /// [CloudFormation Guard](https://docs.aws.amazon.com/cfn-guard/latest/ug/what-is-guard.html), are evaluated over the
    /// CloudFormation templates that the model becomes, those inside StackSets included, and the finding stands at the line of
    /// the model that is the cause. `build` judges the templates that it is about to write; `check`, and a build for
    /// Terraform, those of a first build.
    ///
    /// A rule file that is missing, that cannot be understood, that brings the evaluator down or that takes more than a minute
    /// for one template is an error, which no level and no suppression changes. With `--allow guard` nothing is evaluated;
    /// neither is it in an editor.
    ///
    /// ## Why it matters
    ///
    /// An organization has rules that nobody else has. In this language they are written once, for the templates that people
    /// write and for those that bailiwick does, and nothing is written that fails them.
    ///
    /// The rules that ship with bailiwick (`builtin`) look at what other rules cannot see: whether whoever deploys a template
    /// may decide who is in a group, or whether a policy can be protected by its path; and they are a second opinion on the
    /// StackSets.
    ///
    /// ## Example
    ///
    /// With `policies/sessions.guard`:
    ///
    /// ```text
    /// rule short_sessions when Resources.*[ Type == 'AWS::SSO::PermissionSet' ] !empty {
    ///     Resources.*[ Type == 'AWS::SSO::PermissionSet' ] {
    ///         Properties.SessionDuration == /^PT([1-9]|[1-5][0-9])M$|^PT1H$/ <<sessions last an hour at most>>
    ///     }
    /// }
    /// ```
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2h  # error: [guard] "2h"
    /// lint:
    ///   guard: [policies/sessions.guard]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 1h
    /// lint:
    ///   guard: [policies/sessions.guard]
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   guard: [builtin, policies/sessions.guard]
    /// ```
    GUARD {
        id: "guard",
        summary: "what fails an organization policy of `lint.guard`",
        kind: Adjustable,
        check: None,
    }
}
