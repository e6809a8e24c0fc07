//! Is a newer micromamba there than the one that is published?

use std::collections::BTreeSet;

use serde::Serialize;

/// A regular version: three numbers, and nothing of a pre-, post- or development release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Regular([u64; 3]);

impl Regular {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        });
        let version = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(Self(version))
    }

    fn text(self) -> String {
        self.0.map(|number| number.to_string()).join(".")
    }
}

/// What is there, and what is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionCheck {
    /// The newest regular version that the channel has for every platform.
    pub available: Option<String>,
    /// The newest regular version among the registry's tags.
    pub published: Option<String>,
    /// Whether the first is newer than the second.
    pub bump_due: bool,
}

/// Compares the versions that a channel has, a list for each platform, with a repository's tags.
pub fn check_version(versions: &[Vec<String>], tags: &[String]) -> VersionCheck {
    let regular = |list: &Vec<String>| list.iter().filter_map(|v| Regular::parse(v)).collect::<BTreeSet<_>>();
    let everywhere = versions.iter().map(regular).reduce(|a, b| a.intersection(&b).copied().collect());
    let available = everywhere.unwrap_or_default().pop_last();
    let published = tags.iter().filter_map(|tag| Regular::parse(tag)).max();
    VersionCheck {
        available: available.map(Regular::text),
        published: published.map(Regular::text),
        bump_due: available > published,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(versions: &[&[&str]], tags: &[&str]) -> (Option<String>, Option<String>, bool) {
        let list = |list: &[&str]| list.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        let versions: Vec<_> = versions.iter().map(|of| list(of)).collect();
        let check = check_version(&versions, &list(tags));
        (check.available, check.published, check.bump_due)
    }

    #[test]
    fn a_version_counts_when_all_platforms_have_it() {
        let versions: &[&[&str]] = &[&["2.6.1", "2.9.0", "2.10.0"], &["2.6.1", "2.9.0"]];
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(check(versions, &["2.6.1", "latest"]), (some("2.9.0"), some("2.6.1"), true));
        assert_eq!(check(versions, &["2.9.0", "2.9"]), (some("2.9.0"), some("2.9.0"), false));
        assert_eq!(check(versions, &["2.10.0"]), (some("2.9.0"), some("2.10.0"), false));
        assert_eq!(check(versions, &[]), (some("2.9.0"), None, true));
    }

    #[test]
    fn releases_that_are_none_do_not_count() {
        let odd: &[&[&str]] =
            &[&["2.9.0rc1", "2.9.0.dev1", "2.9.0.post1", "2.9", "v2.9.0", "2.9.x", "2.9.0-1"]];
        assert_eq!(check(odd, &["git-0123456", "2.9.0-alpine3.22"]), (None, None, false));
        assert_eq!(check(&[], &[]), (None, None, false));
    }
}
