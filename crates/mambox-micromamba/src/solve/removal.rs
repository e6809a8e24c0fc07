//! What goes with packages that are removed: all that needs them, then what nothing needs any more.

use std::collections::{BTreeMap, BTreeSet};

use rattler_conda_types::{PackageName, PrefixRecord};

use super::Installed;

/// The names among `names` that are not installed.
pub(crate) fn unknown_names<'a>(installed: &Installed, names: &'a [String]) -> Vec<&'a str> {
    names.iter().map(String::as_str).filter(|name| installed.find(name).is_none()).collect()
}

/// The packages that go when `names` go. Without `prune` (`--no-prune-deps`) what was only needed by them stays;
/// with `force` nothing but they themselves goes.
pub(crate) fn removal(
    installed: &Installed,
    names: &[String],
    prune: bool,
    force: bool,
) -> Vec<PrefixRecord> {
    let depends = dependencies(&installed.records);
    let mut gone: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    if !force {
        add_dependents(&depends, &mut gone);
        if prune {
            add_orphans(&depends, installed, &mut gone);
        }
    }
    let is_gone = |record: &&PrefixRecord| gone.contains(record.name().as_normalized());
    installed.records.iter().filter(is_gone).cloned().collect()
}

/// Names of what each package depends on.
fn dependencies(records: &[PrefixRecord]) -> BTreeMap<&str, BTreeSet<String>> {
    let of = |record: &PrefixRecord| {
        let depends = &record.repodata_record.package_record.depends;
        let names = depends.iter().filter_map(|depend| PackageName::from_matchspec_str(depend).ok());
        names.map(|name| name.as_normalized().to_owned()).collect()
    };
    records.iter().map(|record| (record.name().as_normalized(), of(record))).collect()
}

fn add_dependents<'a>(depends: &BTreeMap<&'a str, BTreeSet<String>>, gone: &mut BTreeSet<&'a str>) {
    loop {
        let before = gone.len();
        for (name, needs) in depends {
            if needs.iter().any(|need| gone.contains(need.as_str())) {
                gone.insert(name);
            }
        }
        if gone.len() == before {
            return;
        }
    }
}

/// Dependencies of what goes, as long as nobody asked for them and nothing that stays needs them.
fn add_orphans<'a>(
    depends: &'a BTreeMap<&'a str, BTreeSet<String>>,
    installed: &Installed,
    gone: &mut BTreeSet<&'a str>,
) {
    loop {
        let candidates: BTreeSet<&str> =
            gone.iter().filter_map(|name| depends.get(name)).flatten().map(String::as_str).collect();
        let needed: BTreeSet<&str> = depends
            .iter()
            .filter(|(name, _)| !gone.contains(*name))
            .flat_map(|(_, needs)| needs.iter().map(String::as_str))
            .collect();
        let orphans: Vec<&str> = candidates
            .into_iter()
            .filter(|name| depends.contains_key(name) && !gone.contains(name))
            .filter(|name| !needed.contains(name) && !installed.requested.contains_key(*name))
            .collect();
        if orphans.is_empty() {
            return;
        }
        gone.extend(orphans);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{depending, installed, record};

    /// app → lib → base, tool → base; `base` and `asked` come along unless somebody wants them.
    fn there() -> Installed {
        let records = [
            depending("app", &["lib >=1", "asked"]),
            depending("lib", &["base"]),
            depending("tool", &["base"]),
            record("base", "1"),
            record("asked", "1"),
        ];
        installed(&records, &["app", "tool", "asked"])
    }

    fn names(records: &[PrefixRecord]) -> String {
        let mut names: Vec<_> = records.iter().map(|record| record.name().as_normalized()).collect();
        names.sort_unstable();
        names.join(" ")
    }

    /// The micromamba reference, section 4: "remove prunes dependencies by default".
    #[test]
    fn what_needs_it_goes_along_and_what_nothing_needs() {
        let gone = |name: &str, prune, force| names(&removal(&there(), &[name.to_owned()], prune, force));
        assert_eq!(gone("app", true, false), "app lib");
        assert_eq!(gone("app", false, false), "app");
        assert_eq!(gone("lib", true, false), "app lib");
        assert_eq!(gone("base", true, false), "app base lib tool");
        assert_eq!(gone("base", true, true), "base");
    }

    #[test]
    fn names_that_are_not_there_are_told() {
        assert_eq!(unknown_names(&there(), &["app".into(), "nope".into()]), ["nope"]);
    }
}
