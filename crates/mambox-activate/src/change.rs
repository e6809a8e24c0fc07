//! A change of an environment.

use crate::activation::Environment;

/// What to set and to unset; each name at most once, in the order of names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Names and their new values.
    pub set: Vec<(String, String)>,
    /// Names to unset; each is set before.
    pub unset: Vec<String>,
}

impl Change {
    /// What leads from one environment to another.
    pub fn between(from: &Environment, to: &Environment) -> Self {
        let set = to.iter().filter(|(name, value)| from.get(*name) != Some(value));
        let unset = from.keys().filter(|name| !to.contains_key(*name));
        Self {
            set: set.map(|(name, value)| (name.clone(), value.clone())).collect(),
            unset: unset.cloned().collect(),
        }
    }

    /// The environment after the change.
    pub fn apply(&self, environment: &Environment) -> Environment {
        let mut environment = environment.clone();
        environment.retain(|name, _| !self.unset.contains(name));
        environment.extend(self.set.iter().cloned());
        environment
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.unset.is_empty()
    }
}
