//! Groups in the management account, while somebody else decides who is in them.

use crate::access::PrincipalKind;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// Where administration is delegated, a group that a row assigns in the management account. It is a note.
    ///
    /// ## Why it matters
    ///
    /// The delegated administrator can change neither the assignment nor the permission set, but whoever administers the
    /// directory there can add anybody to the group, themselves included. The management account is then as safe as the
    /// delegated one, and as the identity source.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// identity_center: { delegated_admin: audit }
    /// assignments:
    ///   - group: aws-finops
    ///     permission_set: BillingViewer
    ///     accounts: [management]  # note: [group-in-management] "management"
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep the row if the group is as well guarded as the account, and set the level of the rule to `allow` once all of
    /// them are. Otherwise name the few people, with an end.
    ///
    /// ```yaml
    /// identity_center: { delegated_admin: audit }
    /// assignments:
    ///   - user: cfo@example.com
    ///     permission_set: BillingViewer
    ///     accounts: [management]
    ///     owner: secops@example.com
    ///     expires: 2027-01-31
    ///     reason: closes the year
    /// ```
    GROUP_IN_MANAGEMENT {
        id: "group-in-management",
        summary: "a group in the management account whose members a delegated administrator can change",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let Some(admin) = &access.instance.delegated_admin else { return };
    let Some(management) = access.management_account() else { return };
    for row in access.rows.iter().filter(|row| row.live) {
        // Only by its name does a row reach the management account.
        let named = row.selection.accounts.iter().find(|account| account.value == management);
        let Some(named) = named.filter(|_| row.accounts.binary_search(&management).is_ok()) else { continue };
        let group = row.principals.iter().find(|named| access.principal(named.value).kind == PrincipalKind::Group);
        let Some(group) = group else { continue };
        let name = &access.principal(group.value).name;
        diagnostics.push(
            Diagnostic::note(
                "group-in-management",
                named.span,
                format!("who may change the members of `{name}` may enter the management account"),
            )
            .related(group.span, "a group of the directory")
            .related(admin.span, "the delegated administrator can change its members")
            .help("guard the delegated administrator and the identity source like the management account itself"),
        );
    }
}
