//! `PATH` as the list of folders it is.

use std::collections::BTreeSet;

/// The folders of a `PATH`; none where it is empty.
pub(crate) fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.split(':').filter(|_| !path.is_empty())
}

/// Each folder where it comes first, and no second time.
pub(crate) fn once<'a>(folders: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    folders.into_iter().filter(|folder| seen.insert(*folder)).collect()
}

/// What was put in front of `before` and behind it, if `after` is nothing else.
pub(crate) fn put_around<'a>(before: &str, after: &'a str) -> Option<(Vec<&'a str>, Vec<&'a str>)> {
    let before: Vec<&str> = folders(before).collect();
    let after: Vec<&str> = folders(after).collect();
    let start = (0..=after.len().checked_sub(before.len())?)
        .find(|start| after[*start..*start + before.len()] == before)?;
    let (first, rest) = after.split_at(start);
    Some((first.to_vec(), rest[before.len()..].to_vec()))
}

/// Takes out folders that were put somewhere in front, and says where: as one run, or where somebody
/// has moved them, each for itself.
pub(crate) fn remove_first(all: &mut Vec<&str>, folders: &[&str]) -> usize {
    if let Some(place) = (0..all.len()).find(|place| all[*place..].starts_with(folders)) {
        all.drain(place..place + folders.len());
        return place;
    }
    let mut place = 0;
    for folder in folders {
        if let Some(found) = all.iter().position(|other| other == folder) {
            all.remove(found);
            place = found;
        }
    }
    place
}

/// Takes out folders that were put behind all others, each where it comes last.
pub(crate) fn remove_last(all: &mut Vec<&str>, folders: &[&str]) {
    for folder in folders {
        if let Some(found) = all.iter().rposition(|other| other == folder) {
            all.remove(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_put_around() {
        let around = |before: &str, after: &str| {
            put_around(before, after).map_or("nothing else".to_owned(), |(first, last)| {
                format!("{} | {}", first.join(":"), last.join(":"))
            })
        };
        assert_eq!(around("/a:/b", "/a:/b"), " | ");
        assert_eq!(around("/a:/b", "/x:/y:/a:/b:/z"), "/x:/y | /z");
        assert_eq!(around("", "/x:/y"), " | /x:/y");
        for other in ["/a", "/b:/a", "/a:/x:/b", "/x:/a", ""] {
            assert_eq!(around("/a:/b", other), "nothing else", "{other}");
        }
    }
}
