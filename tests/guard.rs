//! Organization policies: the rules that ship with bailiwick, those of a user, and what becomes of rules that do harm.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bailiwick::emit::guard::{BUILTIN, Evaluator, Failure, Outcome, Trouble};
use bailiwick::lint::rule;

use crate::program::{AS_OF, Finding, Folder, ORGANIZATION, Run};
use crate::support::command::{bailiwick, put};
use crate::support::generate::{self, in_order};
use crate::support::snapshot;

/// The evaluator of the program under test.
fn evaluator(limit: u64) -> Evaluator {
    Evaluator { program: PathBuf::from(env!("CARGO_BIN_EXE_bailiwick")), limit: Duration::from_millis(limit) }
}

fn evaluate(rules: &[&str], templates: &[&str]) -> Outcome {
    evaluator(60_000).evaluate(rules, templates).expect("it works")
}

/// Builds templates, into a folder that is not part of the model.
fn build(folder: &Folder) -> Run {
    folder.run(&["build", "--target", "cloudformation", "--out", ".out", "--as-of", AS_OF])
}

/// The example with the rules that ship with bailiwick.
fn example() -> Folder {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let folder = Folder::new(generate::tree(&source));
    edit(&folder, "bailiwick.yaml", "lint:\n", "lint:\n  guard: [builtin]\n");
    folder
}

/// Exchanges what stands once in a file.
fn edit(folder: &Folder, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(folder.join(file)).expect("the file is there");
    assert_eq!(text.matches(from).count(), 1, "{from}");
    folder.write(file, text.replace(from, to));
}

/// What organization policies find: the message, and what the line of the model holds from there on.
fn found(folder: &Folder) -> Vec<(String, String)> {
    let report = folder.check();
    let text = |finding: &Finding| {
        let text = std::fs::read_to_string(folder.join(&finding.file)).expect("the file is there");
        let line = text.lines().nth(finding.line - 1).expect("the line is there");
        line.chars().skip(finding.column - 1).collect::<String>()
    };
    report.of("guard").into_iter().map(|finding| (finding.message.clone(), text(finding))).collect()
}

#[test]
fn the_example_fails_one_rule_that_ships_with_bailiwick_until_it_is_put_right() {
    let folder = example();
    let message = "`assignment_principal_pinned`: the id of a principal is pinned in the directory, not a parameter of the deployment";
    assert_eq!(found(&folder), [(message.to_owned(), "aws-nordwind-engineers".to_owned())]);
    assert_eq!(build(&folder).status, 1);
    let unpinned = "aws-nordwind-engineers: # SCIM brings it with the December wave; its id is pinned then";
    edit(
        &folder,
        "directory.yaml",
        unpinned,
        "aws-nordwind-engineers: 9367a1b2c3-0a4be710-3c55-4d0e-9a61-5b2f8d7e1c99",
    );
    assert_eq!(found(&folder), []);
    let run = build(&folder);
    assert_eq!(run.status, 0, "{}", run.err);

    edit(&folder, "policies.yaml", "path: /security/", "path: /");
    edit(&folder, "permission_sets/operations.yaml", "    description: Incident response\n", "");
    let path = "`managed_policy_path`: a customer-managed policy has a path by which it can be protected";
    let described = "`permission_set_described`: a permission set says in its description what it is for";
    let expected = [(described, "SecOpsResponder:"), (path, "/")];
    assert_eq!(found(&folder), expected.map(|(message, text)| (message.to_owned(), text.to_owned())));
}

#[test]
fn random_models_fail_only_what_their_authors_can_put_right() {
    for place in in_order().take(2) {
        let model = place.path().join("model");
        put(&model.join("guard.yaml"), "lint: { guard: [builtin] }\n");
        let mut command = bailiwick(["check", "--format", "json", "--as-of", generate::AS_OF]);
        let run = Run::from(command.arg(&model).output().expect("the program runs"));
        let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        for finding in report["findings"].as_array().expect("a list").iter().filter(|it| it["rule"] == "guard") {
            let message = finding["message"].as_str().expect("a text");
            let of_the_author =
                ["`permission_set_described`", "`assignment_principal_pinned`", "`managed_policy_path`"];
            assert!(of_the_author.iter().any(|rule| message.starts_with(rule)), "{message}");
        }
    }
}

