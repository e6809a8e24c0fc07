//! `_dockerfile_setup_root_prefix.sh`: a root prefix in which every user can make environments.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::open;
use crate::prefix::DEFAULT_ROOT_PREFIX;
use crate::world::World;

/// Why a root prefix cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootPrefixError {
    /// A relative path depends on where the program is called.
    #[error("MAMBA_ROOT_PREFIX={0:?} is no absolute path below /: set it to one, such as /opt/conda")]
    Path(String),
    /// A folder cannot be made or opened.
    #[error("cannot make {} readable and writable by all: {source}; put USER root before this RUN", path.display())]
    Io {
        /// The prefix.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Makes `MAMBA_ROOT_PREFIX` (`/opt/conda`) with its `conda-meta`, and lets everybody read, write and
/// search all that is in it.
pub(crate) fn set_up(world: &World) -> Result<(), RootPrefixError> {
    let prefix = world.variable("MAMBA_ROOT_PREFIX").unwrap_or(DEFAULT_ROOT_PREFIX);
    // Opening `/` to all would undo the image's safety.
    let proper =
        prefix.starts_with('/') && !prefix.trim_matches(['/', '.']).is_empty() && !prefix.contains("..");
    if !proper {
        return Err(RootPrefixError::Path(prefix.into()));
    }
    let path = world.root.at(prefix);
    fs::create_dir_all(path.join("conda-meta"))
        .and_then(|()| open::tree_to_all(&path))
        .map_err(|source| RootPrefixError::Io { path: prefix.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn everybody_may_write_the_prefix() {
        let image = Image::new(&[]);
        let world = image.world(&[("MAMBA_ROOT_PREFIX", "/srv/conda")]);
        for _ in 0..2 {
            set_up(&world).unwrap();
        }
        let mode = |path: &str| fs::metadata(world.root.at(path)).unwrap().permissions().mode();
        for path in ["/srv/conda", "/srv/conda/conda-meta"] {
            assert_eq!(mode(path) & 0o777, 0o777, "{path}");
        }
        assert_eq!(mode("/srv") & 0o002, 0, "only the prefix is opened");
    }

    #[test]
    fn a_prefix_that_is_no_place_of_its_own_is_refused() {
        let image = Image::new(&[]);
        for prefix in ["conda", "/", "//", "/.", "/opt/../.."] {
            let error = set_up(&image.world(&[("MAMBA_ROOT_PREFIX", prefix)])).unwrap_err().to_string();
            assert!(error.contains(prefix), "{error}");
        }
    }
}
