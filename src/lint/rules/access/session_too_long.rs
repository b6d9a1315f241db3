//! Sessions that outlast what their accounts should bear.

use crate::access::{PermissionSet, SetId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lint::{Context, declare_rule};
use crate::model::Sessions;
use crate::resolve::parse_duration;
use crate::source::Span;
use crate::syntax::decode::Text;

declare_rule! {
    /// ## What it finds
    ///
    /// A session over its cap: 12 hours anywhere, which is the limit of AWS; 8 hours by default; 4 hours where the
    /// settings say production; 1 hour for break-glass sets and for sets that reach `iam:*`. The settings may put another
    /// cap in the place of the default for the accounts below a unit; a set has the lowest of those where it is assigned.
    ///
    /// ## Why it matters
    ///
    /// Removing an assignment does not end a session: whoever holds one keeps the access until it runs out. The more a set
    /// may do, the shorter that time should be.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # warning: [session-too-long]
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 8h
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   sessions:
    ///     default: 8h
    ///     production: { cap: 4h, ous: [Workloads/Prod] }
    ///     privileged: 1h
    ///     break_glass: [BreakGlassAdmin]
    ///     ous: { Sandbox: 12h, Workloads/Payments: 2h }
    /// ```
    SESSION_TOO_LONG {
        id: "session-too-long",
        summary: "a session that is longer than its cap",
        kind: Adjustable,
        check: Some(check),
    }
}

const HOUR: i64 = 3_600;

/// The cap of a set, and why.
struct Cap {
    seconds: i64,
    why: String,
    related: Option<(Span, &'static str)>,
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let settings = access.lint.as_ref().and_then(|lint| lint.sessions.as_ref());
    let mut duration = |text: Option<&Text>, default: i64| {
        let Some(text) = text else { return default };
        let seconds = parse_duration(text.as_str()).filter(|&seconds| seconds > 0);
        if seconds.is_none() {
            diagnostics.push(
                Diagnostic::error("invalid-value", text.span, format!("`{}` is not a duration", text.as_str()))
                    .help("write `8h`, `90m` or `PT8H`"),
            );
        }
        seconds.unwrap_or(default)
    };
    let default = duration(settings.and_then(|sessions| sessions.default.as_ref()), 8 * HOUR);
    let privileged = duration(settings.and_then(|sessions| sessions.privileged.as_ref()), HOUR);
    let production_cap = settings.and_then(|sessions| sessions.production.as_ref());
    let production = duration(production_cap.and_then(|cap| cap.cap.as_ref()), 4 * HOUR);
    let production_accounts = access.production.as_ref();
    let of_accounts = caps_of_accounts(context, &mut duration);
    for set in access.set_ids() {
        let details = access.permission_set(set);
        let Some(session) = &details.session_duration else { continue };
        let seconds = i64::from(session.value);
        // https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html
        if seconds > 12 * HOUR {
            diagnostics.push(
                Diagnostic::error(
                    "session-too-long",
                    session.span,
                    format!("a session of {}, AWS takes 12 hours", show(seconds)),
                )
                .help("write `12h` or less")
                .hard(),
            );
            continue;
        }
        let of_units = of_accounts.as_ref().and_then(|caps| lowest(context, set, caps, default));
        let general =
            of_units.unwrap_or_else(|| Cap { seconds: default, why: "the default cap".to_owned(), related: None });
        let mut caps = vec![general];
        if is_break_glass(details, settings) {
            caps.push(Cap { seconds: privileged, why: "a break-glass set".to_owned(), related: None });
        } else if context.reaches_iam(set) {
            caps.push(Cap { seconds: privileged, why: "a set that reaches `iam:*`".to_owned(), related: None });
        }
        if let Some((accounts, span)) = production_accounts
            && !access.accounts_with(set).is_disjoint(accounts)
        {
            caps.push(Cap {
                seconds: production,
                why: "a set that is assigned in production".to_owned(),
                related: Some((*span, "production is declared here")),
            });
        }
        let Some(cap) = caps.into_iter().min_by_key(|cap| cap.seconds) else { continue };
        if seconds > cap.seconds {
            let mut finding = Diagnostic::warning(
                "session-too-long",
                session.span,
                format!(
                    "a session of {} for `{}`, the cap is {}",
                    show(seconds),
                    details.name.value,
                    show(cap.seconds)
                ),
            )
            .label(cap.why.clone())
            .help(format!("write `{}` or less, or change the caps under `lint.sessions`", spell(cap.seconds)));
            if let Some((span, text)) = cap.related {
                finding = finding.related(span, text);
            }
            diagnostics.push(finding);
        }
    }
}

/// For each account, the cap of the nearest unit above it that has one, and where it is written.
fn caps_of_accounts(
    context: &Context<'_>,
    duration: &mut dyn FnMut(Option<&Text>, i64) -> i64,
) -> Option<Vec<Option<(i64, Span)>>> {
    let organization = context.organization().filter(|_| !context.access.session_caps.is_empty())?;
    let mut of_units: Vec<Option<(i64, Span)>> = vec![None; organization.units.len()];
    for (unit, text) in &context.access.session_caps {
        of_units[unit.index()] = Some((duration(Some(text), 8 * HOUR), text.span));
    }
    // Parents stand before their children.
    for index in 0..of_units.len() {
        if of_units[index].is_none()
            && let Some(parent) = organization.units[index].parent
        {
            of_units[index] = of_units[parent.index()];
        }
    }
    Some(organization.accounts.iter().map(|account| of_units[account.ou.index()]).collect())
}

/// The lowest cap of the accounts in which a set is assigned; `None` if it is assigned nowhere.
fn lowest(context: &Context<'_>, set: SetId, caps: &[Option<(i64, Span)>], default: i64) -> Option<Cap> {
    let access = context.access;
    let rows = access.pairs_of(set).iter().flat_map(|pair| &pair.rows).map(|&row| access.row(row));
    let accounts = rows.flat_map(|row| row.accounts.iter());
    let cap =
        accounts.map(|account| caps[account.index()].map_or((default, None), |(cap, at)| (cap, Some(at)))).min()?;
    Some(match cap {
        (seconds, Some(at)) => Cap {
            seconds,
            why: "a set that is assigned below a unit with a cap of its own".to_owned(),
            related: Some((at, "the cap of the unit")),
        },
        (seconds, None) => Cap { seconds, why: "the default cap".to_owned(), related: None },
    })
}

/// Without a list in the settings, a set is break-glass when its name says so.
fn is_break_glass(set: &PermissionSet, settings: Option<&Sessions>) -> bool {
    let name = &set.name.value;
    match settings.and_then(|sessions| sessions.break_glass.as_ref()) {
        Some(listed) => listed.value.iter().any(|listed| listed.as_str() == name),
        None => {
            let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            letters.to_ascii_lowercase().contains("breakglass")
        }
    }
}

/// A duration for a sentence.
fn show(seconds: i64) -> String {
    match (seconds / HOUR, seconds % HOUR / 60) {
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (0, minutes) => format!("{minutes} minutes"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// A duration as the language writes it.
fn spell(seconds: i64) -> String {
    if seconds % HOUR == 0 { format!("{}h", seconds / HOUR) } else { format!("{}m", seconds / 60) }
}
