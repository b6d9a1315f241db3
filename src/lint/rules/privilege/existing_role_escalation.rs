//! Entering what already runs with a role.

use crate::diagnostic::Diagnostics;
use crate::iam::assess::Class;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that may change or enter what already runs with a role: the code of a function, a shell on an
    /// instance, a build, a stack.
    ///
    /// It is off until a level is set: every set that deploys or operates something can do this, and what it gives depends
    /// on the roles of the account, which the model does not hold.
    ///
    /// ## Why it matters
    ///
    /// The permissions of such a role are as good as granted, and `iam:PassRole` is not needed.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { existing-role-escalation: warn } }
    /// permission_sets:
    ///   Operator:  # warning: [existing-role-escalation] "Operator"
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "lambda:UpdateFunctionCode", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// lint: { levels: { existing-role-escalation: warn } }
    /// permission_sets:
    ///   Operator:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "lambda:InvokeFunction", Resource: "*" }
    /// ```
    EXISTING_ROLE_ESCALATION {
        id: "existing-role-escalation",
        summary: "changing or entering what already runs with a role",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    super::ways(
        "existing-role-escalation",
        Class::ExistingRole,
        (
            "may act as roles that already run something",
            "limit the actions to resources of the team, by name or by tag",
        ),
        context,
        diagnostics,
    );
}
