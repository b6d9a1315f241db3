//! Quotas of the instance and of an account.

use fixedbitset::FixedBitSet;

use crate::access::AccountId;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::lint::{Context, declare_rule};
use crate::source::Span;

declare_rule! {
    /// ## What it finds
    ///
    /// More permission sets than an instance takes, 3,500, or more of them in one account than it takes, 500; twins for
    /// the management account count. It is a warning from nine tenths of a quota on.
    ///
    /// ## Why it matters
    ///
    /// AWS refuses the first set beyond the quota in the middle of a deployment. Both quotas can be raised, which takes
    /// days. <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint: { quotas: { permission_sets_per_account: 1 } }
    /// permission_sets:
    ///   AppDeveloper: { description: Application developers }  # error: [too-many-permission-sets]
    ///   AppTester: { description: Application testers }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_sets: [AppDeveloper, AppTester]
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Assign fewer sets there, or have the quota raised and say so.
    ///
    /// ```yaml
    /// lint: { quotas: { permission_sets_per_account: 1 } }
    /// permission_sets:
    ///   AppDeveloper: { description: Application developers }
    ///   AppTester: { description: Application testers }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/Prod]
    ///   - group: aws-team-a
    ///     permission_set: AppTester
    ///     ous: [Workloads/NonProd]
    /// ```
    ///
    /// ## Settings
    ///
    /// ```yaml
    /// lint:
    ///   quotas:
    ///     permission_sets: 5000
    ///     permission_sets_per_account: 800
    /// ```
    TOO_MANY_PERMISSION_SETS {
        id: "too-many-permission-sets",
        summary: "more permission sets than an instance or an account takes",
        kind: Adjustable,
        check: Some(check),
    }
}

/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
const PER_INSTANCE: usize = 3_500;
const PER_ACCOUNT: usize = 500;

/// How a number stands to its quota; `None` below nine tenths of it.
fn weigh(number: usize, quota: usize) -> Option<Severity> {
    match number {
        _ if number > quota => Some(Severity::Error),
        _ if number * 10 >= quota * 9 && quota >= 10 => Some(Severity::Warning),
        _ => None,
    }
}

fn finding(severity: Severity, span: Span, message: String) -> Diagnostic {
    match severity {
        Severity::Error => Diagnostic::error("too-many-permission-sets", span, message),
        _ => Diagnostic::warning("too-many-permission-sets", span, message),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    let quotas = access.lint.as_ref().and_then(|lint| lint.quotas.as_ref());
    let of_instance = quotas.and_then(|quotas| quotas.permission_sets.as_ref());
    let of_account = quotas.and_then(|quotas| quotas.permission_sets_per_account.as_ref());
    let per_instance = context.number(of_instance, PER_INSTANCE, diagnostics);
    let per_account = context.number(of_account, PER_ACCOUNT, diagnostics);
    // The first set stands for all of them.
    let Some(place) = access.permission_sets.iter().map(|set| set.name.span).min() else { return };
    let sets = access.permission_sets.len() + crate::plan::twins(access).len();
    if let Some(severity) = weigh(sets, per_instance) {
        let mut finding = finding(
            severity,
            place,
            format!("{sets} permission sets in one instance, the quota is {per_instance}"),
        )
        .help("replace sets that differ in a name by one that compares session tags, or have the quota raised and write it under `lint.quotas`");
        if let Some(setting) = of_instance {
            finding = finding.related(setting.span, "the quota");
        }
        diagnostics.push(finding);
    }
    // No account has more sets than there are.
    let Some(organization) = context.organization().filter(|_| weigh(sets, per_account).is_some()) else { return };
    let mut counts = vec![0_usize; organization.accounts.len()];
    let mut reached = FixedBitSet::with_capacity(counts.len());
    for set in access.set_ids() {
        reached.clear();
        for pair in access.pairs_of(set) {
            for row in &pair.rows {
                reached.extend(access.row(*row).accounts.iter().map(|account| account.index()));
            }
        }
        reached.ones().for_each(|account| counts[account] += 1);
    }
    let fullest = counts.iter().enumerate().max_by_key(|&(index, &count)| (count, std::cmp::Reverse(index)));
    let Some((index, &count)) = fullest else { return };
    if let Some(severity) = weigh(count, per_account) {
        let over = counts.iter().filter(|&&count| weigh(count, per_account).is_some()).count();
        let account = organization.account(AccountId::at(index));
        let others = match over - 1 {
            0 => String::new(),
            more => format!("; {more} more accounts have as many or nearly"),
        };
        let mut finding = finding(
            severity,
            place,
            format!("{count} permission sets in the account `{}`, the quota is {per_account}", account.name),
        )
        .related(account.span, "the account that has most")
        .help(format!("assign fewer sets there, or have the quota raised and write it under `lint.quotas`{others}"));
        if let Some(setting) = of_account {
            finding = finding.related(setting.span, "the quota");
        }
        diagnostics.push(finding);
    }
}
