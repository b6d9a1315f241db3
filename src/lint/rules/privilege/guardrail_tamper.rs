//! Switching off what watches.

use crate::diagnostic::Diagnostics;
use crate::iam::Certainty;
use crate::iam::assess::{Class, Granted};
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A permission set that may switch off or blind what watches the account: trails, recorders, detectors, analyzers,
    /// the block of public access, or the membership in the organization itself. Sets that allow nearly everything are
    /// found by `administrator-access`.
    ///
    /// ## Why it matters
    ///
    /// An intruder begins with it. What an account looks like from outside is then its last good day.
    /// <https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html>
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   Operator:  # warning: [guardrail-tamper] "Operator"
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: ["cloudtrail:LookupEvents", "cloudtrail:StopLogging"], Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   Operator:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "cloudtrail:LookupEvents", Resource: "*" }
    /// ```
    GUARDRAIL_TAMPER {
        id: "guardrail-tamper",
        summary: "a permission set that may switch off trails, recorders, detectors or other guardrails",
        kind: Adjustable,
        check: Some(check),
    }
}

/// The actions, in the order of their names.
pub(in crate::lint) const ACTIONS: &[&str] = &[
    "access-analyzer:DeleteAnalyzer",
    "cloudtrail:DeleteEventDataStore",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "detective:DeleteGraph",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:StopMonitoringMembers",
    "guardduty:UpdateDetector",
    "inspector2:Disable",
    "macie2:DisableMacie",
    "organizations:LeaveOrganization",
    "s3:PutAccountPublicAccessBlock",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateFromAdministratorAccount",
];

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let access = context.access;
    for id in access.set_ids() {
        let mut told = super::Told::default();
        for reach in context.reach(id) {
            let wide = |class| matches!(class, Class::FullAdmin | Class::NearAdmin);
            if reach.assessment.findings.iter().any(|finding| wide(finding.class)) {
                continue;
            }
            for action in ACTIONS {
                let certain = |granted: &&Granted| granted.as_far_as_known >= Certainty::Conditional;
                for granted in reach.assessment.granted(action).filter(certain) {
                    told.add(action, reach, granted);
                }
            }
        }
        let name = &access.permission_set(id).name;
        let finding = told.finding("guardrail-tamper", name, "switch off what watches the account");
        let help = "leave these actions out, or deny them in a statement of the set";
        diagnostics.extend(finding.map(|finding| finding.help(help)));
    }
}
