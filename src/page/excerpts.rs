//! The lines of the model that the page shows, each once.

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::source::{FileId, Sources, Span};

/// A place in a file: the file, and line and column of its beginning and of the position behind its end, from 1.
pub type Place = (u32, u32, u32, u32, u32);

/// A file of the model.
#[derive(Debug, Serialize)]
pub struct File {
    /// The path, relative to the model.
    pub path: String,
    /// The SHA-256 of its text.
    pub sha256: String,
    /// The numbers of the lines with which the pieces in `text` begin.
    pub from: Vec<u32>,
    /// Lines that are shown.
    pub text: Vec<String>,
}

/// Gathers places, and then the lines they stand on.
#[derive(Debug)]
pub(super) struct Excerpts<'s> {
    sources: &'s Sources,
    numbers: FxHashMap<FileId, u32>,
    /// By file, the first and the last line of what is shown, from 1.
    shown: Vec<Vec<(u32, u32)>>,
}

impl<'s> Excerpts<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        let numbers: FxHashMap<_, _> = sources.iter().map(|(id, _)| id).zip(0..).collect();
        Self { sources, shown: vec![Vec::new(); numbers.len()], numbers }
    }

    /// The place of a span, whose lines are shown.
    pub(super) fn place(&mut self, span: Span) -> Place {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (start, end) = (self.sources.start(span), self.sources.end(span));
        let file = self.numbers[&span.file];
        // A block of YAML ends where the next thing begins, which is no part of it.
        let last = if end.column == 1 && end.line > start.line { end.line - 1 } else { end.line };
        self.shown[file as usize].push((number(start.line), number(last)));
        (file, number(start.line), number(start.column), number(end.line), number(end.column))
    }

    /// The files with the lines of all places.
    pub(super) fn files(mut self, digests: Vec<String>) -> Vec<File> {
        let files = self.sources.iter().zip(digests).zip(&mut self.shown);
        files
            .map(|(((_, source), sha256), shown)| {
                shown.sort_unstable();
                let mut pieces: Vec<(u32, u32)> = Vec::new();
                for &(first, last) in shown.iter() {
                    match pieces.last_mut() {
                        Some(piece) if first <= piece.1 + 1 => piece.1 = piece.1.max(last),
                        _ => pieces.push((first, last)),
                    }
                }
                let line = |line: u32| source.line_range(line as usize - 1);
                let text = |&(first, last): &(u32, u32)| {
                    let (start, end) = (line(first).map(|line| line.start), line(last).map(|line| line.end));
                    let range = start.unwrap_or_default()..end.unwrap_or(source.text().len());
                    source.text().get(range).unwrap_or_default().trim_end_matches(['\n', '\r']).to_owned()
                };
                File {
                    path: source.path().to_owned(),
                    sha256,
                    text: pieces.iter().map(text).collect(),
                    from: pieces.into_iter().map(|(first, _)| first).collect(),
                }
            })
            .collect()
    }
}
