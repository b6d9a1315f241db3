//! What is found on the way, while files are read and names resolved.
//!
//! These rules have no check of their own: the place that meets the mistake reports it. Their pages are here.

use super::declare_rule;

declare_rule! {
    /// ## What it finds
    ///
    /// A row whose `expires` is not after the time of the run (`--as-of`).
    ///
    /// ## Why it matters
    ///
    /// The row grants nothing any more: a build revokes the access. Left in the model, it reads like access that
    /// somebody has.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: 2024-06-30  # warning: [expired-assignment] "2024-06-30"
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the row, or renew it if the access is still needed.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: 2027-06-30
    /// ```
    EXPIRED_ASSIGNMENT { id: "expired-assignment", summary: "a row whose access has ended", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A row that names no target, or whose targets come to no active account. `account_tags` alone selects nothing;
    /// `exclude` always wins; the management account is only reached by name.
    ///
    /// ## Why it matters
    ///
    /// A row that matches nothing is nearly always a slip, and nobody notices access that is missing until it is
    /// needed.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a  # error: [empty-selection]
    ///     permission_set: AppDeveloper
    ///     account_tags: { env: dev }
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the targets, or remove the row.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [_root_]  # note: [root-spares-management] "_root_"
    ///     account_tags: { env: dev }
    /// ```
    EMPTY_SELECTION { id: "empty-selection", summary: "a row that reaches no account", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An entry of `ous` below which no active account stands.
    ///
    /// ## Why it matters
    ///
    /// It grants nothing until an account joins and the model is built again.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads, Sandbox]  # warning: [empty-ou] "Sandbox"
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove the entry, refresh the snapshot, or suppress the warning with the reason.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    EMPTY_OU { id: "empty-ou", summary: "a target that holds no active account at present", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An account under `accounts` that `account_tags` or `exclude` of the same row removes.
    ///
    /// ## Why it matters
    ///
    /// Somebody meant it to have access, and it has none.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     accounts: [audit]  # warning: [narrowed-account] "audit"
    ///     account_tags: { env: dev }
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it from one of the two, or give it a row of its own.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     account_tags: { env: dev }
    /// ```
    NARROWED_ACCOUNT { id: "narrowed-account", summary: "an account that is named by hand and taken out again", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An account under `accounts` whose status is not `ACTIVE`.
    ///
    /// ## Why it matters
    ///
    /// AWS refuses assignments in suspended and closed accounts, so bailiwick emits none.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dev, shop-old]  # warning: [inactive-account] "shop-old"
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it, or refresh the snapshot of the organization.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dev]
    /// ```
    INACTIVE_ACCOUNT { id: "inactive-account", summary: "an account that is named by hand and not active", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// Accounts below a targeted unit whose status is not `ACTIVE`. It is a note, said once for the whole model.
    ///
    /// ## Why it matters
    ///
    /// They receive no access, which is right, and worth knowing when somebody asks.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    ///           shop-old: { id: "333333333333", status: SUSPENDED }  # note: [skipped-accounts] "shop-old"
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Nothing. Set its level to `allow` to silence it.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    SKIPPED_ACCOUNTS { id: "skipped-accounts", summary: "accounts that units bring in and that are not active", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A row that targets `_root_` and does not name the management account. It is a note.
    ///
    /// ## Why it matters
    ///
    /// StackSets never reach the management account, and a permission set that is used there cannot be administered
    /// by a delegated administrator. So units, `_root_` included, never reach it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [_root_]  # note: [root-spares-management] "_root_"
    /// ```
    ///
    /// ## Put right
    ///
    /// Name it under `accounts` if it is meant, or under `exclude` to say that it is not.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [_root_]
    ///     accounts: [management]
    /// ```
    ROOT_SPARES_MANAGEMENT { id: "root-spares-management", summary: "`_root_` does not reach the management account", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A group or permission set that a list of a row names twice.
    ///
    /// ## Why it matters
    ///
    /// It changes nothing, and one of the two was probably meant to be another name.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - groups: [aws-team-a, aws-team-a]  # warning: [repeated-value] "aws-team-a"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove one of the two.
    ///
    /// ```yaml
    /// assignments:
    ///   - groups: [aws-team-a, aws-team-b]
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    REPEATED_VALUE { id: "repeated-value", summary: "a value that stands twice in a list", kind: Adjustable, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A `session_duration` that is not a duration, or shorter than an hour. Longer ones than 12 hours are found by
    /// `session-too-long`.
    ///
    /// ## Why it matters
    ///
    /// `terraform validate` takes any text.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2 hours or so  # error: [invalid-session-duration] "2 hours or so"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `2h`, `90m` or `PT2H`; AWS takes sessions from 1 to 12 hours.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2h
    /// ```
    INVALID_SESSION_DURATION { id: "invalid-session-duration", summary: "a session duration that AWS does not take", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A file that cannot be parsed, a second document in a YAML file, a merge key (`<<`), a tag, an alias that names
    /// nothing or itself, or aliases that add more than 100,000 values.
    ///
    /// ## Why it matters
    ///
    /// What cannot be read for certain must not become access.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// defaults: &defaults { ous: [Workloads] }  # error: [unknown-key] "defaults"
    /// assignments:
    ///   - <<: *defaults  # error: [syntax] "<<"
    ///     group: aws-team-a
    ///     permission_set: AppDeveloper
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the place the report points at.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    SYNTAX { id: "syntax", summary: "a file that is not YAML or JSON as the language wants it", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A key that stands twice in one mapping, in YAML or in a JSON policy document. Keys are compared after quotes
    /// and escapes.
    ///
    /// ## Why it matters
    ///
    /// Readers keep the first or the last of the two, silently; in a policy that can be the `Effect`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     ous: [Security]  # error: [duplicate-key] "ous"
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep one of the two.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads, Security]
    /// ```
    DUPLICATE_KEY { id: "duplicate-key", summary: "a key that stands twice in a mapping", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A name that is declared in two files, a setting that two files set, or an account id that stands twice.
    ///
    /// ## Why it matters
    ///
    /// Sections of all files are merged; which of two declarations counts would depend on the order of files.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    ///           shop-prod: "222222222222"  # error: [declared-twice] "shop-prod"
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep one of the two.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads:
    ///         accounts:
    ///           shop-dev: "222222222222"
    ///           shop-prod: "333333333333"
    /// ```
    DECLARED_TWICE { id: "declared-twice", summary: "a name or setting that two places declare", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A key that the mapping it stands in does not have.
    ///
    /// ## Why it matters
    ///
    /// A misspelt `exclude` would grant what it was meant to take away.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     exlude: { ous: [Workloads/Prod] }  # error: [unknown-key] "exlude"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use the name the report suggests.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     exclude: { ous: [Workloads/Prod] }
    /// ```
    UNKNOWN_KEY { id: "unknown-key", summary: "a key that is not part of the language", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A list where a string belongs, a string where a list belongs, `null` where text belongs, and the like.
    ///
    /// ## Why it matters
    ///
    /// `ous: Security` could mean one unit or, to another tool, eight letters.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: Workloads  # error: [wrong-type] "Workloads"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write the kind of value that the report asks for.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    WRONG_TYPE { id: "wrong-type", summary: "a value of the wrong kind", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A row without a principal or permission set, an account without an id, a policy without a document, an
    /// organization without its root or management account.
    ///
    /// ## Why it matters
    ///
    /// Without it the rest has no meaning.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a  # error: [missing-key]
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Add the key.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    MISSING_KEY { id: "missing-key", summary: "a key that has to be there", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// `group` beside `groups` or `user`, `permission_set` beside `permission_sets`, an AWS-managed boundary that
    /// also names a customer-managed one, an external policy with variants.
    ///
    /// ## Why it matters
    ///
    /// Only one of them could count.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     groups: [aws-team-b]  # error: [conflicting-keys] "[aws-team-b]"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Keep one of them; another kind of principal is another row.
    ///
    /// ```yaml
    /// assignments:
    ///   - groups: [aws-team-a, aws-team-b]
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    CONFLICTING_KEYS { id: "conflicting-keys", summary: "keys that exclude each other", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An account status, a level or a setting that is none of the words or forms it can have.
    ///
    /// ## Why it matters
    ///
    /// It would be taken for something else, or for nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     session-too-long: forbid  # error: [invalid-value] "forbid"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use one of the values that the report lists.
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     session-too-long: deny
    /// ```
    INVALID_VALUE { id: "invalid-value", summary: "a value that is none of the known ones", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An `expires` that is neither a date (`2027-01-31`, which ends at the next midnight UTC) nor a timestamp with
    /// an offset.
    ///
    /// ## Why it matters
    ///
    /// Access that ends at an unclear time does not end.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: end of January  # error: [invalid-expiry] "end of January"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `2027-01-31` or `2027-01-31T18:00:00+01:00`.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    ///     expires: 2027-01-31
    /// ```
    INVALID_EXPIRY { id: "invalid-expiry", summary: "an `expires` that is not a moment", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An account id, or an account name that looks like a number, without quotes.
    ///
    /// ## Why it matters
    ///
    /// Other YAML readers make a number of it: `012345678901` loses its zero, and `012345671234` is octal.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [012345678901]  # error: [unquoted-account-id] "012345678901"
    /// ```
    ///
    /// ## Put right
    ///
    /// Put it in quotes: `"012345678901"`.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: ["012345678901"]
    /// ```
    UNQUOTED_ACCOUNT_ID { id: "unquoted-account-id", summary: "an account id without quotes", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A name or id that no account of the snapshot has.
    ///
    /// ## Why it matters
    ///
    /// An assignment in an account that does not exist, or that is not yours, must not be deployed.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dve]  # error: [unknown-account] "shop-dve"
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the name, or refresh the snapshot.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop-dev]
    /// ```
    UNKNOWN_ACCOUNT { id: "unknown-account", summary: "an account that is not in the organization", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An account name that stands more than once in the organization.
    ///
    /// ## Why it matters
    ///
    /// AWS does not keep account names unique.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads: { accounts: { shop: "222222222222" } }
    ///       Sandbox: { accounts: { shop: "333333333333" } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: [shop]  # error: [ambiguous-account] "shop"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use the id.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Workloads: { accounts: { shop: "222222222222" } }
    ///       Sandbox: { accounts: { shop: "333333333333" } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     accounts: ["222222222222"]
    /// ```
    AMBIGUOUS_ACCOUNT { id: "ambiguous-account", summary: "a name that several accounts have", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A path that leads to no unit. Paths start below the root, are exact and case-sensitive.
    ///
    /// ## Why it matters
    ///
    /// Names of units repeat over a tree; a name without its path is not enough.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [NonProd]  # error: [unknown-ou] "NonProd"
    /// ```
    ///
    /// ## Put right
    ///
    /// Write the whole path, such as `Workloads/NonProd`.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads/NonProd]
    /// ```
    UNKNOWN_OU { id: "unknown-ou", summary: "a path that no organizational unit has", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A path with several readings, because the name of a unit holds a `/`.
    ///
    /// ## Why it matters
    ///
    /// Access must not depend on which reading a tool prefers.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Shops/EU: { accounts: { shop-a: "222222222222" } }
    ///       Shops: { ous: { EU: { accounts: { shop-b: "333333333333" } } } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Shops/EU]  # error: [ambiguous-ou] "Shops/EU"
    /// ```
    ///
    /// ## Put right
    ///
    /// Rename one of the units.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       Shops-EU: { accounts: { shop-a: "222222222222" } }
    ///       Shops: { ous: { EU: { accounts: { shop-b: "333333333333" } } } }
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Shops/EU]
    /// ```
    AMBIGUOUS_OU { id: "ambiguous-ou", summary: "a path that can be read as several units", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A group or user that a given `directory` does not list.
    ///
    /// ## Why it matters
    ///
    /// A misspelt group is access for nobody, or for the group that is created under that name one day.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// directory:
    ///   groups:
    ///     aws-team-a:
    /// assignments:
    ///   - group: aws-taem-a  # error: [unknown-principal] "aws-taem-a"
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the name, or add it to the directory.
    ///
    /// ```yaml
    /// directory:
    ///   groups:
    ///     aws-team-a:
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    UNKNOWN_PRINCIPAL { id: "unknown-principal", summary: "a principal that the directory does not list", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A row that names a permission set which `permission_sets` does not declare.
    ///
    /// ## Why it matters
    ///
    /// There is nothing to assign.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDevelopper  # error: [unknown-permission-set] "AppDevelopper"
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the name, or declare the set.
    ///
    /// ```yaml
    /// assignments:
    ///   - group: aws-team-a
    ///     permission_set: AppDeveloper
    ///     ous: [Workloads]
    /// ```
    UNKNOWN_PERMISSION_SET { id: "unknown-permission-set", summary: "a permission set that is not declared", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// Units that are nested more than five deep below the root.
    ///
    /// ## Why it matters
    ///
    /// AWS Organizations has no such tree; the indentation slipped somewhere.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       A: { ous: { B: { ous: { C: { ous: { D: { ous: { E: { ous: { F: {} } } } } } } } } } }  # error: [invalid-organization] "F"
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the indentation, or refresh the snapshot.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous:
    ///       A: { ous: { B: { ous: { C: { ous: { D: { ous: { E: {} } } } } } } } }
    /// ```
    INVALID_ORGANIZATION { id: "invalid-organization", summary: "a tree that cannot be an organization", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A `delegated_admin` that is the management account.
    ///
    /// ## Why it matters
    ///
    /// AWS delegates to member accounts only.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// identity_center:
    ///   delegated_admin: management  # error: [invalid-delegated-admin] "management"
    /// ```
    ///
    /// ## Put right
    ///
    /// Leave the key out: without it, the management account administers Identity Center.
    ///
    /// ```yaml
    /// identity_center:
    ///   delegated_admin: audit
    /// ```
    INVALID_DELEGATED_ADMIN { id: "invalid-delegated-admin", summary: "a delegated administrator that cannot be one", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// Two variants of one policy whose units or accounts overlap.
    ///
    /// ## Why it matters
    ///
    /// An account holds one policy of a name; which body it gets must not depend on order.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: policies/secops.json
    ///     variants:
    ///       - { ous: [Workloads], document: policies/a.json }
    ///       - { accounts: [shop-dev], document: policies/b.json }  # error: [overlapping-variants] "{ accounts: [shop-dev], document: policies/b.json }"
    /// ```
    ///
    /// ## Put right
    ///
    /// Take the common places out of one of them.
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: policies/secops.json
    ///     variants:
    ///       - { ous: [Workloads/Prod], document: policies/a.json }
    ///       - { accounts: [shop-dev], document: policies/b.json }
    /// ```
    OVERLAPPING_VARIANTS { id: "overlapping-variants", summary: "two variants of a policy in the same place", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A document path that leads to no file, to something that is not a file, out of the model (by `..`, an absolute
    /// path or a link), to a YAML file, or to a file that is not UTF-8 or larger than any policy.
    ///
    /// ## Why it matters
    ///
    /// The output must depend on the model and nothing beside it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: ../shared/secops.json  # error: [unreadable-document] "../shared/secops.json"
    /// ```
    ///
    /// ## Put right
    ///
    /// Name a JSON file below the root of the model, by its path from there.
    ///
    /// ```yaml
    /// policies:
    ///   SecOps:
    ///     document: policies/secops.json
    /// ```
    UNREADABLE_DOCUMENT { id: "unreadable-document", summary: "a policy document that cannot be read", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A model without `organization` or `permission_sets`. It is a note, said once.
    ///
    /// ## Why it matters
    ///
    /// The matrix alone can be checked as far as its own text goes; `build` needs the rest.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// assignments:  # note: [partial-model]
    ///   - group: aws-finops
    ///     permission_set: BillingViewer
    ///     ous: [Workloads]
    /// ```
    ///
    /// ## Put right
    ///
    /// Add the section to any file of the model.
    ///
    /// ```yaml
    /// organization:
    ///   management_account: management
    ///   root:
    ///     accounts: { management: "111111111111" }
    ///     ous: { Workloads: { accounts: { shop: "222222222222" } } }
    /// permission_sets:
    ///   BillingViewer: { description: Sees the bills }
    /// assignments:
    ///   - group: aws-finops
    ///     permission_set: BillingViewer
    ///     ous: [Workloads]
    /// ```
    PARTIAL_MODEL { id: "partial-model", summary: "a section without which the model can only be checked", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A comment that begins with `bailiwick:` and is not `allow[rule-id] reason`, or that gives no reason.
    ///
    /// ## Why it matters
    ///
    /// A suppression that is not understood suppresses nothing, and its author believes it does.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # bailiwick: allow[session-too-long]
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `# bailiwick: allow[rule-id] why this is right here`, on the guilty line or right above it.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # bailiwick: allow[session-too-long] the batch window is nine hours
    /// ```
    MALFORMED_SUPPRESSION { id: "malformed-suppression", summary: "a suppression that is not understood", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A suppression whose rule finds nothing on its line, or whose rule does not exist or cannot be suppressed.
    ///
    /// ## Why it matters
    ///
    /// It hides the next finding, which nobody has judged.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 2h  # bailiwick: allow[session-too-long] the batch window is nine hours
    /// ```
    ///
    /// ## Put right
    ///
    /// Remove it.
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     session_duration: 10h  # bailiwick: allow[session-too-long] the batch window is nine hours
    /// ```
    UNUSED_SUPPRESSION { id: "unused-suppression", summary: "a suppression that suppresses nothing", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An id under `lint.levels` that no rule has, or that belongs to a rule of the language or a limit of AWS.
    ///
    /// ## Why it matters
    ///
    /// The setting would do nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     sesion-too-long: deny  # error: [unknown-rule] "sesion-too-long"
    /// ```
    ///
    /// ## Put right
    ///
    /// Use an id that `bailiwick explain` lists.
    ///
    /// ```yaml
    /// lint:
    ///   levels:
    ///     session-too-long: deny
    /// ```
    UNKNOWN_RULE { id: "unknown-rule", summary: "a level for a rule that does not exist or has none", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A policy document that is not an IAM identity policy: an unknown element, a value of the wrong type, a
    /// statement without `Effect`, `Action` or `Resource`, both of a pair such as `Action` and `NotAction`, a
    /// `Principal`, a malformed action, an unknown condition operator, a bad or repeated `Sid`.
    ///
    /// ## Why it matters
    ///
    /// IAM refuses the document at deploy time, when half of the deployment is done.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2012-10-17
    ///       Statement:
    ///         - { Effect: allow, Action: "s3:GetObject", Resource: "*" }  # error: [policy-syntax] "allow"
    /// ```
    ///
    /// ## Put right
    ///
    /// Correct the element the report points at.
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2012-10-17
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    POLICY_SYNTAX { id: "policy-syntax", summary: "a policy document that IAM would refuse", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// A document whose `Version` is missing or `2008-10-17`: an error if it holds a policy variable, else a warning.
    ///
    /// ## Why it matters
    ///
    /// In the old version, `${aws:PrincipalTag/Department}` is literal text: an Allow matches nothing, and a Deny
    /// protects nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2008-10-17
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    ///
    /// ## Put right
    ///
    /// Write `Version: "2012-10-17"`, in quotes.
    ///
    /// ```yaml
    /// policies:
    ///   Read:
    ///     document:
    ///       Version: 2012-10-17
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    POLICY_VERSION { id: "policy-version", summary: "a policy document without the current version", kind: Fixed, check: None }
}

declare_rule! {
    /// ## What it finds
    ///
    /// An action that AWS does not have, a pattern that matches none, an action AWS has removed, or the prefix of a
    /// service that does not exist.
    ///
    /// ## Why it matters
    ///
    /// IAM accepts it in silence: an Allow grants nothing, and a Deny protects nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// permission_sets:
    ///   AppDeveloper:
    ///     inline_policy:
    ///       Version: "2012-10-17"
    ///       Statement:
    ///         - { Effect: Allow, Action: "s3:GetObjects", Resource: "*" }  # warning: [policy-unknown-action]
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
    ///         - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
    /// ```
    POLICY_UNKNOWN_ACTION {
        id: "policy-unknown-action",
        summary: "an action that AWS does not have",
        kind: Adjustable,
        check: None,
    }
}
