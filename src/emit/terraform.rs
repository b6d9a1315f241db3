//! Terraform: one root module, one topic a file.
//!
//! The waves of the plan become `depends_on`: the instances of the StackSets come before what is attached to a permission
//! set, and that before its assignments. Ids are literal wherever the model pins them, so that no assignment depends on a
//! value that is only known after an apply. One file holds one permission set whole: what it may do and who has it where.

mod deployment;
mod expiry;
mod module;
mod new_accounts;
mod permission_sets;
mod policies;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::hcl::{Name, Printer, Reference, Spelled};
use super::{DEPLOYMENT, HEADER};
use crate::error::Error;
use crate::plan::{Administration, History, Plan, PlannedSet, Splits, digest};
use crate::write::Sink;

/// A root module: the whole output, or one of its states.
struct Module<'p> {
    /// The folder with a `/` behind it; empty for the output itself.
    folder: String,
    /// Whether it holds what all permission sets share: policies in accounts, attributes for access control.
    shared: bool,
    /// The permission sets that live in it.
    sets: Vec<&'p PlannedSet>,
}

/// The root modules of a plan, in the order in which they are applied.
fn modules<'p>(plan: &'p Plan<'_>) -> Vec<Module<'p>> {
    if plan.states.count == 1 {
        return vec![Module { folder: String::new(), shared: true, sets: plan.permission_sets.iter().collect() }];
    }
    let shared = Module { folder: "shared/".to_owned(), shared: true, sets: Vec::new() };
    let state = |number: u32| {
        let lives_here = |set: &&PlannedSet| plan.states.of(&plan.access.permission_set(set.set).name.value) == number;
        let sets = plan.permission_sets.iter().filter(lives_here).collect();
        Module { folder: format!("access-{number}/"), shared: false, sets }
    };
    std::iter::once(shared).chain((1..=plan.states.count).map(state)).collect()
}

/// Writes the root module of a plan, or those of its states.
///
/// # Errors
///
/// When `sink` cannot take a file.
pub fn emit(plan: &Plan<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
    let accounts = plan.access.organization.iter().flat_map(|organization| &organization.accounts);
    let accounts: Vec<_> = accounts.map(|account| Spelled::new(&account.id, &account.name)).collect();
    let mut splits = Splits::default();
    let mut listed = Vec::new();
    let mut files = Files { sink, memory: String::new() };
    let modules = modules(plan);
    for module in &modules {
        let path = |name: &str| format!("{}{name}", module.folder);
        files.write(&path("versions.tf"), module::versions)?;
        files.write(&path("providers.tf"), |printer| module::providers(plan, printer))?;
        files.write(&path("variables.tf"), |printer| module::variables(plan, printer))?;
        files.write(&path("identity_center.tf"), |printer| module::identity_center(plan, module, printer))?;
        if module.shared && !plan.fan_out.is_empty() {
            files.write(&path("policies.tf"), |printer| policies::documents(plan, printer))?;
            files.write(&path("stack_sets.tf"), |printer| policies::distribution(plan, printer))?;
        }
        let expiring: Vec<_> = module.sets.iter().flat_map(|set| plan.expiring(set)).collect();
        if !expiring.is_empty() {
            files.write(&path("expiry.tf"), |printer| expiry::roles(plan, module, &expiring, printer))?;
        }
        for (name, sets) in set_files(&module.sets) {
            let name = path(&name);
            files.write(&name, |printer| {
                for set in sets {
                    let recorded = permission_sets::permission_set(plan, set, &accounts, printer);
                    listed.push(deployment::Listed::new(set, &name));
                    splits.extend(recorded);
                }
            })?;
        }
        files.write(&path("outputs.tf"), |printer| module::outputs(module, printer))?;
    }
    if let Some(wanted) = plan.new_accounts() {
        let path = |name: &str| format!("{}/{name}", new_accounts::FOLDER);
        files.write(&path("versions.tf"), module::versions)?;
        files.write(&path("providers.tf"), |printer| new_accounts::provider(&wanted, printer))?;
        files.write(&path("variables.tf"), new_accounts::variables)?;
        files.write(&path("new_accounts.tf"), |printer| new_accounts::rule(&wanted, printer))?;
    }
    files.sink.file("README.md", deployment::readme(plan, &modules, listed)?.as_bytes())?;
    files.sink.file(DEPLOYMENT, deployment::json(plan, &modules, &splits)?.as_bytes())
}

/// What an earlier build of the output in `out` decided; `None` when there was none.
///
/// # Errors
///
/// When the record is there and cannot be understood: guessing could move live assignments.
pub fn history(out: &Path) -> Result<Option<History>, Error> {
    deployment::history(&out.join(DEPLOYMENT))
}

/// Prints files, one after the other, in the same memory.
struct Files<'s> {
    sink: &'s mut dyn Sink,
    memory: String,
}

impl Files<'_> {
    fn write(&mut self, name: &str, body: impl FnOnce(&mut Printer)) -> Result<(), Error> {
        let mut printer = Printer::reusing(std::mem::take(&mut self.memory));
        printer.comment(HEADER);
        printer.blank();
        body(&mut printer);
        self.memory = printer.finish();
        self.sink.file(name, self.memory.as_bytes())
    }
}

/// The files of the permission sets, each set with its twin.
///
/// Two sets whose names differ by case alone are two sets for AWS and one file for some file systems.
fn set_files<'p>(sets: &[&'p PlannedSet]) -> BTreeMap<String, Vec<&'p PlannedSet>> {
    let mut seen = BTreeSet::new();
    let mut clashing = BTreeSet::new();
    for set in sets.iter().filter(|set| set.administration == Administration::Central) {
        let lower = set.label.to_lowercase();
        if !seen.insert(lower.clone()) {
            clashing.insert(lower);
        }
    }
    let mut files: BTreeMap<String, Vec<&PlannedSet>> = BTreeMap::new();
    let mut stem = String::new();
    for set in sets {
        if set.administration == Administration::Central {
            stem = format!("permission_set_{}", set.label);
            if clashing.contains(&set.label.to_lowercase()) {
                stem = format!("{stem}_{}", digest(&set.name));
            }
        }
        files.entry(format!("{stem}.tf")).or_default().push(set);
    }
    files
}

/// A label of the plan as a name of the language.
fn name(label: &str) -> Name<'_> {
    // INVARIANT (labels are injective) makes every label an identifier, and ids of units are checked before a plan is made.
    Name::new(label).expect("labels are identifiers")
}

/// `type.label`.
fn resource<'a>(kind: &'static str, label: &'a str) -> Reference<'a> {
    Reference::new(kind).attribute(name(label))
}

/// `local.name`.
fn local(name: &'static str) -> Reference<'static> {
    Reference::new("local").attribute(name)
}

/// Sets the provider of what is administered from the management account, where that is not the default.
fn provider(plan: &Plan<'_>, administration: Administration, printer: &mut Printer) {
    if plan.delegated && administration == Administration::Management {
        printer.attribute("provider", Reference::new("aws").attribute("management"));
        printer.blank();
    }
}
