//! What a committer sees: findings of several shapes, whole, as a reviewer of a change to them reads it.

use crate::program::{AS_OF, Folder, ORGANIZATION};
use crate::support::snapshot;

#[test]
fn findings_are_shown_with_both_places_and_a_remedy() {
    let folder = Folder::new([
        ("organization.yaml", ORGANIZATION),
        (
            "access.yaml",
            "permission_sets:\n  \
               Admin: { aws_managed_policies: [AdministratorAccess], session_duration: 12h }\n  \
               Auditor: { aws_managed_policies: [ViewOnlyAccess] }\n\
             assignments:\n  \
               - group: aws-admins\n    \
                 groups: [aws-others]\n    \
                 permission_set: Admin\n    \
                 accounts: [012345678901]\n  \
               - { group: aws-admins, permision_set: Auditor, ous: [Workload] }\n",
        ),
    ]);
    let shown = folder.run(&["check", "--as-of", AS_OF]);
    assert_eq!(shown.status, 1);
    snapshot("report--findings", &shown.out);
}

#[test]
fn what_is_the_same_in_many_places_is_shown_once_with_the_places() {
    let deny = r#"{ Effect: Deny, Action: "s3:DeleteBucket", Resource: "*" }"#;
    let sets = (1..=15).map(|number| {
        format!(
            "  Set{number}:\n    inline_policy:\n      Version: \"2012-10-17\"\n      Statement:\n        - {deny}\n"
        )
    });
    let model = format!("permission_sets:\n{}", sets.collect::<String>());
    let folder = Folder::new([("organization.yaml", ORGANIZATION), ("access.yaml", model.as_str())]);
    let shown = folder.run(&["check", "--as-of", AS_OF]);
    let denies: Vec<&str> = shown.out.split("\n\n").filter(|finding| finding.contains("[unreachable-deny]")).collect();
    assert_eq!(denies.len(), 1, "{}", shown.out);
    assert_eq!(folder.check().of("unreachable-deny").len(), 15);
    snapshot("report--alike", denies[0]);
}
