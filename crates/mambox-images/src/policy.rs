//! May a change go straight to `main`? Image behaviour stays the same within a minor version of micromamba, so code goes
//! through `dev`; only the classes below may bypass it.

use serde::Serialize;

use crate::family::{Base, Family};
use crate::plan::FamilyState;

/// What sort of change a changed file makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// Text for people.
    Documentation,
    /// Tests, and what runs them.
    Tests,
    /// Newer versions of bases that the family has.
    BaseBump,
    /// Bases that are no longer supported.
    BaseRemoval,
    /// Marked by all commits of the change as a security update.
    Security,
    /// Anything else.
    Dev,
}

impl ChangeClass {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Tests => "tests",
            Self::BaseBump => "a newer version of a base",
            Self::BaseRemoval => "a base is removed",
            Self::Security => "a security update",
            Self::Dev => "behaviour",
        }
    }
}

/// A change between two commits.
#[derive(Debug, Clone)]
pub struct Change {
    /// Changed paths, from the repository's root.
    pub paths: Vec<String>,
    /// Whether each commit has a trailer `Security:` that says what it mends.
    pub all_security: bool,
    /// The family before, and after: `None` where it could not be read.
    pub before: Option<FamilyState>,
    /// The family after.
    pub after: Option<FamilyState>,
    /// Where the family's files are, from the repository's root.
    pub family_file: String,
    /// The lock beside it.
    pub lock_file: String,
}

/// Whether a change may go straight to `main`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it may.
    pub may_bypass_dev: bool,
    /// Each changed path with its class.
    pub paths: Vec<(String, ChangeClass)>,
}

/// Classifies a change. The strictest class of a file decides: documentation of a new feature goes with its code.
pub fn policy(change: &Change) -> Verdict {
    let class = |path: &String| match of_path(path, change) {
        ChangeClass::Dev if change.all_security => ChangeClass::Security,
        class => class,
    };
    let paths: Vec<_> = change.paths.iter().map(|path| (path.clone(), class(path))).collect();
    Verdict { may_bypass_dev: paths.iter().all(|(_, class)| *class != ChangeClass::Dev), paths }
}

fn of_path(path: &str, change: &Change) -> ChangeClass {
    if path == change.family_file {
        let both = change.before.as_ref().zip(change.after.as_ref());
        return both.map_or(ChangeClass::Dev, |(before, after)| of_families(&before.family, &after.family));
    }
    if path == change.lock_file {
        let both = change.before.as_ref().zip(change.after.as_ref());
        return both.map_or(ChangeClass::Dev, |(before, after)| of_locks(before, after));
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let in_folder = |names: &[&str]| {
        let mut folders = path.split('/').rev().skip(1);
        folders.any(|folder| names.contains(&folder))
    };
    if in_folder(&["tests", "fuzz", "benches"]) || file.ends_with("_tests.rs") || file.ends_with(".snap") {
        ChangeClass::Tests
    } else if file.ends_with(".md") || in_folder(&["docs"]) || file == "LICENSE" {
        ChangeClass::Documentation
    } else {
        ChangeClass::Dev
    }
}

/// What differs between two `images.toml`: the strictest class of it.
fn of_families(before: &Family, after: &Family) -> ChangeClass {
    let rest = |family: &Family| Family { bases: Vec::new(), ..family.clone() };
    if rest(before) != rest(after) {
        return ChangeClass::Dev;
    }
    let mut class = ChangeClass::Documentation;
    let (gone, new): (Vec<&Base>, Vec<&Base>) = (without(before, after), without(after, before));
    let mut unmatched = gone;
    for base in new {
        // A version in the name changes with it.
        let Some(place) = unmatched.iter().position(|old| is_bump(old, base)) else {
            return ChangeClass::Dev;
        };
        unmatched.remove(place);
        class = ChangeClass::BaseBump;
    }
    for base in &before.bases {
        match after.base(&base.name) {
            Some(same) if same == base => {}
            Some(same) if is_bump(base, same) => class = ChangeClass::BaseBump,
            Some(_) => return ChangeClass::Dev,
            None => {}
        }
    }
    if unmatched.is_empty() { class } else { ChangeClass::BaseRemoval }
}

/// Bases of one family that the other has not, by name.
fn without<'a>(family: &'a Family, other: &Family) -> Vec<&'a Base> {
    family.bases.iter().filter(|base| other.base(&base.name).is_none()).collect()
}

