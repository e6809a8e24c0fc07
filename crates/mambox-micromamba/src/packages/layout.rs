//! Where a package lies within a package cache.
//!
//! Since micromamba 2.6 that is `<scheme>/<host>/<channel>/<subdir>/`, so that two channels' packages of one name
//! do not fight; before, and in conda, everything lay flat. New packages go to the former, both are read.

use std::path::{Path, PathBuf};

use mambox_env::strip_credentials;
use rattler_conda_types::RepoDataRecord;
use url::Url;

/// Archive endings that conda knows.
const ENDINGS: [&str; 2] = [".conda", ".tar.bz2"];

/// A package's places in one cache folder, the preferred one first.
pub(crate) fn folders(cache: &Path, record: &RepoDataRecord) -> [PathBuf; 2] {
    [nested(cache, &record.url), cache.to_path_buf()]
}

/// The folder of a channel's subdir.
pub(crate) fn nested(cache: &Path, package: &Url) -> PathBuf {
    let url = strip_credentials(package);
    let mut folder = cache.join(url.scheme());
    if let Some(host) = url.host_str() {
        let port = url.port().map(|port| format!("_{port}")).unwrap_or_default();
        folder.push(format!("{host}{port}"));
    }
    let segments: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    let (_file, above) = segments.split_last().unwrap_or((&"", &[]));
    // Segments of a parsed URL hold no slash and no `..`; what is odd in other ways is nobody's channel.
    folder.extend(above.iter().filter(|segment| !segment.is_empty()));
    folder
}

/// The archive's file name without its ending: the extracted folder's name.
pub(crate) fn stem(file_name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| file_name.strip_suffix(ending)).unwrap_or(file_name)
}

/// Whether a file is an archive by its name.
pub(crate) fn is_archive(file_name: &str) -> bool {
    ENDINGS.iter().any(|ending| file_name.ends_with(ending))
}

/// The last segment of a package's URL, which names its archive.
pub(crate) fn file_name(record: &RepoDataRecord) -> String {
    record.identifier.to_file_name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> String {
        nested(Path::new("/pkgs"), &Url::parse(url).unwrap()).display().to_string()
    }

    /// The micromamba reference, section 6.
    #[test]
    fn channels_have_folders_of_their_own() {
        assert_eq!(
            of("https://h.org/conda-forge/noarch/a-1-0.conda"),
            "/pkgs/https/h.org/conda-forge/noarch"
        );
        assert_eq!(of("http://h:81/c/noarch/a-1-0.conda"), "/pkgs/http/h_81/c/noarch");
        assert_eq!(of("file:///srv/channel/linux-64/a-1-0.tar.bz2"), "/pkgs/file/srv/channel/linux-64");
    }

    #[test]
    fn credentials_name_no_folder() {
        assert_eq!(of("https://u:p@h.org/t/tk-1/c/noarch/a-1-0.conda"), "/pkgs/https/h.org/c/noarch");
    }

    #[test]
    fn nothing_leads_out() {
        assert_eq!(of("https://h.org/../../c/noarch/a-1-0.conda"), "/pkgs/https/h.org/c/noarch");
    }
}
