//! What a program sees of the world.

use mambox_activate::Environment;

use crate::root::Root;

/// Files, variables and user of a process.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Where the files are.
    pub root: Root,
    /// The variables that are UTF-8. Others are passed on unseen.
    pub environment: Environment,
    /// The effective user id.
    pub uid: u32,
}

impl World {
    /// What root sees with these variables.
    pub fn new(root: Root, variables: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { root, environment: variables.iter().map(own).collect(), uid: 0 }
    }

    /// The value of a variable; an empty one counts as unset.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable is `1`, which is how images of the family say yes.
    pub(crate) fn says_yes(&self, name: &str) -> bool {
        self.variable(name) == Some("1")
    }
}
