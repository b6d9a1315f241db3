//! What IAM policies mean.
//!
//! Documents come in, [`Assessment`](assess::Assessment)s go out: how far a permission set reaches once all its policies,
//! those of AWS included, are taken together, and what its permissions boundary and the service control policies above an
//! account withhold is taken off. On the way,
//!
//! - [`catalogue`] knows what AWS has: actions, resource types, managed policies, known ways to escalate;
//! - [`policy`] reads a document, reports what IAM would refuse in it, and turns it into statements over sets of actions;
//! - `resource` and `condition` answer when one statement's resources and conditions include, meet or exclude another's;
//! - `reach` puts the statements together into two bounds, what the set may do and what it certainly does;
//! - [`assess`] compares the bounds with what is dangerous;
//! - [`Effective`] answers for a permission set in an account, action by action, and [`gained`] compares two of them;
//! - `evaluate` decides a single request, slowly and obviously: nothing is proven that it does not allow.
//!
//! Every answer errs on the safe side and says how sure it is ([`Certainty`]): nothing is called proven for which no
//! request can be named, and nothing is called impossible that a request could do. Resource policies, key policies, role
//! trust policies and resource control policies are not considered.

pub(crate) mod action;
pub mod assess;
pub mod catalogue;
mod compare;
mod condition;
mod effective;
mod evaluate;
mod facts;
pub(crate) mod glob;
#[cfg(test)]
mod oracle;
pub mod policy;
mod reach;
pub(crate) mod resource;
mod witness;

pub use compare::{Because, Gain, gained, gained_action};
pub use effective::{Answer, Decisions, Denied, Effective, Granted, Stopped};
pub use evaluate::Request;
#[cfg(test)]
pub(crate) use evaluate::{Evaluator, Reading, Truth};
pub use facts::{Facts, Session};
pub use reach::{Certainty, Origin, Verdict};
