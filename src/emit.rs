//! From a plan to the text of the files that deploy it.
//!
//! A [`Plan`](crate::plan::Plan) comes in, files go out to a [`Sink`](crate::write::Sink), one at a time, so that memory
//! stays small whatever the size of the output. An emitter spells what the plan has decided and decides nothing.

mod characters;
pub mod cloudformation;
pub mod hcl;
mod policy;
mod template;
pub mod terraform;
pub mod yaml;

/// `PT8H`, `PT1H30M`.
fn iso_duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let part = |number: u32, unit: &str| if number == 0 { String::new() } else { format!("{number}{unit}") };
    format!("PT{}{}{}", part(hours, "H"), part(minutes, "M"), part(seconds, "S"))
}

/// An account for people, by id and name, safe inside a Markdown table.
fn account_label((id, name): (&str, &str)) -> String {
    let name: String = name.chars().map(|c| if c.is_control() || "|`<>".contains(c) { '?' } else { c }).collect();
    format!("{name} ({id})")
}
