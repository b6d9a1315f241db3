//! Handing a role to a service.

use crate::diagnostic::Diagnostics;
use crate::iam::assess::Class;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that may pass a role to a service with an action that takes one, beyond the ways to more that
    /// `iam-without-boundary` knows: a backup plan, a database, a pipe, a data set. AWS documents some two hundred actions that
    /// need `iam:PassRole` so.
    ///
    /// It is off until a level is set: what can be done with the role is up to the service, mostly what the role was made for.
    ///
    /// ## Why it matters
    ///
    /// The service then acts with the permissions of the role, which may be more than the permission set has; a role that
    /// trusts the service can be passed whatever it was made for.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { levels: { pass-role-to-service: warn } }
    /// permission_sets:
    ///   BackupOperator:  # warning: [pass-role-to-service] "BackupOperator"
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "backup:StartRestoreJob", Resource: "*" }
    ///         - { Effect: Allow, Action: "iam:PassRole", Resource: "arn:aws:iam::*:role/*Backup*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// Roles that anybody may pass are named under `lint`, once they have been judged.
    ///
    /// ```yaml
    /// lint:
    ///   levels: { pass-role-to-service: warn }
    ///   passable_roles: ["arn:aws:iam::*:role/service-role/AWSBackupDefaultServiceRole"]
    /// permission_sets:
    ///   BackupOperator:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "backup:StartRestoreJob", Resource: "*" }
    ///         - Effect: Allow
    ///           Action: "iam:PassRole"
    ///           Resource: "arn:aws:iam::*:role/service-role/AWSBackupDefaultServiceRole"
    /// ```
    PASS_ROLE_TO_SERVICE {
        id: "pass-role-to-service",
        summary: "passing a role to a service that acts with it",
        kind: Optional,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    super::ways(
        "pass-role-to-service",
        Class::RoleSink,
        ("may pass a role to a service that acts with it", "name the roles that may be passed, one by one"),
        context,
        diagnostics,
    );
}