/// A rule, and what to exchange for what so that it fails.
type Exchanges = &'static [(&'static str, &'static str, &'static str)];

/// For each built-in rule: a template that passes it, and what in it to exchange so that it fails.
const TEMPLATES: [(&str, Exchanges); 4] = [
    (
        "Type: AWS::SSO::PermissionSet\n    Properties:\n      Name: Reader\n      Description: Reads\n",
        &[("permission_set_described", "Description: Reads", "SessionDuration: PT1H")],
    ),
    (
        "Type: AWS::SSO::Assignment\n    Properties:\n      PrincipalId: 906713a2-1111-2233-4455-66778899aabb\n",
        &[("assignment_principal_pinned", "906713a2-1111-2233-4455-66778899aabb", "!Ref GroupTeam")],
    ),
    (
        "Type: AWS::IAM::ManagedPolicy\n    Properties:\n      ManagedPolicyName: Team\n      Path: /team/\n",
        &[
            ("managed_policy_path", "Path: /team/", "Path: /"),
            ("managed_policy_unattached", "Path: /team/", "Path: /team/\n      Roles: [admin]"),
        ],
    ),
    (
        "Type: AWS::CloudFormation::StackSet\n    Properties:\n      PermissionModel: SERVICE_MANAGED\n      Capabilities: [CAPABILITY_NAMED_IAM]\n      AutoDeployment: { Enabled: false }\n      OperationPreferences: { FailureToleranceCount: 0 }\n      StackInstancesGroup:\n        - DeploymentTargets:\n            OrganizationalUnitIds: [r-ab12]\n            AccountFilterType: INTERSECTION\n            Accounts: [\"222222222222\"]\n          Regions: [!Ref AWS::Region]\n      TemplateBody: |\n        Resources:\n          A:\n            Type: AWS::IAM::ManagedPolicy\n          B:\n            Type: AWS::SSO::Assignment\n",
        &[
            ("stack_set_operation", "SERVICE_MANAGED", "SELF_MANAGED"),
            ("stack_set_operation", "FailureToleranceCount: 0", "FailureToleranceCount: 1"),
            ("stack_set_operation", "[!Ref AWS::Region]", "[!Ref AWS::Region, us-east-1]"),
            ("stack_set_capability", "Capabilities: [CAPABILITY_NAMED_IAM]", "Capabilities: [CAPABILITY_IAM]"),
            ("stack_set_capability", "Capabilities: [CAPABILITY_NAMED_IAM]", "Description: none"),
            ("stack_set_of_access_stays", "Enabled: false", "Enabled: true"),
            ("stack_set_of_access_stays", "[\"222222222222\"]", "[\"222222222222\", \"333333333333\"]"),
            ("stack_set_of_access_stays", "INTERSECTION", "UNION"),
        ],
    ),
];

#[test]
fn every_rule_that_ships_with_bailiwick_fails_where_it_should() {
    let mut templates = Vec::new();
    let mut expected = Vec::new();
    for (resource, breaks) in TEMPLATES {
        let whole = format!("Resources:\n  Thing:\n    {resource}");
        templates.push(whole.clone());
        expected.push(None);
        for (rule, from, to) in breaks {
            assert_eq!(whole.matches(from).count(), 1, "{from}");
            templates.push(whole.replace(from, to));
            expected.push(Some(*rule));
        }
    }
    let templates: Vec<_> = templates.iter().map(String::as_str).collect();
    let outcome = evaluate(&[BUILTIN], &templates);
    assert_eq!(outcome.troubles, []);
    for (at, expected) in expected.iter().enumerate() {
        let mut failed: Vec<_> =
            outcome.failures.iter().filter(|(_, template, _)| *template == at).map(|(_, _, it)| &it.rule[..]).collect();
        failed.dedup();
        assert_eq!(failed, expected.iter().copied().collect::<Vec<_>>(), "{}", templates[at]);
    }
    for line in BUILTIN.lines() {
        let Some(rule) = line.strip_prefix("rule ").and_then(|rest| rest.split(' ').next()) else { continue };
        assert!(expected.contains(&Some(rule)), "nothing fails `{rule}`");
    }
    assert!(outcome.failures.iter().all(|(_, _, it)| it.path.starts_with("/Resources/Thing/Properties")));
    assert!(outcome.failures.iter().all(|(_, _, it)| !it.message.is_empty()), "{:#?}", outcome.failures);
}

