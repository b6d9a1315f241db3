//! The model that every backend deploys, and how tests change it.

use std::path::Path;

use serde_json::json;

use super::command::put;
use super::deploy::Cloud;

/// The time of the runs.
pub(crate) const AS_OF: &str = "2026-06-15";

/// Everything at once, administered by delegation.
pub(crate) const DELEGATED: &str = r##"
emit:
  expiry_schedules: true

identity_center:
  region: eu-west-1
  delegated_admin: identity

organization:
  id: o-abcdef1234
  management_account: management
  root:
    id: r-ab12
    accounts:
      management: "111111111111"
    ous:
      Security:
        id: ou-ab12-11111111
        accounts:
          identity: "222222222222"
          audit: { id: "333333333333", tags: { env: prod } }
      Workloads:
        id: ou-ab12-22222222
        ous:
          Prod:
            id: ou-ab12-33333333
            accounts:
              shop-prod: { id: "012345678901", tags: { env: prod } }
          NonProd:
            id: ou-ab12-44444444
            accounts:
              shop-dev: { id: "012345671234", tags: { env: dev } }
              shop-old: { id: "444444444444", status: SUSPENDED }
      Sandbox:
        id: ou-ab12-55555555
        accounts:
          "sand ${x} # */": "555555555555"

directory:
  groups:
    aws-secops: 906713a2-1111-2233-4455-66778899aabb
    aws-platform-admins:
    "Équipe \"data\" ${x} %{y} \\":
    日本 チーム:
  users:
    auditor@example.com: 906713a2-8899-2233-4455-66778899aabb
    aws-secops:

attributes:
  Department: "${path:enterprise.department}"
  e-mail: '${path:emails[primary eq "true"].value}'

policies:
  SecOpsActions:
    path: /security/
    description: "${x} %{y} $${z} \"q\" \\ <>& é"
    document: policies/secops.json
    variants:
      - ous: [Security]
        document: policies/secops-security.json
      - accounts: [shop-dev]
        document:
          Version: 2012-10-17
          Statement: { Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::dev/*" }
  SecOpsBoundary:
    path: /boundaries/
    document:
      Version: 2012-10-17
      Statement: [{ Effect: Allow, Action: ["s3:*", "ec2:Describe*"], Resource: "*" }]
  LegacyBase:
    path: /legacy/
    external: { ous: [_root_], accounts: [management] }
  Readers:
    document:
      Version: 2012-10-17
      Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::readers-${aws:PrincipalAccount}/*" }

permission_sets:
  SecOps:
    description: "two\nlines, \"quotes\", back\\slash, ${path:x}, %{ if y }, $${z}, <b>&amp;</b>, Größe, yes"
    session_duration: 90m
    relay_state: https://eu-west-1.console.aws.amazon.com/guardduty?a=b&c=%7B#d
    aws_managed_policies: [SecurityAudit, job-function/ViewOnlyAccess]
    customer_managed_policies: [SecOpsActions, { name: LegacyBase, path: /legacy/ }]
    permissions_boundary: SecOpsBoundary
    inline_policy: policies/inline.json
    tags: { Owner: security, cost-center: "012" }
  Reader:
    description: Looks at everything
    aws_managed_policies: [ReadOnlyAccess]
    permissions_boundary: { aws_managed: ReadOnlyAccess }
    management_name: ReaderOfManagement
  Nobody:
    aws_managed_policies: [SecurityAudit]

assignments:
  - group: aws-secops
    permission_set: SecOps
    ous: [Security, Workloads]
    accounts: [management]
  - groups: [aws-platform-admins, "Équipe \"data\" ${x} %{y} \\", 日本 チーム]
    permission_set: Reader
    ous: [_root_]
  - group: aws-platform-admins
    permission_set: Reader
    accounts: [management]
  - user: auditor@example.com
    permission_set: Reader
    accounts: [audit, "012345678901", management]
    owner: secops@example.com
    expires: 2026-08-31
    reason: external audit, ticket SEC-1234
  - user: aws-secops
    permission_set: SecOps
    accounts: [shop-prod]
    owner: secops@example.com
    expires: 2026-09-01T00:00:00+02:00
    reason: handover
"##;

const STATEMENT_OF_SECURITY: &str =
    r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } }"#;

const STATEMENT_ELSEWHERE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/${aws:PrincipalTag/Department}/*"] },
    { "Sid": "B", "Effect": "Deny", "NotAction": "s3:*", "Resource": "*",
      "Condition": { "Bool": { "aws:SecureTransport": "false" }, "NumericLessThan": { "s3:max-keys": "10" } } }
  ]
}"#;

const INLINE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "*",
      "Condition": {
        "StringLike": {
          "s3:prefix": ["${aws:userid}/*", "%{x}", "$${y}", "%%{z}", "\"q\"", "back\\slash", "a\nb\tc", "<>&", "é ÿ ¡", "yes", "012"]
        }
      }
    }
  ]
}"#;

pub(crate) fn write_delegated(root: &Path, text: &str) {
    put(&root.join("bailiwick.yaml"), text);
    put(&root.join("policies/secops.json"), STATEMENT_ELSEWHERE);
    put(&root.join("policies/secops-security.json"), STATEMENT_OF_SECURITY);
    put(&root.join("policies/inline.json"), INLINE);
}

/// A text with one of its parts replaced; the part stands there once.
#[track_caller]
pub(crate) fn edit(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?}");
    text.replace(from, to)
}

/// When the users of [`DELEGATED`] have lost their access.
pub(crate) const LATER: &str = "2026-09-01";

/// [`DELEGATED`] after some time: an account has joined, a policy is attached to a set that is assigned, a row has come, a
/// row has gone.
pub(crate) fn later(cloud: &Cloud) -> String {
    let account = json!({ "id": "666666666666", "name": "new-dev", "parent": "ou-ab12-44444444" });
    cloud.send("POST", "accounts", &account);
    // Somebody else keeps the promise of `external` there.
    let legacy = json!({ "account": "666666666666", "name": "LegacyBase", "path": "/legacy/", "document":
        { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:List*", "Resource": "*" }] } });
    cloud.send("POST", "policies", &legacy);
    let changed =
        edit(DELEGATED, "              shop-old:", "              new-dev: \"666666666666\"\n              shop-old:");
    let changed = edit(
        &changed,
        "    management_name: Reader",
        "    customer_managed_policies: [Readers]\n    management_name: Reader",
    );
    let changed = edit(
        &changed,
        "assignments:\n",
        "assignments:\n  - group: aws-secops\n    permission_set: Nobody\n    accounts: [identity]\n",
    );
    edit(&changed, ", 日本 チーム]", "]")
}
