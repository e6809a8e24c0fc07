//! What images are made of besides their bases: programs, and packages for what a base lacks.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mambox_build::{Context, program_for};
use mambox_oci::{Digest, Platform};
use mambox_resolve::Resolver;
use url::Url;

use crate::error::ImagesError;
use crate::family::Package;

/// The largest programs that are taken for one.
const MAX_PROGRAM: u64 = 64 << 20;
/// libc6 has a tenth of it.
const MAX_DEB: u64 = 64 << 20;

/// Where parts of images are looked for; the command fills it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The folder of `images.toml`, beside which packages may lie.
    pub folder: PathBuf,
    /// A mirror of Debian's archive, for packages that do not.
    pub mirror: Option<Url>,
    /// Files that may be `mambox-init`, the best first; `NAME-arm64` and the like are looked for as well.
    pub entry_programs: Vec<PathBuf>,
    /// Files that may be our micromamba.
    pub micromambas: Vec<PathBuf>,
}

impl Sources {
    pub(crate) fn entry_program(&self, platform: &Platform) -> Result<Vec<u8>, ImagesError> {
        program("mambox-init", platform, &self.entry_programs)
    }

    pub(crate) fn micromamba(&self, platform: &Platform) -> Result<Vec<u8>, ImagesError> {
        program("micromamba", platform, &self.micromambas)
    }

    /// The bytes of a package, which are those of its sha256: out of the cache, from beside `images.toml`, or from the
    /// mirror.
    pub(crate) async fn package(&self, package: &Package, context: &Context) -> Result<Vec<u8>, ImagesError> {
        let cached = context.cache_dir.join("packages/sha256").join(package.sha256.hex());
        let cached = cached.join(package.deb.rsplit('/').next().unwrap_or_default());
        let good = |bytes: &Vec<u8>| Digest::of(bytes) == package.sha256;
        if let Some(bytes) = fs::read(&cached).ok().filter(good) {
            return Ok(bytes);
        }
        let wrong = |problem: String| ImagesError::Deb { deb: package.deb.clone(), problem };
        let bytes = match package.deb.strip_prefix("./") {
            Some(beside) => read(&self.folder.join(beside))?,
            None => {
                let Some(mirror) = &self.mirror else {
                    return Err(wrong(
                        "lies on a mirror of Debian's archive; name one with --mirror URL".into(),
                    ));
                };
                self.download(mirror, package, context).await?
            }
        };
        if !good(&bytes) {
            let found = Digest::of(&bytes);
            return Err(wrong(format!("has the digest {found}, and images.toml says {}", package.sha256)));
        }
        keep(&cached, &bytes).map_err(|source| ImagesError::Io { action: "write", path: cached, source })?;
        Ok(bytes)
    }

    async fn download(
        &self,
        mirror: &Url,
        package: &Package,
        context: &Context,
    ) -> Result<Vec<u8>, ImagesError> {
        let wrong = |problem: String| ImagesError::Deb { deb: package.deb.clone(), problem };
        let mut folder = mirror.clone();
        if !folder.path().ends_with('/') {
            folder.set_path(&format!("{}/", folder.path()));
        }
        let url = folder.join(&package.deb).map_err(|e| wrong(e.to_string()))?;
        let resolver =
            Resolver::new(context.resolve.clone(), context.on()).map_err(|e| wrong(e.to_string()))?;
        resolver.document(&url, MAX_DEB).await.map_err(|e| wrong(e.to_string()))
    }
}

fn program(name: &'static str, platform: &Platform, candidates: &[PathBuf]) -> Result<Vec<u8>, ImagesError> {
    program_for(platform, candidates, MAX_PROGRAM).ok_or_else(|| {
        let looked: Vec<_> = candidates.iter().map(|path| path.display().to_string()).collect();
        ImagesError::NoProgram { program: name, platform: platform.clone(), looked: looked.join(", ") }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, ImagesError> {
    let too_large = || io::Error::new(io::ErrorKind::InvalidData, "it is larger than such packages are");
    let sized =
        fs::metadata(path).and_then(|meta| if meta.len() > MAX_DEB { Err(too_large()) } else { Ok(()) });
    let bytes = sized.and_then(|()| fs::read(path));
    bytes.map_err(|source| ImagesError::Io { action: "read", path: path.into(), source })
}

/// Puts a package into the cache, whole or not at all.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
