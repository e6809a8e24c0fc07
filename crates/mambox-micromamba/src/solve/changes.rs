//! The difference between what is installed and what should be.

use rattler_conda_types::{PackageRecord, PrefixRecord, RepoDataRecord};

/// What happens to one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    Install,
    Remove,
    /// Another build of the same version, or another channel's.
    Change,
    Reinstall,
    Upgrade,
    Downgrade,
}

/// One package that changes.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) kind: ChangeKind,
    pub(crate) old: Option<PrefixRecord>,
    pub(crate) new: Option<RepoDataRecord>,
}

/// All that changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// Sorted by name.
    pub(crate) all: Vec<Change>,
}

impl Change {
    fn removal(old: PrefixRecord) -> Self {
        Self { kind: ChangeKind::Remove, old: Some(old), new: None }
    }

    fn install(new: RepoDataRecord) -> Self {
        Self { kind: ChangeKind::Install, old: None, new: Some(new) }
    }

    fn replace(old: PrefixRecord, new: RepoDataRecord) -> Self {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order = new.package_record.version.cmp(&old.repodata_record.package_record.version);
        let kind = match order {
            Greater => ChangeKind::Upgrade,
            Less => ChangeKind::Downgrade,
            Equal if is_same(&old.repodata_record, &new) => ChangeKind::Reinstall,
            Equal => ChangeKind::Change,
        };
        Self { kind, old: Some(old), new: Some(new) }
    }

    /// The record to show: the new one, else the old.
    pub(crate) fn record(&self) -> Option<&RepoDataRecord> {
        self.new.as_ref().or(self.old.as_ref().map(|old| &old.repodata_record))
    }

    /// The package's name.
    pub(crate) fn name(&self) -> &str {
        self.record().map_or("", |record| record.package_record.name.as_normalized())
    }
}

impl Changes {
    /// From what is installed to `wanted`. Packages for which `reinstall` says so are linked anew even if nothing
    /// changes; those that python's minor version decides about, too, if that changes.
    pub(crate) fn between(
        installed: &[PrefixRecord],
        wanted: Vec<RepoDataRecord>,
        reinstall: &dyn Fn(&str) -> bool,
    ) -> Self {
        let python_moves =
            python_of(installed.iter().map(|old| &old.repodata_record)) != python_of(wanted.iter());
        let mut left: Vec<Option<&PrefixRecord>> = installed.iter().map(Some).collect();
        let mut all = Vec::new();
        for new in wanted {
            let name = &new.package_record.name;
            let old =
                left.iter_mut().find(|old| old.is_some_and(|old| old.name() == name)).and_then(Option::take);
            let anew =
                reinstall(name.as_normalized()) || python_moves && new.package_record.noarch.is_python();
            match old {
                None => all.push(Change::install(new)),
                Some(old) if anew || !is_same(&old.repodata_record, &new) => {
                    all.push(Change::replace(old.clone(), new));
                }
                Some(_) => {}
            }
        }
        all.extend(left.into_iter().flatten().cloned().map(Change::removal));
        Self::sorted(all)
    }

    /// Nothing but removals.
    pub(crate) fn removing(records: impl IntoIterator<Item = PrefixRecord>) -> Self {
        Self::sorted(records.into_iter().map(Change::removal).collect())
    }

    fn sorted(mut all: Vec<Change>) -> Self {
        all.sort_by(|a, b| a.name().cmp(b.name()));
        Self { all }
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Leaves out the changes that are not wanted.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Change) -> bool) {
        self.all.retain(keep);
    }

    /// What has to be linked, dependencies first.
    pub(crate) fn to_link(&self) -> Vec<RepoDataRecord> {
        let new: Vec<RepoDataRecord> = self.all.iter().filter_map(|change| change.new.clone()).collect();
        PackageRecord::sort_topologically(new)
    }

    /// What has to be unlinked, dependencies last.
    pub(crate) fn to_unlink(&self) -> Vec<PrefixRecord> {
        let old: Vec<PrefixRecord> = self.all.iter().filter_map(|change| change.old.clone()).collect();
        let mut sorted = PackageRecord::sort_topologically(old);
        sorted.reverse();
        sorted
    }
}

/// Whether two records mean the same archive: by hash where both have one.
pub(crate) fn is_same(old: &RepoDataRecord, new: &RepoDataRecord) -> bool {
    let (old_package, new_package) = (&old.package_record, &new.package_record);
    let same_name = old_package.name == new_package.name
        && old_package.version == new_package.version
        && old_package.build == new_package.build;
    let same_bytes = match (old_package.sha256, new_package.sha256, old_package.md5, new_package.md5) {
        (Some(old), Some(new), ..) => old == new,
        (_, _, Some(old), Some(new)) => old == new,
        // Old records may hold no hash: then the channel has to do.
        _ => mambox_env::strip_credentials(&old.url) == mambox_env::strip_credentials(&new.url),
    };
    same_name && same_bytes
}

/// Major and minor version of python among records.
fn python_of<'a>(mut records: impl Iterator<Item = &'a RepoDataRecord>) -> Option<(u64, u64)> {
    let python = records.find(|record| record.package_record.name.as_normalized() == "python")?;
    python.package_record.version.version().as_major_minor()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{noarch_python, prefix_record, record};

    fn show(changes: &Changes) -> String {
        changes
            .all
            .iter()
            .map(|change| format!("{:?} {}", change.kind, change.name()))
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn every_kind_of_change_has_its_name() {
        let old = ["same", "up", "down", "gone"].map(|name| prefix_record(record(name, "2")));
        let wanted = vec![record("same", "2"), record("up", "3"), record("down", "1"), record("new", "1")];
        let changes = Changes::between(&old, wanted.clone(), &|_| false);
        assert_eq!(show(&changes), "Downgrade down, Remove gone, Install new, Upgrade up");
        let again = Changes::between(&old, wanted, &|name| name == "same");
        assert!(show(&again).contains("Reinstall same"));
    }

    /// A noarch package lies below `lib/python3.12`, so that another minor version moves it.
    #[test]
    fn another_python_moves_noarch_packages() {
        let old = [prefix_record(record("python", "3.12.1")), prefix_record(noarch_python("six", "1"))];
        let wanted = |python| vec![record("python", python), noarch_python("six", "1")];
        assert_eq!(show(&Changes::between(&old, wanted("3.12.9"), &|_| false)), "Upgrade python");
        assert_eq!(
            show(&Changes::between(&old, wanted("3.13.0"), &|_| false)),
            "Upgrade python, Reinstall six"
        );
    }
}
