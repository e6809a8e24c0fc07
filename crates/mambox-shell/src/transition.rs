//! Going from what is active to another prefix, as data: what `micromamba shell activate`, `deactivate` and
//! `reactivate` print, and what `micromamba run` starts a command in.

use std::path::Path;

use mambox_activate::{Activation, Change, Environment, How, active_prefix, prefix_below, switch};

use crate::error::ShellError;
use crate::prefix::{self, ACTIVATE, DEACTIVATE};
use crate::prompt::Prompt;
use crate::shell::Shell;

/// What to do, in this order, to get from one environment to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Transition {
    /// The new `PATH`, where it changes.
    pub(crate) path: Option<String>,
    /// Scripts of the prefix that is left, to source before its variables go.
    pub(crate) leave: Vec<String>,
    /// The variables, without `PATH`. Those of the new prefix are here even where they have their values
    /// already, since a script of the old one may take them away.
    pub(crate) change: Change,
    /// The prompt of shells that have one in `PS1`.
    pub(crate) ps1: Option<String>,
    /// Scripts of the prefix that is entered, to source at last.
    pub(crate) enter: Vec<String>,
}

/// Where transitions start from, and what they need to know.
pub(crate) struct Place<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) root: &'a str,
    /// Whether the first activation brings the root prefix's `condabin` into `PATH`, as the hook does.
    pub(crate) condabin: bool,
    /// Whether what mambox captured of `activate.d` scripts stands for them, so that nobody sources them.
    pub(crate) captured: bool,
    pub(crate) shell: Shell,
    pub(crate) prompt: &'a Prompt,
    /// Files of prefixes that could not be read.
    pub(crate) warnings: Vec<String>,
}

impl Place<'_> {
    /// Activates a prefix by the rules of section 5 of the reference: what is active already is made active
    /// anew, the one below is gone back to.
    pub(crate) fn activate(&mut self, target: &str, how: How) -> Result<Transition, ShellError> {
        if !Path::new(target).is_dir() {
            return Err(ShellError::NoSuchPrefix(target.into()));
        }
        if prefix_below(self.environment) == Some(target) {
            return Ok(self.deactivate());
        }
        let active = active_prefix(self.environment).map(|(prefix, _)| prefix.to_owned());
        let (activation, enter) = self.enter(target);
        let mut next = switch(self.environment, &activation, how).apply(self.environment);
        if active.is_none() && self.condabin {
            add_condabin(&mut next, self.root, &activation);
        }
        let same = active.as_deref() == Some(target);
        // What is sourced again is undone before.
        let left =
            active.filter(|_| if same { !enter.is_empty() || !self.captured } else { how == How::Replace });
        let leave = left.map(|prefix| self.leave(&prefix)).unwrap_or_default();
        Ok(self.transition(next, Some(&activation), leave, enter))
    }

    /// Makes the active prefix active anew, as after an installation: its scripts of both kinds are sourced.
    /// Nothing where none is active.
    pub(crate) fn reactivate(&mut self) -> Transition {
        let Some((prefix, _)) = active_prefix(self.environment) else { return Transition::default() };
        let prefix = prefix.to_owned();
        let (activation, enter) = self.enter(&prefix);
        let next = switch(self.environment, &activation, How::Replace).apply(self.environment);
        let leave = self.leave(&prefix);
        self.transition(next, Some(&activation), leave, enter)
    }

    /// Leaves the active prefix for the one below it. Nothing where none is active.
    pub(crate) fn deactivate(&mut self) -> Transition {
        let Some((prefix, level)) = active_prefix(self.environment) else { return Transition::default() };
        let prefix = prefix.to_owned();
        let stacked = self.environment.contains_key(&format!("CONDA_STACKED_{level}"));
        let below = prefix_below(self.environment).map(str::to_owned).map(|below| self.read(&below));
        let active = self.read(&prefix);
        let change = mambox_activate::deactivate(self.environment, &active, below.as_ref());
        let next = change.apply(self.environment);
        let enter = match &below {
            // The scripts of the prefix below have not been undone.
            Some(below) if !stacked => prefix::scripts(&below.prefix, ACTIVATE, self.shell.script_endings()),
            _ => Vec::new(),
        };
        let leave = self.leave(&prefix);
        self.transition(next, below.as_ref(), leave, enter)
    }

    fn read(&mut self, prefix: &str) -> Activation {
        prefix::read(prefix, self.root, &mut self.warnings)
    }

    /// What entering a prefix sets, and the scripts to source.
    fn enter(&mut self, prefix: &str) -> (Activation, Vec<String>) {
        let activation = self.read(prefix);
        let scripts = prefix::scripts(prefix, ACTIVATE, self.shell.script_endings());
        let captured =
            self.captured.then(|| prefix::captured(prefix, &scripts, &mut self.warnings)).flatten();
        match captured {
            Some(captured) => (activation.with_captured(&captured), Vec::new()),
            None => (activation, scripts),
        }
    }

    /// The last sourced is the first undone.
    fn leave(&self, prefix: &str) -> Vec<String> {
        let mut scripts = prefix::scripts(prefix, DEACTIVATE, self.shell.script_endings());
        scripts.reverse();
        scripts
    }

    fn transition(
        &self,
        mut next: Environment,
        target: Option<&Activation>,
        leave: Vec<String>,
        enter: Vec<String>,
    ) -> Transition {
        if let Some(target) = target {
            let modifier = self.prompt.modifier(&target.prefix, &target.name);
            next.insert("CONDA_PROMPT_MODIFIER".into(), modifier);
        }
        let mut change = Change::between(self.environment, &next);
        let path = take(&mut change.set, "PATH");
        change.unset.retain(|name| name != "PATH");
        if !leave.is_empty() {
            let again = |(name, value): (&String, &String)| {
                let said = change.set.iter().any(|(set, _)| set == name);
                let is_value = next.get(name) == Some(value);
                (!said && is_value).then(|| (name.clone(), value.clone()))
            };
            let more: Vec<_> = target.iter().flat_map(|t| &t.variables).filter_map(again).collect();
            change.set.extend(more);
        }
        Transition { path, leave, change, ps1: self.prompt.ps1(self.environment, &next), enter }
    }
}

fn take(set: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let place = set.iter().position(|(set, _)| set == name)?;
    Some(set.remove(place).1)
}

/// Puts the root prefix's `condabin` behind the prefix's own programs, unless the hook did.
fn add_condabin(next: &mut Environment, root: &str, activation: &Activation) {
    let Some(path) = next.get_mut("PATH") else { return };
    let condabin = format!("{root}/condabin");
    let mut folders: Vec<&str> = path.split(':').collect();
    if folders.contains(&condabin.as_str()) {
        return;
    }
    let bin = format!("{}/bin", activation.prefix);
    let place = folders.iter().position(|folder| *folder == bin).map_or(0, |place| place + 1);
    folders.insert(place, &condabin);
    *path = folders.join(":");
}
