//! Tags of resources that an action does not look at.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::iam::policy::Statement;
use crate::lint::{Context, declare_rule};

declare_rule! {
    /// ## What it finds
    ///
    /// A condition on `aws:ResourceTag` (or a service's own `ResourceTag`) for actions that do not look at the tags of their
    /// resource. It is an error where that is so for every action of the statement, and a warning at each action otherwise.
    /// Patterns count only where none of their actions looks at tags. A condition that holds without the tag, as
    /// `StringNotEquals` does, is a warning where no action of the statement looks at it.
    ///
    /// ## Why it matters
    ///
    /// Requests of these actions do not carry the key. An Allow that asks for a tag never grants them, as
    /// `ec2:DescribeInstances`; a Deny that asks for a tag never denies them, and one that asks for another tag always does
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: ["ec2:StopInstances", "ec2:DescribeInstances"]  # warning: [unsupported-resource-tag] ""ec2:DescribeInstances""
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "aws:ResourceTag/team": payments } }
    /// ```
    ///
    /// ## Put right
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - Effect: Allow
    ///           Action: "ec2:StopInstances"
    ///           Resource: "*"
    ///           Condition: { StringEquals: { "aws:ResourceTag/team": payments } }
    ///         - Effect: Allow
    ///           Action: "ec2:DescribeInstances"
    ///           Resource: "*"
    /// ```
    UNSUPPORTED_RESOURCE_TAG {
        id: "unsupported-resource-tag",
        summary: "a condition on the tags of resources for actions that do not look at them",
        kind: Adjustable,
        check: Some(check),
    }
}

fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for stated in context.stated() {
        let statement = stated.statement;
        for (number, clause) in stated.clauses() {
            let Some(holds) = statement.when_absent(number) else { continue };
            let written = &*clause.key.value;
            let Some(key) = clause.known_key.filter(|key| key.is_resource_tag() && key.is_listed) else {
                continue;
            };
            if !statement.names_actions() {
                continue;
            }
            let verb = stated.verb();
            if holds {
                // Who writes `IfExists` knows of actions without the tag.
                if statement.is_negated(number) && !statement.lists_key(&key) {
                    let message = format!("no action here looks at `{written}`, so the condition always holds");
                    let finding = Diagnostic::warning("unsupported-resource-tag", clause.key.span, message)
                        .help("remove the condition, or limit `Resource` by name");
                    diagnostics.push(finding);
                }
                continue;
            }
            if !statement.lists_key(&key) {
                let message = format!("no action here looks at `{written}`, so the statement never {verb}");
                let finding = Diagnostic::error("unsupported-resource-tag", clause.key.span, message)
                    .help("remove the condition, or limit `Resource` by name");
                diagnostics.push(finding);
                continue;
            }
            if stated.wording.not_action {
                continue;
            }
            let blind = stated.wording.named_actions().filter(|(_, named)| Statement::none_lists_key(named, &key));
            for (word, _) in blind {
                let message =
                    format!("`{}` does not look at `{written}`, so the statement never {verb} it", word.value);
                let finding = Diagnostic::warning("unsupported-resource-tag", word.span, message)
                    .related(clause.key.span, "the condition")
                    .help("move the action to a statement of its own without the condition");
                diagnostics.push(finding);
            }
        }
    }
}
