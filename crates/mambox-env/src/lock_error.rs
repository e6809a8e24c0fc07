//! What can be wrong with a lock.

use rattler_conda_types::Subdir;
use thiserror::Error;

/// A lock that cannot be used, and why.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// A package without sha256 and md5 cannot be checked after its download.
    #[error("{package} has neither a sha256 nor an md5 hash, so its archive could not be checked ({url})")]
    NoHash {
        /// `name-version-build`
        package: String,
        /// Its URL without credentials
        url: String,
    },
    /// The name of an archive.
    #[error("the package's file name '{file_name}' cannot be used: {why} ({url})")]
    FileName {
        /// The name, with control characters escaped
        file_name: String,
        /// Its URL without credentials
        url: String,
        /// The reason
        why: String,
    },
    /// A name, version or build string that could not be part of a file name.
    #[error("the {field} '{value}' of a package cannot be part of a file name ({url})")]
    RecordField {
        /// `name`, `version` or `build`
        field: &'static str,
        /// The value, with control characters escaped
        value: String,
        /// The package's URL without credentials
        url: String,
    },
    /// Two packages of one name.
    #[error("{package} occurs more than once for {platform}; an environment holds one package of a name")]
    DuplicatePackage {
        /// Normalised name
        package: String,
        /// The lock's platform
        platform: Subdir,
    },
    /// A package of another platform.
    #[error("{package} is for '{subdir}', which is neither {platform} nor noarch")]
    ForeignPlatform {
        /// `name-version-build`
        package: String,
        /// The package's platform
        subdir: String,
        /// The lock's platform
        platform: Subdir,
    },
    /// Beyond any real environment.
    #[error("{count} packages are too many for a lock (at most {most})")]
    TooManyPackages {
        /// How many there are
        count: usize,
        /// How many may be
        most: usize,
    },
    /// A file that is too large to be a lock.
    #[error("{file}: {size} bytes are too many for a lock file (at most {most})")]
    TooLarge {
        /// The file
        file: String,
        /// Its size in bytes
        size: usize,
        /// Most bytes allowed
        most: usize,
    },
    /// Not a lock file at all, or of a version that is not known.
    #[error("{file} is no lock file that can be read: {why}")]
    Unreadable {
        /// The file
        file: String,
        /// The parser's words
        why: String,
    },
    /// The chosen environment is missing.
    #[error("{file} has no environment '{environment}'; it has: {available}")]
    UnknownEnvironment {
        /// The file
        file: String,
        /// The one asked for
        environment: String,
        /// The ones there, separated by commas
        available: String,
    },
    /// The chosen platform is missing.
    #[error(
        "{file} holds no packages for {platform} in environment '{environment}'; it has: {available}. \
         Lock again with --platform {platform}"
    )]
    UnknownPlatform {
        /// The file
        file: String,
        /// The one asked for
        platform: Subdir,
        /// The environment
        environment: String,
        /// The platforms there, separated by commas
        available: String,
    },
    /// Several platforms of the wanted kind.
    #[error(
        "{file} holds several platforms for {platform} ({names}), none of that name, so it is not clear which one \
         is meant. Rename one to {platform} and lock again"
    )]
    AmbiguousPlatform {
        /// The file
        file: String,
        /// The one asked for
        platform: Subdir,
        /// The names there, separated by commas
        names: String,
    },
    /// A package that would have to be built first.
    #[error(
        "{file}: {package} is to be built from source ({location}); only finished conda packages can be used"
    )]
    SourcePackage {
        /// The file
        file: String,
        /// The package's name
        package: String,
        /// Where its source lies
        location: String,
    },
    /// A path that is relative to a folder that is not known.
    #[error("{file}: cannot tell where the package '{location}' lies; write an absolute path or a URL")]
    Location {
        /// The file
        file: String,
        /// The path as written
        location: String,
    },
    /// A `file:` URL that names another machine or is no UTF-8.
    #[error("'{url}' is no path on this machine; give the channel as a folder that is mounted here")]
    FileUrl {
        /// The URL
        url: String,
    },
    /// One of the packages of a lock file.
    #[error("{file}: {error}")]
    InFile {
        /// The file
        file: String,
        /// What is wrong with the package
        #[source]
        error: Box<LockError>,
    },
    /// Two locks for one platform in one file.
    #[error("there are two locks for {platform}")]
    DuplicatePlatform {
        /// The platform
        platform: Subdir,
    },
    /// A distribution of PyPI's kind that cannot be used.
    #[error("the pip package {package} cannot be used: {why}")]
    PipPackage {
        /// Its name, perhaps with its version
        package: String,
        /// The reason
        why: String,
    },
    /// The lock could not be written as text.
    #[error("the lock cannot be written: {0}")]
    Write(String),
}