#[test]
fn rules_that_are_broken_end_the_evaluator_or_never_end_are_trouble() {
    let good = "rule a { Resources exists <<no resources>> }";
    let missing = Failure {
        rule: "a".to_owned(),
        path: String::new(),
        message: "no resources".to_owned(),
        clause: "Resources EXISTS".to_owned(),
        value: None,
    };
    let broken = "rule a { Resources exists }\nrule { this is none";
    let undefined = "rule a { %nothing exists }";
    let outcome = evaluate(&[broken, good, undefined, "", "# nothing\n"], &["{}", "{ Resources: {} }"]);
    assert_eq!(outcome.failures, [(1, 0, missing.clone())]);
    let [(0, Trouble::Broken(broken)), (2, Trouble::Broken(_)), (3, Trouble::Broken(empty)), (4, Trouble::Broken(_))] =
        outcome.troubles.as_slice()
    else {
        panic!("{outcome:?}");
    };
    assert_eq!((broken.offset, empty.offset), (Some(33), None), "{broken:?}");
    assert_eq!(empty.reason, "it holds no rule");

    let recursive = "rule a when b { Resources exists }\nrule b when a { Resources exists }";
    let outcome = evaluate(&[good, recursive, good], &["{}"]);
    assert_eq!(outcome.troubles, [(1, Trouble::Crashed)]);
    assert_eq!(outcome.failures, [(0, 0, missing.clone()), (2, 0, missing)], "those behind it are looked at");

    let mut endless = "rule r0(x) { %x exists }\n".to_owned();
    for n in 1..60 {
        endless.push_str(&format!("rule r{n}(x) {{ r{}(%x) r{}(%x) }}\n", n - 1, n - 1));
    }
    endless.push_str("rule all { r59(Resources) }\n");
    let outcome = evaluator(1_000).evaluate(&[&endless], &["{ Resources: {} }"]).expect("it works");
    assert_eq!(outcome.troubles, [(0, Trouble::TooLong(Duration::from_secs(1)))]);

    assert!(Evaluator { program: "/bin/true".into(), ..evaluator(1_000) }.evaluate(&[good], &[]).is_err());
}

const RULES: &str = r#"rule short_sessions when Resources.*[ Type == 'AWS::SSO::PermissionSet' ] !empty {
    Resources.*[ Type == 'AWS::SSO::PermissionSet' ] {
        Properties.SessionDuration == 'PT1H' <<sessions are short>>
        Properties.InlinePolicy not exists
    }
}
rule paths when Resources.*[ Type == 'AWS::IAM::ManagedPolicy' ] !empty {
    Resources.*[ Type == 'AWS::IAM::ManagedPolicy' ].Properties {
        Path == '/team/' <<policies stand in /team/>>
        PolicyDocument.Statement[*].Action != 's3:*' <<no s3:*>>
    }
}
rule no_users when Resources.*[ Type == 'AWS::SSO::Assignment' ] !empty {
    Resources.*[ Type == 'AWS::SSO::Assignment' ].Properties.PrincipalId != '906713a2-1111-2233-4455-66778899aabb' <<not them>>
}
rule described {
    Description == 'something else'
}
"#;

const MODEL: &str = r#"
identity_center: { region: eu-west-1 }
directory: { groups: { aws-team: 906713a2-1111-2233-4455-66778899aabb } }
policies:
  Data:
    path: /data/
    document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } }
permission_sets:
  Team:
    session_duration: 2h
    customer_managed_policies: [Data]
    inline_policy: policies/inline.json
assignments:
  - group: aws-team
    permission_set: Team
    ous: [_root_]
lint:
  guard: [policies/org.guard]
"#;

