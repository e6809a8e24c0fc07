//! Going from one active prefix to another, and back, by the rules of conda's own activator
//! (`conda/activate.py` of conda 24), so that conda, mamba and we undo each other's activations.
//!
//! Activations nest. At level *n*, `CONDA_SHLVL` is *n*, `CONDA_PREFIX` is what is active and
//! `CONDA_PREFIX_1` to `CONDA_PREFIX_<n-1>` are what was before; `CONDA_STACKED_n` stands where level *n*
//! left the programs of the level below in `PATH`. A variable that going up from level *n* overwrites is
//! saved as `__CONDA_SHLVL_n_NAME`. Unlike conda we save also what scripts unset, save empty values, and
//! remove a saved value when it is back in its place.

use crate::activation::{Activation, DEFAULT_PATH, Environment};
use crate::change::Change;
use crate::search_path::{folders, remove_first, remove_last};

/// What becomes of the programs of the prefix that is active when another one is activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// They stay in `PATH`, behind those of the new one (`activate --stack`).
    Stack,
    /// They leave `PATH`. The variables stay, as they do with conda.
    Replace,
}

/// The active prefix and its level, which is at least 1.
pub fn active_prefix(current: &Environment) -> Option<(&str, u32)> {
    let level = current.get("CONDA_SHLVL").and_then(|level| level.trim().parse().ok()).unwrap_or(0);
    let prefix = current.get("CONDA_PREFIX").map(String::as_str).unwrap_or_default();
    (level > 0 && !prefix.is_empty()).then_some((prefix, level))
}

/// The prefix that [`deactivate`] goes back to.
pub fn prefix_below(current: &Environment) -> Option<&str> {
    let (_, level) = active_prefix(current)?;
    let below = current.get(&format!("CONDA_PREFIX_{}", level - 1)).filter(|_| level > 1)?;
    Some(below).filter(|prefix| !prefix.is_empty()).map(String::as_str)
}

/// Activates a prefix over whatever is active.
///
/// Where it is active already, what it sets is set anew, `PATH` gets those of its folders that are
/// missing, and the level stays. A `PATH` that is unset or empty is taken for [`DEFAULT_PATH`].
pub fn switch(current: &Environment, target: &Activation, how: How) -> Change {
    let mut next = current.clone();
    match active_prefix(current) {
        Some((prefix, level)) if prefix == target.prefix => reactivate(&mut next, target, level),
        active => go_up(&mut next, target, how, active),
    }
    Change::between(current, &next)
}

