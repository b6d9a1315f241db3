//! Questions about access: who can, who has what, and the filters of the matrix.

use std::path::Path;

use serde_json::Value;

use crate::program::{AS_OF, Folder, ORGANIZATION, Run, bailiwick};

fn ask(arguments: &[&str]) -> Run {
    let all = [&arguments[..1], &["--as-of", AS_OF], &arguments[1..]].concat();
    bailiwick(all).current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).output().expect("the program runs").into()
}

/// What a question about the example is answered.
fn answer(arguments: &[&str]) -> String {
    let run = ask(arguments);
    assert_eq!(run.status, 0, "{run:?}");
    run.out + &run.err
}

fn json(arguments: &[&str]) -> Value {
    let run = ask(&[arguments, &["--format", "json"]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn answers_about_the_example() {
    let questions: [&[&str]; 8] = [
        &["who-can", "iam:passrole", "examples/acme"],
        &["who-can", "kms:Decrypt", "examples/acme", "--ou", "Workloads/Prod"],
        &["who-can", "s3:Delete*", "examples/acme", "--account", "nordwind-dev", "--account", "shop-dev"],
        &["who-can", "sts:AssumeRole", "examples/acme", "--resource", "arn:aws:iam::064418273359:role/deploy"],
        &[
            "who-can",
            "s3:GetObject",
            "examples/acme",
            "--account",
            "shop-dev",
            "--resource",
            "arn:aws:iam::064418273359:role/deploy",
        ],
        &["access", "examples/acme", "--principal", "auditor@example.com"],
        &["access", "examples/acme", "--account", "identity"],
        &["access", "examples/acme", "--permission-set", "SecOpsResponder"],
    ];
    let told: String = questions
        .iter()
        .map(|question| format!("$ bailiwick {}\n{}\n", question.join(" "), answer(question)))
        .collect();
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("answers", told);
    });
}

#[test]
fn answers_for_programs_say_the_same() {
    let report = json(&["who-can", "iam:PassRole", "examples/acme"]);
    assert_eq!(report["version"], 1);
    assert_eq!(report["action"], "iam:PassRole");
    let admin = report["obstructed"].as_array().unwrap().iter().find(|o| o["permission_set"] == "Admin").unwrap();
    assert_eq!(admin["obstacles"][0]["kind"], "permissions_boundary");
    assert_eq!(admin["obstacles"][0]["policy"], "BoundaryForAdmins");
    assert_eq!(admin["holders"][0]["principal"], "aws-platform-admins");
    let csv = answer(&["who-can", "s3:ListBucket", "examples/acme", "--account", "shop-dev", "--format", "csv"]);
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "certainty,permission_set,principal_type,principal,account_id,account,expires,statements,conditions,origins"
        )
    );
    let report = json(&["who-can", "s3:ListBucket", "examples/acme", "--account", "shop-dev"]);
    let answers = report["answers"].as_array().unwrap();
    let holders: usize = answers.iter().map(|answer| answer["holders"].as_array().unwrap().len()).sum();
    assert_eq!(lines.count(), holders, "one account, so a line for each holder");
    let access = json(&["access", "examples/acme", "--account", "shop-dev"]);
    let sets: Vec<&Value> =
        access["permission_sets"].as_array().unwrap().iter().map(|s| &s["permission_set"]).collect();
    assert_eq!(sets.len(), 7, "{sets:?}");
    assert!(access["actions"].as_u64().unwrap() > 1000);
    assert_eq!(access["levels"][0]["level"], "permissions management");
}

#[test]
fn who_can_agrees_with_grants() {
    // Every grant of a set that allows an action everywhere is an answer, and nothing else is.
    let report = json(&["who-can", "ec2:DescribeInstances", "examples/acme"]);
    let mut told: Vec<(String, String, String)> = Vec::new();
    for answer in report["answers"].as_array().unwrap() {
        for holder in answer["holders"].as_array().unwrap() {
            for account in holder["accounts"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                told.push((text(&answer["permission_set"]), text(&holder["principal"]), text(&account["account_id"])));
            }
        }
    }
    told.sort();
    let grants = json(&["grants", "examples/acme"]);
    let text = |grant: &Value, key: &str| grant[key].as_str().unwrap().to_owned();
    let granted: Vec<_> = grants
        .as_array()
        .unwrap()
        .iter()
        .filter(|grant| grant["permission_set"] != "BillingViewer" && grant["permission_set"] != "DataEngineer")
        .map(|grant| (text(grant, "permission_set"), text(grant, "principal"), text(grant, "account_id")))
        .collect();
    assert_eq!(told, granted);
}