/// The model with changes.
fn folder(changes: &[(&str, &str)]) -> Folder {
    let inline = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}"#;
    let model = changes.iter().fold(MODEL.to_owned(), |model, (from, to)| {
        assert_eq!(model.matches(from).count(), 1, "{from}");
        model.replace(from, to)
    });
    let files = [
        ("model.yaml", format!("{ORGANIZATION}{model}").as_str()),
        ("policies/inline.json", inline),
        ("policies/org.guard", RULES),
    ]
    .map(|(path, text)| (path, text.to_owned()));
    Folder::new(files)
}

#[test]
fn a_finding_stands_at_the_line_of_the_model() {
    let folder = folder(&[]);
    let expected = [
        ("`paths`: policies stand in /team/", "/data/"),
        (
            "`paths`: no s3:*",
            "{ Version: 2012-10-17, Statement: { Effect: Allow, Action: \"s3:*\", Resource: \"*\" } }",
        ),
        ("`short_sessions`: sessions are short", "2h"),
        ("`short_sessions`: `Properties.InlinePolicy not EXISTS` does not hold", "policies/inline.json"),
        ("`no_users`: not them", "aws-team"),
        ("`described`: `Description EQUALS \"something else\"` does not hold", "policies/org.guard]"),
    ];
    let found = found(&folder);
    assert_eq!(found, expected.map(|(message, text)| (message.to_owned(), text.to_owned())));
    // A build says the same, whatever it is to write, and writes nothing.
    for target in ["terraform", "cloudformation", "all"] {
        let run = folder.run(&["build", "--target", target, "--out", ".out", "--as-of", AS_OF]);
        assert_eq!((run.status, folder.join(".out").exists()), (1, false), "{}", run.err);
        assert!(found.iter().all(|(message, _)| run.err.contains(message)), "{}", run.err);
    }
    let run = folder.run(&["check", "--as-of", AS_OF]);
    snapshot("report--organization-policies", &run.out);
}

/// One rule for each value of a template that has a place of its own in the model.
const VALUES: &str = r#"
rule sets when Resources.*[ Type == 'AWS::SSO::PermissionSet' ] !empty {
    Resources.*[ Type == 'AWS::SSO::PermissionSet' ].Properties {
        Name == 'x' <<name>>
        Description == 'x' <<description>>
        RelayStateType == 'x' <<relay state>>
        PermissionsBoundary.ManagedPolicyArn == 'x' <<boundary>>
        ManagedPolicies[1] == 'x' <<second policy of AWS>>
        CustomerManagedPolicyReferences[0].Name == 'x' <<first customer-managed policy>>
        Tags[0].Value == 'x' <<value of a tag>>
        Tags[0].Key == 'x' <<key of a tag>>
    }
}
rule assignments when Resources.*[ Type == 'AWS::SSO::Assignment' ] !empty {
    Resources.*[ Type == 'AWS::SSO::Assignment' ].Properties {
        PermissionSetArn == 'x' <<set of a row>>
        TargetId == 'x' <<row>>
    }
}
rule attributes when Resources.*[ Type == 'AWS::SSO::InstanceAccessControlAttributeConfiguration' ] !empty {
    Resources.*[ Type == 'AWS::SSO::InstanceAccessControlAttributeConfiguration' ].Properties {
        AccessControlAttributes[0].Key == 'x' <<attribute>>
        AccessControlAttributes[0].Value.Source[0] == 'x' <<source of an attribute>>
    }
}
rule policies when Resources.*[ Type == 'AWS::IAM::ManagedPolicy' ] !empty {
    Resources.*[ Type == 'AWS::IAM::ManagedPolicy' ].Properties {
        ManagedPolicyName == 'x' <<policy>>
        Description == 'x' <<description of a policy>>
    }
}
rule stack_sets when Resources.*[ Type == 'AWS::CloudFormation::StackSet' ] !empty {
    Resources.StackSetPoliciesRAb1217ca945c6991b406.Properties.PermissionModel == 'x' <<stack set>>
}
rule schedules when Resources.*[ Type == 'AWS::Scheduler::Schedule' ] !empty {
    Resources.*[ Type == 'AWS::Scheduler::Schedule' ].Properties.ScheduleExpression == 'x' <<end>>
}
"#;

