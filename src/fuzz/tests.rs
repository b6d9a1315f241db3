//! The targets over the corpus, and over mutations of it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use walkdir::WalkDir;

use super::{TARGETS, Target};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The committed inputs of a target.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let mut folders = vec![folder("fuzz/corpus").join(target.name)];
    if matches!(target.name, "model" | "suppressions") {
        folders.push(folder("tests/rules"));
    }
    let files = folders.iter().flat_map(|folder| WalkDir::new(folder).sort_by_file_name()).map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

/// Runs a target; an input that breaks its promise is shown, so that it can go into the corpus.
fn run(target: &Target, input: &[u8]) {
    let begin = Instant::now();
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        let shown = std::str::from_utf8(input).map_or_else(|_| format!("{input:?}"), |text| format!("{text:?}"));
        // A test that fails has something to say.
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{} failed for {shown}\n", target.name))
            .unwrap();
        resume_unwind(panic);
    }
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(10), "{} took {took:?} for {:?}", target.name, String::from_utf8_lossy(input));
}

/// A number below `limit`.
fn below(random: &mut TestRng, limit: usize) -> usize {
    random.next_u64() as usize % limit.max(1)
}

/// What means something in some of the languages, and what means something in none.
const PIECES: [&[u8]; 40] = [
    b"[",
    b"]",
    b"{",
    b"}",
    b":",
    b"- ",
    b"\n",
    b"  ",
    b"\t",
    b"&a ",
    b"*a",
    b"!!str ",
    b"#",
    b"'",
    b"\"",
    b"|",
    b"? ",
    b"<<: ",
    b"---\n",
    b"~",
    b"\xc3\xa9",
    b"\xff",
    b"\0",
    b"\r\n",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x92\xa9",
    b"\\u0041",
    b"\\ud83d",
    b"012345678901",
    b"*",
    b"?",
    b"${",
    b"# bailiwick: allow[",
    b"] reason",
    b"null",
    b"1e999",
    b"_root_",
    b"\"Effect\": \"Deny\",",
    b"NotAction",
    b"2008-10-17",
];

/// One to five small changes to an input, one of which may bring in a part of another.
fn mutate(random: &mut TestRng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut text = corpus[below(random, corpus.len())].clone();
    for _ in 0..=below(random, 4) {
        let place = below(random, text.len() + 1);
        match below(random, 6) {
            0 => text.truncate(place),
            1 => drop(text.drain(place..(place + below(random, 30)).min(text.len()))),
            2 => {
                let other = if below(random, 2) == 0 { &text } else { &corpus[below(random, corpus.len())] };
                let from = below(random, other.len() + 1);
                let copy = other[from..(from + below(random, 80)).min(other.len())].to_vec();
                text.splice(place..place, copy);
            }
            3 if place < text.len() => text[place] = random.next_u64() as u8,
            _ => drop(text.splice(place..place, PIECES[below(random, PIECES.len())].iter().copied())),
        }
    }
    text
}

/// How long the mutations run, all targets at once: some seconds, or what `BAILIWICK_FUZZ_SECONDS` says.
fn time() -> Duration {
    let seconds = std::env::var("BAILIWICK_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(15))
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    for target in TARGETS {
        assert!(folder("fuzz/fuzz_targets").join(format!("{}.rs", target.name)).is_file(), "{}", target.name);
        assert!(corpus(target).len() > 3, "{}", target.name);
    }
}

#[test]
fn promises_hold_for_the_corpus() {
    for target in TARGETS {
        corpus(target).iter().for_each(|input| run(target, input));
    }
}

#[test]
fn promises_hold_for_mutations() {
    let fuzz = |target: &Target| {
        let corpus = corpus(target);
        let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let begin = Instant::now();
        let mut rounds = 0;
        while begin.elapsed() < time() {
            run(target, &mutate(&mut random, &corpus));
            rounds += 1;
        }
        assert!(rounds > 20, "{} ran {rounds} times", target.name);
    };
    thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(|| fuzz(target));
        }
    });
}
