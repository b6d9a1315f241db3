//! The organizations of the benchmark, which are what a careful team may have, are models without errors.

use workload::{Expansion, Size, Workload};

use crate::program::{AS_OF, judge};
use crate::support::command::{bailiwick, build, succeed};

#[test]
fn an_organization_of_the_benchmark_has_no_error_and_grants_what_it_means() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let model = place.path().join("model");
    let workload = Workload::generate(Size::M, 1);
    workload.write(&model).expect("a temporary folder is writable");
    let errors: Vec<_> = judge(&model, AS_OF).into_iter().filter(|finding| finding.level == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // Neither does anything that `build` alone looks at stop it.
    build(&model, &place.path().join("out"), AS_OF);
    let arguments = ["grants".as_ref(), model.as_os_str(), "--format".as_ref(), "csv".as_ref()];
    let grants = succeed(bailiwick(arguments).args(["--as-of", AS_OF]));
    let grants = Expansion::from_csv(grants.stdout.as_slice()).expect("CSV");
    assert_eq!(grants.sha256(), Size::M.expanded_sha256());
}
