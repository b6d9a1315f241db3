//! A compiler and linter for workforce access to AWS.
//!
//! bailiwick reads an access model (permission sets by job function, given to groups, in organizational units), proves
//! things about it offline, and writes what deploys it to IAM Identity Center. This page is the map of the code.
//!
//! # Stages
//!
//! The program is a chain of nouns. Each stage is a module; its header says what comes in, what goes out, and what is
//! impossible from there on.
//!
//! ```text
//! files ─parse─▶ Document ─read─▶ Model ─resolve─▶ Access ─┬─lint──▶ Diagnostics ─▶ report
//!                                                         ├─plan──▶ Plan ─emit─▶ files ─▶ write
//!                                                         ├─page──▶ one HTML page ─▶ write
//!                                                         ├─diff──▶ AccessDiff ─▶ report
//!                                                         └─grants▶ the expanded matrix
//! ```
//!
//! 1. [`load::load`] walks the folder of the model and reads its files into [`source::Sources`].
//! 2. [`syntax::parse_yaml`] and [`syntax::parse_json`] make trees of [`syntax::Node`]s, in which every key and value
//!    remembers its [`source::Span`]. A file of the model is a [`syntax::Document`]: a tree, and the comments that
//!    suppress findings ([`syntax::Allows`]).
//! 3. [`model::read`] merges the sections of all documents into one [`model::Model`]: what was written, typed. Names may
//!    still point nowhere. The same types give the JSON Schema, [`model::schema`].
//! 4. [`resolve::resolve`] makes [`access::Access`] of it: every name points at something, rows are expanded to accounts,
//!    and each [`access::Grant`] knows its rows. What points nowhere has been reported and dropped.
//! 5. [`iam`] knows what policies mean: what the documents of a permission set allow together, what a boundary leaves of it,
//!    and whether that is a way to more. Its data is embedded.
//! 6. [`lint::run`] judges access by the list [`lint::RULES`], and [`lint::finish`] applies levels and suppressions.
//!    Organization policies judge what stage 8 makes of it ([`emit::guard`]); their findings stand in the model all the same.
//! 7. [`plan::plan`] takes every decision about the output: which StackSets put which policies where, which permission sets
//!    need a twin for the management account, how assignments are grouped, what everything is called. A
//!    [`plan::Plan`] is only made of a model without errors.
//! 8. [`emit::terraform::emit`] spells the plan, file by file, into a [`write::Sink`].
//! 9. [`page::Page`] gathers what a reviewer and an auditor look at, and makes one document of it.
//! 10. [`write::Writer`] puts the files in place all or nothing; [`write::Checker`] compares instead.
//!
//! A [`diff::AccessDiff`] is what a change does to access: two [`access::Access`]es compared, of folders or of revisions that
//! [`git`] has, and told by [`report::diff`].
//!
//! [`access::Access`] is the hub: what stands behind it reads it and only it.
//!
//! # Findings and failures
//!
//! A [`diagnostic::Diagnostic`] is about the user's files. Stages report into [`diagnostic::Diagnostics`] and carry on, so that
//! one run shows everything; [`report`] renders it. An [`error::Error`] says why bailiwick could not do its work. Neither
//! ever becomes the other.
//!
//! What collectors of findings recognize is a [`fingerprint::Fingerprint`]; a [`baseline::Baseline`] is a set of them, written
//! down or found in the revision of a model that [`git`] has. [`fix`] turns what a finding says about its text into an edit.
//!
//! # The editor
//!
//! [`lsp`] keeps a [`session::Session`] over the open buffers of an editor and answers what stands where, what it means and
//! what may be written next.
//!
//! # The command line
//!
//! [`cli::run`] translates: arguments to a chain of stages, their result to a report and an exit status. Time enters there, as
//! `--as-of`, and nowhere else: the same input gives the same bytes.

pub mod access;
pub mod baseline;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod emit;
pub mod error;
pub mod fingerprint;
pub mod fix;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
pub mod git;
pub mod iam;
pub mod lint;
pub mod load;
pub mod lsp;
pub mod model;
pub mod page;
pub mod plan;
pub mod profiles;
pub mod query;
pub mod report;
pub mod resolve;
pub mod session;
pub mod source;
pub mod syntax;
mod words;
pub mod write;
