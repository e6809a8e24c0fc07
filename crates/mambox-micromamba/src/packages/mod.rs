//! The package cache (`pkgs_dirs`): archives and extracted packages, in micromamba's layout.

mod clean;
mod extract;
mod layout;
mod obtain;
mod store;

pub(crate) use clean::{
    Cleaned, clean_index, clean_locks, clean_packages, clean_tarballs, remove_folder, size_of,
};
pub(crate) use obtain::{Obtained, Source};
pub(crate) use store::PackageDirs;
