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