#[test]
fn names_that_mean_nothing_are_told_with_a_remedy() {
    let twice = ORGANIZATION.replacen("shop-prod:", "audit:", 1);
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION), ("twice/organization.yaml", &twice)]);
    folder.write(
        "m/a.yaml",
        "permission_sets: { A: {} }\nassignments: [{ group: g, permission_set: A, accounts: [audit] }]\n",
    );
    folder.write(
        "twice/a.yaml",
        "permission_sets: { A: {} }\nassignments: [{ group: g, permission_set: A, ous: [Security] }]\n",
    );
    folder.write(
        "partial/a.yaml",
        "permission_sets: { A: {} }\nassignments: [{ group: g, permission_set: A, accounts: [audit] }]\n",
    );
    for (arguments, message, help) in [
        (&["who-can", "iam:PassRol", "m"][..], "no action `iam:PassRol`", "`iam:PassRole`"),
        (&["who-can", "iam", "m"], "no action `iam`", "`iam:*`"),
        (&["who-can", "s4:GetObject", "m"], "no action `s4:GetObject`", "did you mean"),
        (&["who-can", "iam:Zz*", "m"], "no action matches `iam:Zz*`", ""),
        (&["who-can", "s3:GetObject", "m", "--account", "audt"], "no account `audt`", "`audit`"),
        (&["who-can", "s3:GetObject", "m", "--account", "Security"], "is an organizational unit", "`--ou`"),
        (&["who-can", "s3:GetObject", "m", "--ou", "audit"], "is an account", "`--account`"),
        (&["who-can", "s3:GetObject", "m", "--ou", "Workload"], "no organizational unit", "`Workloads`"),
        (&["who-can", "s3:GetObject", "m", "--account", "x-*"], "no account matches `x-*`", ""),
        (&["who-can", "s3:GetObject", "twice", "--account", "audit"], "several accounts", "use the id"),
        (&["who-can", "s3:GetObject", "m", "--resource", "logs/a"], "not an ARN", "arn:partition"),
        (&["who-can", "s3:GetObject", "m", "--resource", "arn:aws:s3:::"], "not an ARN", "arn:partition"),
        (&["who-can", "s3:GetObject", "m", "--resource", "arn:aws:s3:::x/*"], "it is a pattern", "name one resource"),
        (&["who-can", "s3:GetObject", "partial"], "no `organization`", "snapshot"),
        (&["access", "m", "--principal", "h"], "no principal in the matrix `h`", ""),
        (&["access", "m", "--permission-set", "B*"], "no permission set matches `B*`", ""),
        (&["access", "m"], "required arguments were not provided", "--principal"),
        (&["grants", "m", "--account", "audt"], "no account `audt`", "`audit`"),
        (&["grants", "m", "--expiring-within", "soon"], "such as 30d", ""),
        (&["grants", "m", "--expiring-within=-3d"], "such as 30d", ""),
    ] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains(message) && run.err.contains(help), "{run:?}");
    }
    folder.write("m/bad.yaml", "permission_set: {}\n");
    for arguments in [&["who-can", "s3:GetObject", "m"][..], &["access", "m", "--principal", "g"]] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("did you mean `permission_sets`?"), "{run:?}");
    }
}

#[test]
fn grants_are_filtered() {
    let number =
        |arguments: &[&str]| json(&[&["grants", "examples/acme"], arguments].concat()).as_array().unwrap().len();
    let all = number(&[]);
    assert_eq!(number(&["--users-only"]), 3);
    assert_eq!(number(&["--expiring-within", "30d"]), 0);
    assert_eq!(number(&["--expiring-within", "9w"]), 3);
    assert_eq!(number(&["--expiring-within", "9999y"]), 3);
    assert_eq!(number(&["--principal", "*"]), all);
    assert_eq!(number(&["--account", "*"]), all);
    assert_eq!(number(&["--ou", "_root_"]), all);
    let sets = json(&["grants", "examples/acme"]);
    let of = |key: &str, name: &str| sets.as_array().unwrap().iter().filter(|grant| grant[key] == name).count();
    assert_eq!(number(&["--principal", "aws-secops"]), of("principal", "aws-secops"));
    assert_eq!(number(&["--permission-set", "Admin"]), of("permission_set", "Admin"));
    assert_eq!(
        number(&["--permission-set", "*Admin"]),
        of("permission_set", "Admin") + of("permission_set", "BreakGlassAdmin")
    );
    assert_eq!(number(&["--account", "012345678901"]), of("account", "shop-dev"));
    assert_eq!(
        number(&["--account", "shop-*", "--principal", "aws-secops", "--permission-set", "SecOpsResponder"]),
        5,
        "filters narrow each other"
    );
}

#[test]
fn no_cell_of_a_csv_is_a_formula() {
    let folder = Folder::new([("m/organization.yaml", ORGANIZATION)]);
    folder.write(
        "m/a.yaml",
        "permission_sets: { A: { inline_policy: { Version: \"2012-10-17\", Statement: [{ Effect: Allow, Action: \"s3:*\", Resource: \"*\" }] } } }\n\
         assignments: [{ group: \"=HYPERLINK(0)\", permission_set: A, accounts: [audit] }]\n",
    );
    for arguments in [&["grants", "m", "--format", "csv"][..], &["who-can", "s3:GetObject", "m", "--format", "csv"]] {
        let run = folder.run(arguments);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.out.contains(",'=HYPERLINK(0),"), "{run:?}");
    }
}
