//! Extracts archives into the package cache: hashed in the same pass, visible only when whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rattler_conda_types::RepoDataRecord;
use rattler_package_streaming::{ExtractError, ExtractResult, read};

use super::layout;
use super::store::is_of;
use crate::failure::Failure;

/// Why an archive could not be extracted.
pub(crate) enum Unusable {
    /// Its bytes are not those that the record names, or make no package. Another copy may be right.
    Damaged(String),
    /// The disk, or a permission.
    Failed(Failure),
}

/// Extracts `archive` below `folder`; returns the folder of the package. `record` gains the hashes and the size that
/// it lacks.
pub(crate) fn extract(
    archive: &Path,
    folder: &Path,
    record: &mut RepoDataRecord,
) -> Result<PathBuf, Unusable> {
    let name = layout::file_name(record);
    let stem = layout::stem(&name).to_owned();
    let failed = |error: io::Error| Unusable::Failed(disk_failure(folder, &name, &error));
    let temporary =
        tempfile::Builder::new().prefix(&format!(".{stem}-")).tempdir_in(folder).map_err(failed)?;
    let content = temporary.path().join("package");
    let result = unpack(archive, &content).map_err(|error| of_extract_error(error, folder, &name))?;
    check(&result, record, archive).map_err(Unusable::Damaged)?;
    note_what_came(record, &result);
    write_record(&content, record).map_err(failed)?;
    readable(&content).map_err(failed)?;
    let path = folder.join(&stem);
    publish(&content, &path, record).map_err(failed)?;
    Ok(path)
}

fn unpack(archive: &Path, content: &Path) -> Result<ExtractResult, ExtractError> {
    let file = File::open(archive)?;
    if archive.extension().is_some_and(|ending| ending == "conda") {
        // Some archives are zip files that cannot be read front to back.
        return match read::extract_conda_via_streaming(&file, content) {
            Err(ExtractError::UnsupportedCompressionMethod | ExtractError::ZipError(_)) => {
                read::extract_conda_via_buffering(File::open(archive)?, content)
            }
            result => result,
        };
    }
    read::extract_tar_bz2(file, content)
}

/// By sha256, by md5 where the record has nothing else.
fn check(result: &ExtractResult, record: &RepoDataRecord, archive: &Path) -> Result<(), String> {
    let wanted = &record.package_record;
    let wrong = |algorithm: &str, wanted: String, actual: String| {
        let archive = archive.display();
        Err(format!("{archive} has the wrong {algorithm}: expected {wanted}, got {actual}"))
    };
    match (&wanted.sha256, &wanted.md5) {
        (Some(sha256), _) if *sha256 != result.sha256 => {
            wrong("sha256", hex::encode(sha256), hex::encode(result.sha256))
        }
        (None, Some(md5)) if *md5 != result.md5 => wrong("md5", hex::encode(md5), hex::encode(result.md5)),
        _ => Ok(()),
    }
}

fn note_what_came(record: &mut RepoDataRecord, result: &ExtractResult) {
    let package = &mut record.package_record;
    package.sha256 = Some(result.sha256);
    package.md5.get_or_insert(result.md5);
    package.size.get_or_insert(result.total_size);
}

/// Its presence says that the folder is whole.
fn write_record(content: &Path, record: &RepoDataRecord) -> io::Result<()> {
    let mut clean = record.clone();
    clean.url = mambox_env::strip_credentials(&clean.url);
    let text = serde_json::to_vec_pretty(&clean)?;
    fs::create_dir_all(content.join("info"))?;
    fs::write(content.join("info/repodata_record.json"), text)
}

/// Temporary folders are private; a package cache is shared.
fn readable(content: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(content)?.permissions().mode();
    fs::set_permissions(content, fs::Permissions::from_mode(mode | 0o755))
}

/// Puts the folder in its place. Where another process was quicker with the same package, its folder stays, since it links
/// from it now. Any other folder there goes: another build of that name, or half of one.
fn publish(content: &Path, path: &Path, record: &RepoDataRecord) -> io::Result<()> {
    for _ in 0..3 {
        match fs::rename(content, path) {
            Ok(()) => return Ok(()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                ) =>
            {
                if is_of(path, record) {
                    return Ok(());
                }
                let parent = path.parent().unwrap_or(Path::new("."));
                let old = tempfile::Builder::new().prefix(".old-").tempdir_in(parent)?;
                match fs::rename(path, old.path().join("package")) {
                    // Another process was quicker.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    other => other?,
                }
            }
            Err(error) => return Err(error),
        }
    }
    fs::rename(content, path)
}

fn of_extract_error(error: ExtractError, folder: &Path, name: &str) -> Unusable {
    let disk = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::PermissionDenied
                | io::ErrorKind::ReadOnlyFilesystem
        )
    };
    match &error {
        ExtractError::IoError(inner) | ExtractError::CouldNotCreateDestination(inner) if disk(inner) => {
            Unusable::Failed(disk_failure(folder, name, inner))
        }
        error => {
            let mut text = format!("{name} cannot be extracted: {error}");
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                text.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            Unusable::Damaged(text)
        }
    }
}

fn disk_failure(folder: &Path, name: &str, error: &io::Error) -> Failure {
    let folder = folder.display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::Message(format!(
            "the disk is full: {name} cannot be extracted to {folder}; free space, or name another package cache with \
             CONDA_PKGS_DIRS"
        )),
        _ => Failure::Message(format!("cannot extract {name} to {folder}: {error}")),
    }
}

/// For callers that have no second copy.
impl Unusable {
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Damaged(text) => Failure::Message(text),
            Self::Failed(failure) => failure,
        }
    }
}
