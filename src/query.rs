//! Questions about access, answered as data: who can do something, and what somebody or some account has.
//!
//! A permission set means different things in different places: a policy has another body there, or service control
//! policies withhold something else. [`Case`]s are those differences, so each question is decided once for every case,
//! never for every grant. The command line spells the answers.

mod cases;
mod holding;
mod sum;
#[cfg(test)]
mod tests;
mod who_can;

pub use cases::{Case, Cases};
pub use holding::{Has, Holding, concerns, has, holdings};
pub use sum::{LevelSum, ServiceSum, Sum};
pub use who_can::{Ability, Asked, Obstacle, Obstructed, Source, Way, WhoCan, who_can};
