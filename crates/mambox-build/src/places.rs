//! Where paths of our layers really are in the base below, and what its folders look like.
//!
//! A layer that says `bin/` where the base has a link `bin -> usr/bin` makes engines replace the link by
//! a folder, and the image loses its shell and its dynamic loader; one that says `tmp/` resets the mode
//! of `/tmp`. So links of the base are followed, and its folders keep their owners and modes.

use std::collections::BTreeMap;

use mambox_transport::{FoundFile, Wanted};
use serde::{Deserialize, Serialize};

/// What a base has at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The path with all links followed.
    pub real: String,
    /// A folder, or else a file.
    pub is_folder: bool,
    /// Permission bits.
    pub mode: u32,
    /// User and group.
    pub owner: (u64, u64),
}

/// Places by the paths that were asked for; what the base lacks is missing.
pub type Places = BTreeMap<String, Place>;

/// The question for [`places`].
pub(crate) fn wanted<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<Wanted> {
    paths.into_iter().map(|path| Wanted::new(escape(path), 0)).collect()
}

/// A `*` in a name would be taken for a pattern; such a path is not looked for, and its parents are.
fn escape(path: &str) -> &str {
    path.find('*').map_or(path, |star| path[..star].rfind('/').map_or("", |slash| &path[..slash]))
}

/// What was found.
pub(crate) fn places(found: &BTreeMap<String, FoundFile>) -> Places {
    let place = |file: &FoundFile| Place {
        real: file.real_path.clone(),
        is_folder: file.is_folder,
        mode: file.mode,
        owner: (file.uid, file.gid),
    };
    found.iter().map(|(path, file)| (path.clone(), place(file))).collect()
}

/// All folders above a path, the outermost first.
pub(crate) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// Where a path is to be written: links in its parents are followed, the last part stays itself.
pub(crate) fn real(path: &str, places: &Places) -> String {
    let Some((parent, name)) = path.rsplit_once('/') else { return path.into() };
    let parent = match places.get(parent) {
        Some(place) if place.is_folder => place.real.clone(),
        _ => real(parent, places),
    };
    if parent.is_empty() { name.into() } else { format!("{parent}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_the_parents_are_followed() {
        let folder = |real: &str| Place { real: real.into(), is_folder: true, mode: 0o755, owner: (0, 0) };
        let places = Places::from([("bin".into(), folder("usr/bin")), ("root".into(), folder(""))]);
        assert_eq!(real("bin/tool", &places), "usr/bin/tool");
        assert_eq!(real("bin/new/sub/tool", &places), "usr/bin/new/sub/tool");
        assert_eq!(real("bin", &places), "bin");
        assert_eq!(real("root/x", &places), "x");
        assert_eq!(parents("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
