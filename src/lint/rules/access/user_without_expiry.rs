//! Access granted to a user, without an end.

use crate::access::PrincipalKind;
use crate::diagnostic::{Diagnostic, Diagnostics, Edit};
use crate::lint::{Context, declare_rule};
use crate::resolve::parse_duration;
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// A row with a user that lacks `owner`, `expires` or `reason`, or that expires later than the allowed horizon:
    /// 90 days ahead, unless `lint.expiry_horizon` says otherwise.
    ///
    /// ## Why it matters
    ///
    /// Groups follow people when they join, move and leave; a user does not. An assignment to a user outlives the reason
    /// for it, and the role stays behind after the user is gone. AWS knows no expiry for assignments, so the model has to.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - user: auditor@example.com  # error: [user-without-expiry]
    ///     permission_set: ReadOnlyAuditor
    ///     accounts: [audit]
    /// ```
    ///
    /// ## Put right
    ///
    /// Who answers for the access, until when and why is for a person to say. `bailiwick check --fix` writes the missing
    /// keys into the row as comments, which change nothing: the finding stays, and nothing is granted, until somebody has
    /// filled them in and removed the `#`.
    ///
    /// ```yaml
    /// assignments:
    ///   - user: auditor@example.com
    ///     permission_set: ReadOnlyAuditor
    ///     accounts: [audit]
    ///     owner: secops@example.com
    ///     expires: 2027-01-31
    ///     reason: external audit, ticket SEC-1234
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   expiry_horizon: 30d
    /// ```
    USER_WITHOUT_EXPIRY {
        id: "user-without-expiry",
        summary: "a user without `owner`, `expires` and `reason`, or expiring too far ahead",
        kind: Adjustable,
        check: Some(check),
    }
}

/// The keys that are missing, as comments: what they are to say is a person's to write, and until then nothing is granted.
fn form(user: Span, row: Span, missing: &[&'static str], last: jiff::civil::Date) -> Edit {
    let say = |key: &'static str| {
        let what = match key {
            "owner" => "who answers for this access".to_owned(),
            "expires" => format!("{last}, or earlier"),
            _ => "why a group will not do, and the ticket".to_owned(),
        };
        (key, what)
    };
    Edit::Annotate { span: user, within: row, lines: missing.iter().map(|key| say(key)).collect() }
}

/// 90 days.
const HORIZON: i64 = 90 * 86_400;

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let setting = access.lint.as_ref().and_then(|lint| lint.expiry_horizon.as_ref());
    let horizon = setting.and_then(|text| {
        let horizon = parse_duration(text.as_str()).filter(|&seconds| seconds > 0);
        if horizon.is_none() {
            diagnostics.push(
                Diagnostic::error("invalid-value", text.span, format!("`{}` is not a duration", text.as_str()))
                    .help("write a number of days, such as `90d`"),
            );
        }
        horizon
    });
    let horizon = horizon.unwrap_or(HORIZON);
    // A date ends at the midnight behind it, so the last date within the horizon is that of the moment before.
    let last = jiff::Timestamp::from_second(access.as_of.as_second() + horizon - 86_400).unwrap_or(access.as_of);
    let last = last.to_zoned(jiff::tz::TimeZone::UTC).date();
    for row in &access.rows {
        let user = row.principals.iter().find(|named| access.principal(named.value).kind == PrincipalKind::User);
        let Some(user) = user else { continue };
        let name = &access.principal(user.value).name;
        let empty =
            |text: Option<&crate::source::Spanned<String>>| text.is_none_or(|text| text.value.trim().is_empty());
        let missing: Vec<_> = [
            ("owner", empty(row.owner.as_deref())),
            ("expires", !row.expires_written),
            ("reason", empty(row.reason.as_deref())),
        ]
        .into_iter()
        .filter_map(|(key, missing)| missing.then_some(key))
        .collect();
        if !missing.is_empty() {
            let keys = crate::words::listing(&missing);
            diagnostics.push(
                Diagnostic::error(
                    "user-without-expiry",
                    user.span,
                    format!("the user `{name}` is assigned without {keys}"),
                )
                .label("a user, not a group")
                .help(format!("add {keys} to the row, or assign a group that the user is a member of"))
                .safe_fix("write down what is to be filled in", vec![form(user.span, row.span, &missing, last)]),
            );
        }
        if let Some(expires) = &row.expires
            && row.live
            && expires.at.as_second() - access.as_of.as_second() > horizon
        {
            diagnostics.push(
                Diagnostic::error(
                    "user-without-expiry",
                    expires.text.span,
                    format!("the access of `{name}` ends more than {} days ahead", horizon / 86_400),
                )
                .related(user.span, "a user, not a group")
                .help(format!("end it on {last} at the latest, and renew it if it is still needed then")),
            );
        }
    }
}
