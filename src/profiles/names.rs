//! What profiles are called.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, context};
use std::collections::BTreeMap;

use super::{Granted, Profile};
use crate::access::Organization;

/// Names by template: `{account}-{permission_set}`. It is a template of Jinja with single braces, so that filters work:
/// `{account|lower}`.
#[derive(Debug)]
pub struct Names<'t> {
    environment: Environment<'t>,
    template: &'t str,
}

/// Why there are no names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unnamed {
    /// The template does not render.
    Template(String),
    /// A grant gets no name: its account and permission set.
    Empty(String, String),
    /// Two grants get one name: it, then account and permission set of each.
    Twice(String, (String, String), (String, String)),
}

/// How much work a template may be: enough for a name, and an end to loops.
const FUEL: u64 = 10_000;

impl<'t> Names<'t> {
    /// Names by a template.
    ///
    /// # Errors
    ///
    /// What is wrong with the template.
    pub fn new(template: &'t str) -> Result<Self, Unnamed> {
        let wrong = |error: minijinja::Error| Unnamed::Template(error.to_string());
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder()
            .variable_delimiters("{", "}")
            .block_delimiters("{%", "%}")
            .comment_delimiters("{#", "#}")
            .build();
        environment.set_syntax(syntax.map_err(wrong)?);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.template_from_str(template).map_err(wrong)?;
        Ok(Self { environment, template })
    }

    /// The profiles of grants, by name.
    ///
    /// Tools read different characters in a name; all of them read letters and digits of ASCII and `_ . % @ : / + -`
    /// (<https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>). Any other becomes `-`.
    ///
    /// # Errors
    ///
    /// When the template does not render, or two grants get one name.
    pub fn of(
        &self,
        organization: &Organization,
        granted: &[Granted],
        set: impl Fn(&Granted) -> String,
    ) -> Result<Vec<Profile>, Unnamed> {
        let wrong = |error: minijinja::Error| Unnamed::Template(error.to_string());
        let template = self.environment.template_from_str(self.template).map_err(wrong)?;
        let mut named: BTreeMap<String, (&Granted, Profile)> = BTreeMap::new();
        for grant in granted {
            let account = organization.account(grant.account);
            let name = template
                .render(context! {
                    account => &account.name,
                    account_id => &account.id,
                    ou => &organization.unit(account.ou).path,
                    permission_set => set(grant),
                    role => &grant.role,
                })
                .map_err(wrong)?;
            let name: String = name.trim().chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
            let place = |grant: &Granted| (organization.account(grant.account).name.clone(), set(grant));
            if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
                let (account, set) = place(grant);
                return Err(Unnamed::Empty(account, set));
            }
            let profile = Profile {
                name: name.clone(),
                account_id: account.id.clone(),
                role: grant.role.clone(),
                until: grant.until.clone(),
            };
            if let Some((other, _)) = named.insert(name.clone(), (grant, profile)) {
                return Err(Unnamed::Twice(name, place(other), place(grant)));
            }
        }
        Ok(named.into_values().map(|(_, profile)| profile).collect())
    }
}

/// Whether every tool reads a character in a name.
pub(super) fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.%@:/+-".contains(c)
}
