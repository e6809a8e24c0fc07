//! Paths that more than one package claims.
//!
//! The winner is the one that rattler's clobber rule names: the last in the order of linking, which is topological, so a
//! dependent wins over its dependency. Where one has a file and another a directory, whoever of all that have something
//! at or below the path comes last decides which it is.

use std::collections::BTreeSet;

/// What one package would install.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Place in the order of linking; of two with the same place, the one behind in the list is the later.
    pub rank: usize,
    /// Relative to the prefix; a directory's path ends in a slash.
    pub paths: &'a [String],
    /// `.pyc` files that may be made.
    pub compiled: &'a [String],
}

/// A path that several packages claim; packages are told by their index in the list of claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Relative to the prefix.
    pub path: String,
    /// Whose file is installed.
    pub winner: usize,
    /// Whose files are left out.
    pub losers: BTreeSet<usize>,
}

/// Who gets what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlaps {
    /// By path.
    pub overlaps: Vec<Overlap>,
    /// For each claim, the paths to leave out.
    pub masked: Vec<BTreeSet<String>>,
    /// For each claim, the `.pyc` files not to make, since some package ships something in their place.
    pub not_compiled: Vec<BTreeSet<String>>,
}

/// Compares the claims of packages.
pub fn resolve(claims: &[Claim<'_>]) -> Overlaps {
    let mut entries = Vec::with_capacity(claims.iter().map(|claim| claim.paths.len()).sum());
    for (index, claim) in claims.iter().enumerate() {
        let rank = (claim.rank, index);
        entries.extend(claim.paths.iter().map(|path| Entry { path, rank, masked: false }));
    }
    entries.sort_by(|a, b| (a.path, a.rank).cmp(&(b.path, b.rank)));
    Arena { entries }.resolve(claims)
}

struct Entry<'a> {
    path: &'a str,
    rank: (usize, usize),
    masked: bool,
}

/// All claims of all packages, by path and rank.
struct Arena<'a> {
    entries: Vec<Entry<'a>>,
}

impl Arena<'_> {
    fn resolve(mut self, claims: &[Claim<'_>]) -> Overlaps {
        let mut overlaps = Vec::new();
        let mut at = 0;
        while at < self.entries.len() {
            let path = self.entries[at].path;
            let end = at + self.entries[at..].partition_point(|entry| entry.path == path);
            // Directories may be claimed by many; only a file in their place is a conflict.
            if !path.ends_with('/') {
                overlaps.extend(self.decide(at, end));
            }
            at = end;
        }
        let mut masked = vec![BTreeSet::new(); claims.len()];
        for entry in self.entries.iter().filter(|entry| entry.masked) {
            masked[entry.rank.1].insert(entry.path.trim_end_matches('/').to_owned());
        }
        // A `.pyc` that some package ships stays, whoever ships it: what is made here yields.
        let taken =
            |claim: &Claim<'_>| claim.compiled.iter().filter(|pyc| self.is_taken(pyc)).cloned().collect();
        Overlaps { overlaps, masked, not_compiled: claims.iter().map(taken).collect() }
    }

    /// Whether a package has something at a path, below it, or a file in place of its folder.
    fn is_taken(&self, path: &str) -> bool {
        let has = |wanted: &str| {
            let at = self.entries.partition_point(|entry| entry.path < wanted);
            self.entries[at..].first().is_some_and(|entry| entry.path == wanted)
        };
        let below = format!("{path}/");
        let at = self.entries.partition_point(|entry| entry.path < below.as_str());
        let above = path.rsplit_once('/').is_some_and(|(folder, _)| has(folder));
        has(path) || above || self.entries[at..].first().is_some_and(|entry| entry.path.starts_with(&below))
    }

    /// Decides about one path, whose claims are `at..end`; what is claimed below it lies further on.
    fn decide(&mut self, at: usize, end: usize) -> Option<Overlap> {
        let path = self.entries[at].path;
        let below = format!("{path}/");
        let start = end + self.entries[end..].partition_point(|entry| entry.path < below.as_str());
        let stop = start + self.entries[start..].partition_point(|entry| entry.path.starts_with(&below));
        let claimed: Vec<usize> =
            (at..end).chain(start..stop).filter(|index| !self.entries[*index].masked).collect();
        let winner = claimed.iter().copied().max_by_key(|index| self.entries[*index].rank)?;
        let as_file = winner < end;
        let loses = |index: &usize| {
            let entry = &self.entries[*index];
            let other = entry.rank != self.entries[winner].rank;
            if as_file { other } else { *index < end }
        };
        let losing: Vec<usize> = claimed.into_iter().filter(loses).collect();
        let claim = |index: usize| self.entries[index].rank.1;
        let losers: BTreeSet<usize> = losing.iter().map(|index| claim(*index)).collect();
        let overlap = Overlap { path: path.to_owned(), winner: claim(winner), losers };
        losing.iter().for_each(|index| self.entries[*index].masked = true);
        (!losing.is_empty()).then_some(overlap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each claim as `paths` and `compiled`, in the order of linking.
    fn told(claims: &[(&[&str], &[&str])]) -> String {
        let owned: Vec<(Vec<String>, Vec<String>)> = claims
            .iter()
            .map(|(paths, compiled)| {
                let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
                (own(paths), own(compiled))
            })
            .collect();
        let claims: Vec<Claim<'_>> = owned
            .iter()
            .enumerate()
            .map(|(rank, (paths, compiled))| Claim { rank, paths, compiled })
            .collect();
        let Overlaps { overlaps, masked, not_compiled } = resolve(&claims);
        let overlaps = overlaps.iter().map(|o| format!("{}: {} over {:?}\n", o.path, o.winner, o.losers));
        format!("{}masked {masked:?}\nnot compiled {not_compiled:?}", overlaps.collect::<String>())
    }

    #[test]
    fn the_last_one_wins_a_file_and_folders_are_shared() {
        insta::assert_snapshot!(
            told(&[(&["a/", "a/x"], &[]), (&["a/", "a/x"], &[]), (&["a/", "a/y"], &[])]),
            @r#"
        a/x: 1 over {0}
        masked [{"a/x"}, {}, {}]
        not compiled [{}, {}, {}]
        "#
        );
    }

    #[test]
    fn where_a_file_meets_a_folder_the_last_one_of_all_decides() {
        insta::assert_snapshot!(told(&[(&["a/x"], &[]), (&["a"], &[]), (&["a/y"], &[])]), @r#"
        a: 2 over {1}
        masked [{}, {"a"}, {}]
        not compiled [{}, {}, {}]
        "#);
        insta::assert_snapshot!(told(&[(&["a/x"], &[]), (&["a/y"], &[]), (&["a"], &[])]), @r#"
        a: 2 over {0, 1}
        masked [{"a/x"}, {"a/y"}, {}]
        not compiled [{}, {}, {}]
        "#);
    }

    #[test]
    fn bytecode_that_somebody_ships_is_not_made() {
        insta::assert_snapshot!(told(&[(&["m/x.pyc"], &[]), (&["x.py"], &["m/x.pyc", "m/y.pyc"])]), @r#"
        masked [{}, {}]
        not compiled [{}, {"m/x.pyc"}]
        "#);
    }
}
