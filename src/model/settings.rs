//! Settings of the rules and of the output.

use crate::record;
use crate::syntax::decode::{AccountRef, List, Named, OneOrMany, Switch, Text};

record! {
    /// Levels and settings of the rules.
    Lint, "`lint`" {
        /// A level for each rule: `deny`, `warn` or `allow`.
        levels: Option<Levels>,
        /// How far ahead a row with a user may expire, such as `90d`.
        expiry_horizon: Option<Text>,
        /// Caps on session durations.
        sessions: Option<Sessions>,
        /// Session tags that the identity provider sends in its assertions, beside those under `attributes`.
        session_tags: Option<List<Text>>,
        /// Quotas that AWS has raised.
        quotas: Option<Quotas>,
        /// The permission sets that are meant to allow everything or nearly everything.
        administrators: Option<List<Text>>,
        /// ARN patterns of roles that anybody may pass to a service: they have been judged harmless.
        passable_roles: Option<List<Text>>,
        /// ARN patterns of roles that anybody may assume: they have been judged harmless.
        assumable_roles: Option<List<Text>>,
        /// Services, by the prefix of their actions, of which no statement may allow every action on everything.
        sensitive_services: Option<List<Text>>,
        /// How many users may have a permission set one by one; without it, 3.
        direct_users: Option<Text>,
        /// How many permission sets may differ in a name only; without it, 2.
        near_duplicate_sets: Option<Text>,
        /// Organization policies in the language of CloudFormation Guard, evaluated over the templates that the model
        /// becomes: rule files, by their paths from the root of the model; `builtin` stands for those that ship with
        /// bailiwick.
        guard: Option<List<Text>>,
    }
}

record! {
    /// Quotas that AWS has raised.
    Quotas, "`quotas`" {
        /// Permission sets in the instance; without it, 3500.
        permission_sets: Option<Text>,
        /// Permission sets in one account; without it, 500.
        permission_sets_per_account: Option<Text>,
    }
}

/// Levels by the id of a rule.
pub type Levels = Named<Text>;

record! {
    /// Caps on session durations.
    Sessions, "`sessions`" {
        /// The cap anywhere; without it, `8h`.
        default: Option<Text>,
        /// A lower cap where these accounts are production; without `cap`, `4h`.
        production: Option<Cap>,
        /// The cap for break-glass sets and for sets that reach `iam:*`; without it, `1h`.
        privileged: Option<Text>,
        /// The permission sets that are break-glass; without it, those that say so in their name.
        break_glass: Option<List<Text>>,
        /// Another cap than the default for the accounts below a unit, by its path; the nearest unit counts.
        ous: Option<Named<Text>>,
    }
}

record! {
    /// A cap in some accounts.
    Cap, "a cap" {
        /// The longest session.
        cap: Option<Text>,
        /// Organizational units by path; descendants are included.
        ous: Option<List<Text>>,
        /// Accounts by name or id.
        accounts: Option<List<AccountRef>>,
        /// Accounts with these tags.
        account_tags: Option<Named<OneOrMany>>,
    }
}

record! {
    /// Options of the output.
    Emit, "`emit`" {
        /// What the names of StackSets begin with; without it, `bailiwick`.
        stack_set_prefix: Option<Text>,
        /// How many operations on assignments may be outstanding, from 1 to 20; without it, 10. Identity Center takes 10 to
        /// 15 for one instance, however many stacks ask.
        concurrency: Option<Text>,
        /// Whether AWS itself takes away access that expires, deployed or not: every assignment that ends gets a schedule
        /// of EventBridge Scheduler that deletes it at its end. Without it, `false`: access ends with the first deployment
        /// of a build behind its end.
        expiry_schedules: Option<Switch>,
        /// The ARN of what is told when an account joins, moves, leaves or is closed, so that it starts the pipeline that
        /// refreshes the snapshot, builds and deploys; without it, nothing is.
        ///
        /// An event bus, in any Region and account: whatever starts your pipeline listens there. Or an API destination of
        /// EventBridge, such as one for a `repository_dispatch` of GitHub: its connection keeps the credentials, which
        /// have no place in a model or its output. Or a pipeline of CodePipeline. The last two have to be in the
        /// management account and in the Region where Organizations tells of accounts (`us-east-1`), because a rule calls
        /// nothing elsewhere but event buses.
        new_accounts: Option<Text>,
        /// Options of the Terraform output.
        terraform: Option<Terraform>,
    }
}

record! {
    /// Options of the Terraform output.
    Terraform, "`terraform`" {
        /// Into how many states permission sets are divided, from 1 to 64; without it, 1. Beyond some 5,000 assignments
        /// a plan of one state takes minutes.
        states: Option<Text>,
    }
}
