//! `report`: where the page goes, and how the run ends.

use std::fs;

use crate::program::{AS_OF, Folder, ORGANIZATION};

const ACCESS: &str = "permission_sets: { Reader: { aws_managed_policies: [ReadOnlyAccess] } }
assignments: [{ group: readers, permission_set: Reader, ous: [Security] }]
";

fn folder() -> Folder {
    Folder::new([("m/organization.yaml", ORGANIZATION), ("m/access.yaml", ACCESS)])
}

fn report<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["report", "m", "--as-of", AS_OF], more].concat()
}

#[test]
fn a_page_is_written_over_a_page_and_over_nothing_else() {
    let folder = folder();
    let page = folder.join("public/access.html");
    let to_page = report(&["--out", "public/access.html"]);
    let run = folder.run(&to_page);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
    assert!(run.err.starts_with("public/access.html: 1 permission set, "), "{}", run.err);
    let written = fs::read_to_string(&page).unwrap();
    assert!(folder.run(&to_page).err.ends_with("; unchanged\n"), "the same model gives the same bytes");
    folder.write("m/access.yaml", ACCESS.replace("Reader", "Visitor"));
    assert!(folder.run(&to_page).err.ends_with("; changed\n"));
    assert_ne!(fs::read_to_string(&page).unwrap(), written);

    folder.write("public/access.html", "<!doctype html>\n<p>mine</p>\n");
    let run = folder.run(&to_page);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("it is no page that bailiwick wrote") && run.err.contains("`--force`"), "{}", run.err);
    assert_eq!(fs::read_to_string(&page).unwrap(), "<!doctype html>\n<p>mine</p>\n");
    let run = folder.run(&report(&["--out", "public/access.html", "--force"]));
    assert_eq!(run.status, 0, "{}", run.err);

    let printed = folder.run(&report(&["--out", "-"]));
    assert_eq!((printed.status, printed.err.as_str()), (0, ""));
    assert_eq!(printed.out, fs::read_to_string(&page).unwrap());
}

#[test]
fn findings_stand_on_the_page_and_errors_of_the_language_keep_it_back() {
    let folder = folder();
    folder.write(
        "m/long.yaml",
        "permission_sets: { Long: { session_duration: 12h } }\nlint: { levels: { session-too-long: deny } }\n",
    );
    let run = folder.run(&report(&["--out", "access.html"]));
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("1 error"), "{}", run.err);
    assert!(fs::read_to_string(folder.join("access.html")).unwrap().contains("session-too-long"));

    folder.write("m/more.yaml", "assignments: [{ group: readers, permission_set: Nothing, ous: [Security] }]\n");
    let run = folder.run(&report(&["--out", "more.html"]));
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert!(run.err.contains("`Nothing`"), "{}", run.err);
    assert!(!folder.join("more.html").exists(), "nothing is written");
}
