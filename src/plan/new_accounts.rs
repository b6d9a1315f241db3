//! Accounts that join, move and leave: what is told of them, so that a pipeline builds and deploys anew.
//!
//! Assignments are expanded here, from a snapshot of the organization, so a new account has none until somebody refreshes
//! the snapshot, builds and deploys. AWS Organizations tells of its accounts, in one Region and in the management account
//! alone; with `emit.new_accounts`, a rule there passes it on.

use serde_json::{Value, json};

use super::{Administration, Plan};

/// What is told, as [`Listener::ApiDestination`] hears it: the event of a `repository_dispatch` of GitHub; other receivers
/// have no use for it.
pub const EVENT_TYPE: &str = "accounts-changed";

/// What a rule of Organizations' Region can call to start a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// An event bus, the one kind of target in another Region or account: its rules start something there.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html>
    EventBus,
    /// An HTTPS endpoint, with its credentials in the connection behind it.
    ApiDestination,
    /// A pipeline of CodePipeline.
    Pipeline,
}

/// An ARN that can be listening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerArn<'t> {
    /// The whole of it.
    pub arn: &'t str,
    /// What it names.
    pub listener: Listener,
    /// Its partition.
    pub partition: &'t str,
    /// Its Region.
    pub region: &'t str,
    /// The id of its account.
    pub account: &'t str,
    /// What stands behind the account.
    resource: &'t str,
}

impl<'t> ListenerArn<'t> {
    /// Takes an ARN apart; `None` where it names nothing that can be called.
    pub fn parse(arn: &'t str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let mut part = || parts.next().filter(|part| !part.is_empty());
        let ("arn", partition, service, region, account, resource) =
            (part()?, part()?, part()?, part()?, part()?, part()?)
        else {
            return None;
        };
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@/".contains(&b));
        let listener = match (service, resource.split_once('/')) {
            ("events", Some(("event-bus", name))) if is_name(name) => Listener::EventBus,
            ("events", Some(("api-destination", name))) if is_name(name) => Listener::ApiDestination,
            ("codepipeline", None) if is_name(resource) => Listener::Pipeline,
            _ => return None,
        };
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let known = is_account && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        known.then_some(Self { arn, listener, partition, region, account, resource })
    }

    /// Whether it is where Organizations speaks: then whatever a rule there passes on, it hears itself.
    pub fn is_the_source(&self, management: &str) -> bool {
        self.resource == "event-bus/default"
            && self.account == management
            && self.region == organizations_region(self.partition)
    }

    /// What the role of the rule may do with it.
    pub fn action(&self) -> &'static str {
        match self.listener {
            Listener::EventBus => "events:PutEvents",
            Listener::ApiDestination => "events:InvokeApiDestination",
            Listener::Pipeline => "codepipeline:StartPipelineExecution",
        }
    }

    /// What it is told, where that is not the event itself.
    pub fn input(&self) -> Option<Value> {
        (self.listener == Listener::ApiDestination).then(|| json!({ "event_type": EVENT_TYPE }))
    }
}

/// The Region in which a partition's Organizations tells of its accounts.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
pub fn organizations_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// The events behind which an organization has other accounts, or has them elsewhere. One too many starts a pipeline that
/// finds nothing to do; a request that AWS has refused is not one.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
fn event_pattern() -> Value {
    json!({
        "source": ["aws.organizations"],
        "detail": {
            "eventSource": ["organizations.amazonaws.com"],
            "$or": [
                {
                    "eventName": ["CreateAccountResult"],
                    "serviceEventDetails": { "createAccountStatus": { "state": ["SUCCEEDED"] } },
                },
                {
                    "eventName": [
                        "AccountDepartedOrganization",
                        "AccountJoinedOrganization",
                        "CloseAccountResult",
                        "MoveAccount",
                    ],
                    "errorCode": [{ "exists": false }],
                },
            ],
        },
    })
}

/// A rule of EventBridge in the management account, and the role by which it calls what listens.
#[derive(Clone, Debug)]
pub struct NewAccounts<'p> {
    /// What the rule, its role and its stack are called.
    pub name: String,
    /// What listens.
    pub target: ListenerArn<'p>,
    /// Where the rule has to be.
    pub region: &'static str,
    /// The account the rule has to be in, by its id.
    pub management: &'p str,
    /// Which events it passes on.
    pub event_pattern: Value,
    /// Who may use the role: this rule.
    pub trust: Value,
    /// What the role may do: call what listens.
    pub policy: Value,
}

impl NewAccounts<'_> {
    /// What its one target is called within the rule.
    pub const TARGET: &'static str = "pipeline";

    /// What the policy of its role is called.
    pub const POLICY: &'static str = "call-pipeline";

    /// What is told of rule and role to those who see them in AWS.
    pub fn description(&self) -> &'static str {
        "Tells what deploys workforce access of accounts that join, move and leave"
    }
}

impl Plan<'_> {
    /// What is made to tell of accounts that join, move and leave; `None` where nobody wants to know.
    pub fn new_accounts(&self) -> Option<NewAccounts<'_>> {
        let target = ListenerArn::parse(self.access.emit.as_ref()?.new_accounts.as_ref()?.as_str())?;
        let management = self.administrator(Administration::Management)?.id.as_str();
        let name = format!("{}-new-accounts", self.prefix());
        let region = organizations_region(target.partition);
        let rule = format!("arn:{}:events:{region}:{management}:rule/{name}", target.partition);
        let document = |statement: Value| json!({ "Version": "2012-10-17", "Statement": [statement] });
        let trust = document(json!({
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "aws:SourceAccount": management, "aws:SourceArn": rule } },
        }));
        let policy = document(json!({ "Effect": "Allow", "Action": target.action(), "Resource": target.arn }));
        Some(NewAccounts { name, target, region, management, event_pattern: event_pattern(), trust, policy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_what_it_names() {
        let of = |arn| ListenerArn::parse(arn).map(|parsed| parsed.listener);
        assert_eq!(of("arn:aws:events:eu-west-1:111111111111:event-bus/default"), Some(Listener::EventBus));
        let destination = "arn:aws:events:us-east-1:111111111111:api-destination/access/0f5c2a0e-1111";
        assert_eq!(of(destination), Some(Listener::ApiDestination));
        assert_eq!(of("arn:aws:codepipeline:us-east-1:111111111111:access"), Some(Listener::Pipeline));
        for wrong in [
            "default",
            "arn:aws:events:eu-west-1:1:event-bus/default",
            "arn:aws:events:eu-west-1:111111111111:event-bus/",
            "arn:aws:events:eu-west-1:111111111111:rule/mine",
            "arn:aws:events:eu-west-1:111111111111:event-bus/${x}",
            "arn:aws:codepipeline:us-east-1:111111111111:access/Source/Pull",
            "arn:aws:lambda:us-east-1:111111111111:function:access",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_bus_that_hears_itself_is_known() {
        let is_the_source = |arn| ListenerArn::parse(arn).expect("a listener").is_the_source("111111111111");
        assert!(is_the_source("arn:aws:events:us-east-1:111111111111:event-bus/default"));
        assert!(is_the_source("arn:aws-us-gov:events:us-gov-west-1:111111111111:event-bus/default"));
        assert!(!is_the_source("arn:aws:events:us-east-1:222222222222:event-bus/default"));
        assert!(!is_the_source("arn:aws:events:eu-west-1:111111111111:event-bus/default"));
        assert!(!is_the_source("arn:aws:events:us-east-1:111111111111:event-bus/access"));
    }
}
