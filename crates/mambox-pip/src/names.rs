//! What conda packages are called on PyPI.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Conda's names and PyPI's; see the head of the file.
const TABLE: &str = include_str!("../data/conda-pypi.tsv");

/// What stands for "no Python distribution".
const NONE: &str = "-";

static NAMES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (conda, pypi) in rows() {
        let known = names.entry(conda).or_default();
        if pypi != NONE {
            known.push(pypi);
        }
    }
    names
});

/// The distributions that a conda package brings under other names; empty where it is none in spite of its name, and
/// `None` where the table does not know it.
pub(crate) fn pypi_names(conda: &str) -> Option<&'static [&'static str]> {
    NAMES.get(conda).map(Vec::as_slice)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use mambox_env::normalize_pip_name;
    use rattler_conda_types::PackageName;

    use super::*;

    #[test]
    fn some_have_another_name_some_have_two_and_some_are_none() {
        assert_eq!(pypi_names("pytorch"), Some(&["torch"][..]));
        assert_eq!(pypi_names("py-opencv"), Some(&["opencv-python", "opencv-python-headless"][..]));
        assert_eq!(pypi_names("tzdata"), Some(&[][..]));
        assert_eq!(pypi_names("numpy"), None);
    }

    #[test]
    fn rows_are_well_formed_sorted_and_unique() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 100, "{}", lines.len());
        let all: Vec<_> = rows().collect();
        assert_eq!(all.len(), lines.len(), "every row has a tab");
        assert!(all.is_sorted_by(|a, b| a < b), "rows are sorted and unique");
        for (conda, pypi) in all {
            let name = PackageName::try_from(conda).unwrap();
            assert_eq!(name.as_normalized(), conda);
            if pypi != NONE {
                assert_eq!(normalize_pip_name(pypi).unwrap(), pypi, "PyPI's name of {conda} is normalised");
            }
        }
    }

    /// Two rows with `-` and a name would contradict each other.
    #[test]
    fn what_is_no_distribution_has_no_other_row() {
        for (conda, _) in rows().filter(|(_, pypi)| *pypi == NONE) {
            assert_eq!(rows().filter(|(other, _)| *other == conda).count(), 1, "{conda}");
        }
    }
}