/// The same base in another version: nothing but name, reference and packages differ.
fn is_bump(old: &Base, new: &Base) -> bool {
    let versionless = |base: &Base| Base {
        name: String::new(),
        image: repository(&base.image).into(),
        runtime: base.runtime.keys().map(|kind| (*kind, Default::default())).collect(),
        ..base.clone()
    };
    versionless(old) == versionless(new)
}

/// A reference without tag and digest.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

/// Digests of bases may move; programs and what is pinned besides may not.
fn of_locks(before: &FamilyState, after: &FamilyState) -> ChangeClass {
    let (old, new) = (&before.lock, &after.lock);
    match old.programs == new.programs && old.furnishings == new.furnishings {
        true => ChangeClass::BaseBump,
        false => ChangeClass::Dev,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::state;
    use mambox_oci::{Digest, Platform};

    fn change(paths: &[&str], after: FamilyState) -> Change {
        Change {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            all_security: false,
            before: Some(state()),
            after: Some(after),
            family_file: "images/images.toml".into(),
            lock_file: "images/images.lock".into(),
        }
    }

    fn told(change: &Change) -> String {
        let verdict = policy(change);
        let lines = verdict.paths.iter().map(|(path, class)| format!("{path}: {}\n", class.as_str()));
        format!("{}{}", lines.collect::<String>(), if verdict.may_bypass_dev { "main" } else { "dev" })
    }

    #[test]
    fn texts_and_tests_may_go_to_main_and_code_may_not() {
        let paths = ["README.md", "docs/src/x.svg", "crates/a/tests/it/x.rs", "crates/a/src/b_tests.rs"];
        insta::assert_snapshot!(told(&change(&paths, state())), @"
        README.md: documentation
        docs/src/x.svg: documentation
        crates/a/tests/it/x.rs: tests
        crates/a/src/b_tests.rs: tests
        main
        ");
        insta::assert_snapshot!(told(&change(&["README.md", "crates/a/src/tests.rs", ".ci/run"], state())), @"
        README.md: documentation
        crates/a/src/tests.rs: behaviour
        .ci/run: behaviour
        dev
        ");
    }

    #[test]
    fn a_security_update_says_so_in_each_commit() {
        let change = Change { all_security: true, ..change(&["crates/a/src/x.rs"], state()) };
        insta::assert_snapshot!(told(&change), @"
        crates/a/src/x.rs: a security update
        main
        ");
    }

    #[test]
    fn bases_may_move_on_and_go_but_not_come() {
        let toml = ["images/images.toml"];
        let with = |edit: fn(&mut Family)| {
            let mut after = state();
            edit(&mut after.family);
            told(&change(&toml, after))
        };
        let bump = |family: &mut Family| {
            family.bases[1].name = "alpine3.23".into();
            family.bases[1].image = "alpine:3.23".into();
        };
        assert_eq!(with(bump), "images/images.toml: a newer version of a base\nmain");
        assert_eq!(with(|family| drop(family.bases.pop())), "images/images.toml: a base is removed\nmain");
        assert_eq!(with(|_| {}), "images/images.toml: documentation\nmain", "a comment");
        let other = |family: &mut Family| family.bases[1].image = "busybox:3.22".into();
        assert_eq!(with(other), "images/images.toml: behaviour\ndev");
        let user = |family: &mut Family| family.user.uid = 1000;
        assert_eq!(with(user), "images/images.toml: behaviour\ndev");
        let added = |family: &mut Family| {
            let mut base = family.bases[1].clone();
            base.name = "alpine3.23".into();
            family.bases.push(base);
        };
        assert_eq!(with(added), "images/images.toml: behaviour\ndev");
    }

    #[test]
    fn of_the_lock_only_bases_may_move() {
        let mut after = state();
        let amd64 = Platform::linux("amd64");
        after.lock.bases.get_mut("alpine3.22").unwrap().digests.insert(amd64.clone(), Digest::of(b"x"));
        let lock = ["images/images.lock"];
        assert_eq!(
            told(&change(&lock, after.clone())),
            "images/images.lock: a newer version of a base\nmain"
        );
        after.lock.programs.get_mut(&amd64).unwrap().micromamba = Digest::of(b"x");
        assert_eq!(told(&change(&lock, after)), "images/images.lock: behaviour\ndev");
        let unread = Change { before: None, ..change(&lock, state()) };
        assert_eq!(told(&unread), "images/images.lock: behaviour\ndev");
    }
}