/// Deactivates the active prefix, `active`, and makes the one below active again, whose files give
/// `below`: see [`prefix_below`]. Does nothing where nothing is active.
///
/// What `active` sets or unsets gets its saved value back, or is unset; then what `below` sets and is
/// not there is set. Without `below` the level is 0 afterwards, and `CONDA_SHLVL` is `0`, not unset.
pub fn deactivate(current: &Environment, active: &Activation, below: Option<&Activation>) -> Change {
    let Some((_, level)) = active_prefix(current) else { return Change::default() };
    let below = below.filter(|_| level > 1);
    let mut next = current.clone();
    let stacked = next.remove(&stacked_mark(level)).is_some();
    next.remove(&prefix_mark(level - 1));
    restore_variables(&mut next, active, level - 1);
    let path = path_without(&next, active, below.filter(|_| !stacked));
    match path {
        Some(path) => next.insert("PATH".into(), path),
        None => next.remove("PATH"),
    };
    match below {
        Some(below) => {
            mark(&mut next, below, level - 1);
            for (name, value) in &below.variables {
                next.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        None => {
            for name in ["CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"] {
                next.remove(name);
            }
            next.insert("CONDA_SHLVL".into(), "0".into());
        }
    }
    Change::between(current, &next)
}

fn go_up(next: &mut Environment, target: &Activation, how: How, active: Option<(&str, u32)>) {
    let level = active.map_or(0, |(_, level)| level);
    let replaced = active.map(|(prefix, _)| prefix).filter(|_| how == How::Replace);
    let path = path_with(next, target, replaced);
    next.insert("PATH".into(), path);
    save_variables(next, target, level);
    next.extend(target.variables.clone());
    next.remove(&stacked_mark(level.saturating_add(1)));
    if let Some((prefix, level)) = active {
        next.insert(prefix_mark(level), prefix.into());
        if how == How::Stack {
            next.insert(stacked_mark(level.saturating_add(1)), "true".into());
        }
    }
    mark(next, target, level.saturating_add(1));
}

fn reactivate(next: &mut Environment, target: &Activation, level: u32) {
    let path = path_of(next).to_owned();
    let mut all: Vec<&str> = folders(&path).collect();
    let front = target.front();
    for folder in front.iter().rev() {
        if !all.contains(&folder.as_str()) {
            all.insert(0, folder);
        }
    }
    for folder in target.back() {
        if !all.contains(&folder) {
            all.push(folder);
        }
    }
    next.insert("PATH".into(), all.join(":"));
    next.retain(|name, _| !target.unset.contains(name));
    next.extend(target.variables.clone());
    mark(next, target, level);
}

/// The names by which conda knows what is active.
fn mark(next: &mut Environment, activation: &Activation, level: u32) {
    next.extend(activation.marks().map(|(name, value)| (name.to_owned(), value)));
    next.insert("CONDA_SHLVL".into(), level.to_string());
}

fn prefix_mark(level: u32) -> String {
    format!("CONDA_PREFIX_{level}")
}

fn stacked_mark(level: u32) -> String {
    format!("CONDA_STACKED_{level}")
}

fn saved_mark(level: u32) -> String {
    format!("__CONDA_SHLVL_{level}_")
}

/// Saves what the target overwrites or unsets, and unsets the latter. What an earlier activation of that
/// level left behind goes, lest it come back.
fn save_variables(next: &mut Environment, target: &Activation, level: u32) {
    let mark = saved_mark(level);
    next.retain(|name, _| !name.starts_with(&mark));
    for name in target.variables.keys().chain(&target.unset) {
        if let Some(value) = next.remove(name) {
            next.insert(format!("{mark}{name}"), value);
        }
    }
}

fn restore_variables(next: &mut Environment, active: &Activation, level: u32) {
    let mark = saved_mark(level);
    for name in active.variables.keys() {
        next.remove(name);
    }
    for name in active.variables.keys().chain(&active.unset) {
        if let Some(value) = next.remove(&format!("{mark}{name}")) {
            next.insert(name.clone(), value);
        }
    }
    next.retain(|name, _| !name.starts_with(&mark));
}

fn path_of(environment: &Environment) -> &str {
    environment.get("PATH").map(String::as_str).filter(|path| !path.is_empty()).unwrap_or(DEFAULT_PATH)
}

/// The target's folders in front, or in the place of those of a prefix that it replaces.
fn path_with(current: &Environment, target: &Activation, replaced: Option<&str>) -> String {
    let mut all: Vec<&str> = folders(path_of(current)).collect();
    let place = replaced.map_or(0, |prefix| remove_first(&mut all, &[&format!("{prefix}/bin")]));
    let front = target.front();
    all.splice(place..place, front.iter().map(String::as_str));
    all.extend(target.back());
    all.join(":")
}

/// Without the folders of the active prefix, and with the programs of another in their place. `None`
/// where nothing is left.
fn path_without(current: &Environment, active: &Activation, instead: Option<&Activation>) -> Option<String> {
    let mut all: Vec<&str> = folders(path_of(current)).collect();
    remove_last(&mut all, &active.back());
    let front = active.front();
    let place = remove_first(&mut all, &front.iter().map(String::as_str).collect::<Vec<_>>());
    let instead = instead.map(Activation::bin);
    all.splice(place..place, instead.as_deref());
    (!all.is_empty()).then(|| all.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activation(prefix: &str, variables: &[(&str, &str)]) -> Activation {
        let own = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Activation::new(prefix, crate::default_name(prefix, "/c"), [], &own)
    }

    fn environment(entries: &[(&str, &str)]) -> Environment {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn text(environment: &Environment) -> String {
        environment.iter().map(|(name, value)| format!("{name}={value}|\n")).collect()
    }

    /// The base's variable A clashes with the user's, those of `py` and `r` with both.
    fn nested() -> [(Activation, How); 3] {
        [
            (activation("/c", &[("A", "base"), ("B", "base")]), How::Replace),
            (activation("/c/envs/py", &[("A", "py"), ("C", "py")]), How::Replace),
            (activation("/srv/r", &[("A", "r"), ("B", "r"), ("C", "r")]), How::Stack),
        ]
    }

    #[test]
    fn activations_nest_as_conda_s() {
        let mut current = environment(&[("PATH", "/usr/bin:/bin"), ("A", "mine"), ("CONDA_SHLVL", "0")]);
        for (target, how) in nested() {
            current = switch(&current, &target, how).apply(&current);
        }
        insta::assert_snapshot!(text(&current), @r"
        A=r|
        B=r|
        C=r|
        CONDA_DEFAULT_ENV=/srv/r|
        CONDA_PREFIX=/srv/r|
        CONDA_PREFIX_1=/c|
        CONDA_PREFIX_2=/c/envs/py|
        CONDA_PROMPT_MODIFIER=(/srv/r) |
        CONDA_SHLVL=3|
        CONDA_STACKED_3=true|
        PATH=/srv/r/bin:/c/envs/py/bin:/usr/bin:/bin|
        __CONDA_SHLVL_0_A=mine|
        __CONDA_SHLVL_1_A=base|
        __CONDA_SHLVL_2_A=py|
        __CONDA_SHLVL_2_B=base|
        __CONDA_SHLVL_2_C=py|
        ");
    }

    #[test]
    fn activating_what_is_active_changes_nothing_and_brings_back_what_is_missing() {
        for (target, how) in nested() {
            let empty = environment(&[("A", "mine")]);
            let once = switch(&empty, &target, how).apply(&empty);
            assert!(
                switch(&once, &target, How::Replace).is_empty()
                    && switch(&once, &target, How::Stack).is_empty()
            );
            let mut broken = once.clone();
            broken.extend(environment(&[("PATH", DEFAULT_PATH), ("A", "changed")]));
            assert_eq!(switch(&broken, &target, how).apply(&broken), once);
        }
    }

    #[test]
    fn the_environment_of_an_image_can_be_left() {
        let base = activation("/c", &[("A", "base")]);
        let image: Environment = base.env(None).into_iter().collect();
        let left = deactivate(&image, &base, None).apply(&image);
        assert_eq!(left, environment(&[("CONDA_SHLVL", "0"), ("PATH", DEFAULT_PATH)]));
        assert!(deactivate(&left, &base, None).is_empty());
    }

    #[test]
    fn what_conda_did_not_save_comes_from_the_prefix_below() {
        let (base, py) =
            (activation("/c", &[("A", "1"), ("B", "")]), activation("/c/envs/py", &[("A", "1")]));
        let by_conda = environment(&[
            ("A", "1"),
            ("CONDA_PREFIX", "/c/envs/py"),
            ("CONDA_PREFIX_1", "/c"),
            ("CONDA_SHLVL", "2"),
            ("PATH", "/mine:/c/envs/py/bin:/bin"),
        ]);
        assert_eq!(prefix_below(&by_conda), Some("/c"));
        insta::assert_snapshot!(text(&deactivate(&by_conda, &py, Some(&base)).apply(&by_conda)), @r"
        A=1|
        B=|
        CONDA_DEFAULT_ENV=base|
        CONDA_PREFIX=/c|
        CONDA_PROMPT_MODIFIER=(base) |
        CONDA_SHLVL=1|
        PATH=/mine:/c/bin:/bin|
        ");
    }

    #[test]
    fn leftovers_of_another_activation_do_not_come_back() {
        let base = activation("/c", &[("B", "1")]);
        let leftovers = [("__CONDA_SHLVL_1_A", "old"), ("CONDA_STACKED_2", "true")];
        let mut one: Environment = base.env(None).into_iter().collect();
        let clean = one.clone();
        one.extend(environment(&leftovers));
        let py = activation("/c/envs/py", &[("A", "1")]);
        let two = switch(&one, &py, How::Replace).apply(&one);
        assert_eq!(deactivate(&two, &py, Some(&base)).apply(&two), clean);
    }

    #[test]
    fn marks_that_make_no_sense_count_as_nothing_active() {
        for marks in [
            [("CONDA_SHLVL", "2"), ("CONDA_PREFIX", "")],
            [("CONDA_SHLVL", "0"), ("CONDA_PREFIX", "/c")],
            [("CONDA_SHLVL", "-1"), ("CONDA_PREFIX", "/c")],
            [("CONDA_SHLVL", "99999999999"), ("CONDA_PREFIX", "/c")],
        ] {
            let current = environment(&marks);
            assert_eq!((active_prefix(&current), prefix_below(&current)), (None, None), "{marks:?}");
            let next = switch(&current, &activation("/p", &[]), How::Replace).apply(&current);
            assert_eq!(active_prefix(&next), Some(("/p", 1)), "{marks:?}");
        }
        let highest = u32::MAX.to_string();
        let current = environment(&[("CONDA_SHLVL", &highest), ("CONDA_PREFIX", "/c")]);
        let next = switch(&current, &activation("/p", &[]), How::Stack);
        assert_eq!(active_prefix(&next.apply(&current)), Some(("/p", u32::MAX)));
    }
}
