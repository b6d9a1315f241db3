//! A template of its own that tells of new accounts: Organizations does so in one Region, whatever the home Region of
//! Identity Center.

use super::Value;
use super::template::Template;
use crate::plan::NewAccounts;

/// The file with the template.
pub(super) const FILE: &str = "new-accounts.yaml";

/// The logical id of the role.
const ROLE: &str = "NewAccountsRole";

/// Deploys the template.
pub(super) fn deploy_command(wanted: &NewAccounts<'_>) -> String {
    format!(
        "aws cloudformation deploy --template-file {FILE} --stack-name {} --region {} --capabilities CAPABILITY_IAM",
        wanted.name, wanted.region
    )
}

/// The rule, and the role by which it calls what listens.
pub(super) fn template<'w>(wanted: &'w NewAccounts<'_>) -> Template {
    let resource = |kind: &'static str, properties: Vec<(&'static str, Value<'w>)>| {
        Value::map([("Type", kind.into()), ("Properties", Value::map(properties))])
    };
    let mut template = Template::new(wanted.description());
    let mut target = vec![
        ("Id", NewAccounts::TARGET.into()),
        ("Arn", wanted.target.arn.into()),
        ("RoleArn", Value::attribute(ROLE, "Arn")),
    ];
    target.extend(wanted.target.input().map(|input| ("Input", input.to_string().into())));
    let rule = vec![
        ("Name", wanted.name.as_str().into()),
        ("Description", wanted.description().into()),
        ("EventPattern", wanted.event_pattern.clone().into()),
        ("Targets", Value::List(vec![Value::map(target)])),
    ];
    template.resource("NewAccounts", &resource("AWS::Events::Rule", rule));
    let policy =
        Value::map([("PolicyName", NewAccounts::POLICY.into()), ("PolicyDocument", wanted.policy.clone().into())]);
    let role = vec![
        ("Description", wanted.description().into()),
        ("AssumeRolePolicyDocument", wanted.trust.clone().into()),
        ("Policies", Value::List(vec![policy])),
    ];
    template.resource(ROLE, &resource("AWS::IAM::Role", role));
    template
}
