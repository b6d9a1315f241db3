//! The promise of `write` under `kill -9`: the old tree or the new one, whole.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bailiwick::write::{Sink, Writer};

/// Tells the test that it is the child to be killed, and where to build.
const BUILD_INTO: &str = "BAILIWICK_TEST_BUILD_INTO";

/// What the child says when it begins.
const READY: &str = "ready to be killed\n";

const FILES: usize = 60;

/// One of two outputs, which share some files and have others of their own.
fn build(out: &Path, generation: usize) -> Result<(), bailiwick::error::Error> {
    let mut writer = Writer::stage(out)?;
    for index in 0..FILES {
        let contents = format!("{} of {index}\n", if index % 3 == 0 { 0 } else { generation }).repeat(500);
        writer.file(&format!("part-{}/file-{index}.tf", index % 5), contents.as_bytes())?;
    }
    writer.file(&format!("only-{generation}/file.tf"), b"x")?;
    writer.commit().map(|_| ())
}

/// Which of the two outputs is in `out`, and that it is whole.
fn generation(out: &Path) -> usize {
    let generation = usize::from(out.join("only-1").exists());
    assert!(out.join(format!("only-{generation}/file.tf")).exists());
    assert!(!out.join(format!("only-{}", 1 - generation)).exists());
    for index in 0..FILES {
        let text = fs::read_to_string(out.join(format!("part-{}/file-{index}.tf", index % 5))).expect("it is there");
        let expected = format!("{} of {index}\n", if index % 3 == 0 { 0 } else { generation }).repeat(500);
        assert!(text == expected, "file {index} of generation {generation}");
    }
    let record = fs::read_to_string(out.join(bailiwick::write::MANIFEST)).expect("it is there");
    assert!(record.contains(&format!("only-{generation}/")));
    generation
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_tree_or_the_new_one() {
    if let Some(out) = std::env::var_os(BUILD_INTO) {
        std::io::stdout().write_all(READY.as_bytes()).expect("the test listens");
        for round in 0.. {
            build(Path::new(&out), round % 2).expect("it can be built");
        }
    }

    let place = tempfile::tempdir().expect("a temporary directory");
    let out = place.path().join("out");
    build(&out, 0).expect("it can be built");
    let foreign = [out.join("terraform.tfstate"), out.join("part-1/mine.tf")];
    for path in &foreign {
        fs::copy(out.join("only-0/file.tf"), path).expect("a temporary file");
    }
    let identity =
        || foreign.each_ref().map(|path| fs::metadata(path).map(|m| (m.ino(), m.mtime(), m.mtime_nsec())).ok());
    let before = identity();
    assert!(before.iter().all(Option::is_some));

    let (mut seen, mut interrupted) = ([0, 0], 0);
    for round in 0_u64..80 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--nocapture", "--exact", "write::a_kill_at_any_moment_leaves_the_old_tree_or_the_new_one"])
            .env(BUILD_INTO, &out)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs");
        let said = BufReader::new(child.stdout.take().expect("it is piped"));
        assert!(said.lines().any(|line| line.is_ok_and(|line| line.contains(READY.trim_end()))));
        // Moments spread over several builds, without a clock or a random number.
        std::thread::sleep(Duration::from_micros(round * 7_919 % 40_000));
        child.kill().expect("it runs");
        let status = child.wait().expect("it ended");
        assert_eq!(status.code(), None, "the builds ended before they were killed");

        seen[generation(&out)] += 1;
        assert_eq!(identity(), before);
        let left = fs::read_dir(place.path()).expect("a temporary directory").flatten();
        interrupted += left.filter(|entry| entry.file_name() != OsStr::new("out")).count();
    }
    // Otherwise the kills proved nothing.
    assert!(seen[0] > 0 && seen[1] > 0 && interrupted > 0, "{seen:?} {interrupted}");
    build(&out, 1).expect("it can be built");
    assert_eq!(fs::read_dir(place.path()).expect("a temporary directory").count(), 1);
}