const TRACED: &str = r#"
identity_center: { region: eu-west-1, delegated_admin: audit }
directory: { users: { ann@example.com: 906713a2-1111-2233-4455-66778899aabb } }
attributes:
  Team: "${path:enterprise.department}"
policies:
  Zebra:
    path: /z/
    description: black and white
    document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "*" } }
  Ant: { path: /a/, external: { ous: [_root_] } }
permission_sets:
  Team:
    description: a team
    relay_state: https://console.aws.amazon.com/s3
    aws_managed_policies: [SecurityAudit, AWSBillingReadOnlyAccess]
    customer_managed_policies: [Zebra, Ant]
    permissions_boundary: { aws_managed: ReadOnlyAccess }
    tags: { Owner: me }
assignments:
  - user: ann@example.com
    permission_set: Team
    ous: [_root_]
    owner: bob@example.com
    expires: 2027-01-31
    reason: an audit
emit: { expiry_schedules: true }
lint:
  levels: { guard: warn }
  guard: [values.guard]
"#;

#[test]
fn each_value_is_traced_to_what_was_written() {
    let folder = Folder::new([("model.yaml", format!("{ORGANIZATION}{TRACED}").as_str()), ("values.guard", VALUES)]);
    let found: Vec<_> = found(&folder);
    let found: Vec<_> = found.iter().map(|(message, text)| (message.as_str(), text.as_str())).collect();
    let expected = [
        ("`attributes`: attribute", "Team: \"${path:enterprise.department}\""),
        ("`attributes`: source of an attribute", "\"${path:enterprise.department}\""),
        ("`policies`: policy", "Zebra:"),
        ("`stack_sets`: stack set", "Zebra:"),
        ("`policies`: description of a policy", "black and white"),
        ("`sets`: name", "Team:"),
        ("`sets`: description", "a team"),
        ("`sets`: relay state", "https://console.aws.amazon.com/s3"),
        ("`sets`: second policy of AWS", "SecurityAudit, AWSBillingReadOnlyAccess]"),
        ("`sets`: first customer-managed policy", "Ant]"),
        ("`sets`: boundary", "ReadOnlyAccess }"),
        ("`sets`: key of a tag", "Owner: me }"),
        ("`sets`: value of a tag", "me }"),
        ("`assignments`: row", "ann@example.com"),
        ("`assignments`: set of a row", "Team"),
        ("`schedules`: end", "2027-01-31"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_format_takes_findings_of_organization_policies() {
    let folder = folder(&[]);
    let sarif = folder.run(&["check", "--as-of", AS_OF, "--format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&sarif.out).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let of_guard: Vec<_> = results.iter().filter(|result| result["ruleId"] == "guard").collect();
    assert_eq!(of_guard.len(), 6);
    let related = |result: &serde_json::Value| {
        let places = result["relatedLocations"].as_array().into_iter().flatten();
        let uri = |place: &serde_json::Value| {
            place["physicalLocation"]["artifactLocation"]["uri"].as_str().map(str::to_owned)
        };
        places.filter_map(uri).collect::<Vec<_>>()
    };
    assert!(of_guard.iter().all(|result| related(result) == ["policies/org.guard"]), "{of_guard:#?}");
    let github = folder.run(&["check", "--as-of", AS_OF, "--format", "github"]);
    assert!(
        github
            .out
            .lines()
            .any(|line| line.starts_with("::error file=model.yaml,line=") && line.contains("sessions are short")),
        "{}",
        github.out
    );
}

#[test]
fn levels_suppressions_and_baselines_apply() {
    let folder = folder(&[
        ("session_duration: 2h", "session_duration: 2h # bailiwick: allow[guard] until the next audit"),
        ("path: /data/", "path: /team/ # bailiwick: allow[guard] nothing is wrong with it"),
        ("lint:\n", "lint:\n  levels: { guard: warn }\n"),
    ]);
    let report = folder.check();
    assert_eq!(report.status, 0, "{report:#?}");
    let said: Vec<_> =
        report.findings.iter().map(|finding| (finding.rule.as_str(), finding.message.as_str())).collect();
    assert!(!said.iter().any(|(_, message)| message.contains("sessions are short")), "{said:?}");
    assert!(said.contains(&("guard", "`no_users`: not them")), "{said:?}");
    assert!(report.one("unused-suppression").message.contains("`guard`"), "{said:?}");

    // Where they are off, nobody looks, and nobody says that a suppression serves nothing.
    let run = folder.run(&["check", "--as-of", AS_OF, "--allow", "guard", "--deny", "warnings"]);
    assert!(!run.out.contains("unused-suppression") && !run.out.contains("guard]"), "{run:?}");

    // A baseline knows a finding by the rule of the policy, so that another one at the same place is new.
    let check = |arguments: &[&str]| {
        let run = folder
            .run(&[&["check", "--as-of", AS_OF, "--deny", "guard", "--baseline", "known.jsonl"], arguments].concat());
        (run.status, run.out)
    };
    assert_eq!(check(&["--write-baseline"]).0, 0);
    assert_eq!(check(&[]).0, 0);
    edit(&folder, "policies/org.guard", "rule no_users", "rule nobody");
    let (status, out) = check(&[]);
    assert_eq!(status, 1);
    assert!(out.contains("error[guard]: `nobody`: not them"), "{out}");
}

#[test]
fn rule_files_that_are_wrong_are_findings_that_nothing_excuses() {
    let named = "[policies/org.guard]";
    let names = "[policies/broken.guard, policies/none.guard, ../out.guard, policies/loop.guard, policies, policies/empty.guard]";
    let folder = folder(&[(named, names), ("lint:\n", "lint:\n  levels: { guard: warn }\n")]);
    folder.write("policies/broken.guard", "rule ok { Resources exists }\n\nrule é when {\n");
    folder.write("policies/loop.guard", "rule a when b { Resources exists }\nrule b when a { Resources exists }\n");
    folder.write("policies/empty.guard", "# later\n");
    let run = folder.run(&["check", "--as-of", AS_OF]);
    assert_eq!(run.status, 1);
    snapshot("report--broken-rule-files", &run.out);
    let run = build(&folder);
    assert_eq!((run.status, folder.join(".out").exists()), (1, false), "{}", run.err);

    // They are looked at where the rest of the model becomes no templates, too.
    edit(&folder, "model.yaml", "ous: [_root_]", "ous: [Nowhere]");
    let report = folder.check();
    assert_eq!((report.of("guard").len(), report.of("unknown-ou").len()), (6, 1), "{report:#?}");
}

#[test]
fn many_failures_that_come_from_one_row_are_one_finding() {
    let folder = folder(&[("session_duration: 2h", "session_duration: 1h"), ("path: /data/", "path: /team/")]);
    let report = folder.check();
    let of_row: Vec<_> = report.of("guard").into_iter().filter(|it| it.message.contains("no_users")).collect();
    assert_eq!(of_row.len(), 1, "{report:#?}");
    let run = folder.run(&["check", "--as-of", AS_OF]);
    assert!(run.out.contains("and 2 more values"), "{}", run.out);
}

#[test]
fn the_example_of_the_page_fails_and_is_put_right() {
    let page = rule("guard").expect("it is listed").page();
    let blocks: Vec<_> = page.split("```").collect();
    let block = |kind: &str, at: usize| {
        let block = blocks.iter().filter_map(|block| block.strip_prefix(kind)).nth(at).expect("a block");
        block.to_owned()
    };
    let rest = "identity_center: { region: eu-west-1 }\nassignments: []\n";
    let folder =
        Folder::new([("policies/sessions.guard", block("text\n", 0)), ("rest.yaml", format!("{ORGANIZATION}{rest}"))]);
    folder.write("model.yaml", block("yaml\n", 0));
    let said = "`short_sessions`: sessions last an hour at most";
    assert_eq!(found(&folder), [(said.to_owned(), "2h  # error: [guard] \"2h\"".to_owned())]);
    folder.write("model.yaml", block("yaml\n", 1));
    assert_eq!(found(&folder), []);
}
