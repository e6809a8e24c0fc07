//! A root file system that has the environment's python and nothing of the environment besides: the base, and
//! above it python with all that it depends on.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use mambox_env::Lock;
use mambox_layer::{Archive, Claims, Conflicts, LayerOptions, PycPolicy, SlimPolicies, build_layer, plan};
use mambox_oci::{Compression, Descriptor, FileBlob, History, Image, Layer};
use rattler_conda_types::PackageName;

use crate::package_file::PackageFile;
use crate::root::LazyRoot;
use crate::scratch::Scratch;
use crate::{BuildError, Context};

/// Folders of packages of which python reads nothing when it compiles. Creating a file costs more than its bytes, so that
/// what is left out counts; see also the slim policies.
const NEEDLESS: [&str; 3] = ["share/", "include/", "man/"];
/// The same of the base, below its root.
const NEEDLESS_OF_BASE: [&str; 4] = ["usr/share/", "usr/include/", "var/", "boot/"];

/// What programs of a root want to find; runs side by side must not make and remove them.
const MOUNT_POINTS: [&str; 2] = ["proc", "dev"];

/// Python of an environment, to be unpacked when it is wanted.
pub(super) struct PythonRoot {
    base: Image,
    /// Python and its dependencies.
    lock: Lock,
    /// Their archives, in the lock's order.
    packages: Vec<PackageFile>,
    options: LayerOptions,
    unpacked: LazyRoot,
}

impl PythonRoot {
    /// `packages` are the archives of `lock`, in its order.
    pub(super) fn new(
        base: &Image,
        lock: &Lock,
        packages: &[PackageFile],
        options: &LayerOptions,
    ) -> Result<Self, BuildError> {
        let names = closure(lock, "python");
        let kept = lock.packages().iter().zip(packages).filter(|(package, _)| names.contains(package.name()));
        let (locked, packages): (Vec<_>, Vec<_>) = kept.map(|(l, p)| (l.clone(), p.clone())).unzip();
        let options = LayerOptions {
            max_layers: 1,
            compression: Compression::None,
            pyc: PycPolicy::Off,
            slim: SlimPolicies::all(),
            prefix: options.prefix.clone(),
        };
        let lock = Lock::new(lock.platform(), lock.channels(), locked)?;
        Ok(Self { base: base.clone(), lock, packages, options, unpacked: LazyRoot::default() })
    }

    /// Unpacks it; it is removed with this value.
    pub(super) async fn files(&mut self, context: &Context) -> Result<PathBuf, BuildError> {
        let spool = Scratch::new(&context.cache_dir)?;
        let image = self.base.with_layers(&[self.layer(spool.path())?])?;
        let prefix = self.options.prefix.relative().as_bytes().to_owned();
        let wanted = move |path: &[u8]| {
            let needless = NEEDLESS_OF_BASE.iter().any(|folder| path.starts_with(folder.as_bytes()));
            // The environment may lie in one of these folders.
            !needless || path.starts_with(&prefix) || prefix.starts_with(path)
        };
        let files = self.unpacked.some_files(&image, "python", wanted, context).await?;
        for name in MOUNT_POINTS {
            // What is there already stays, and the sandbox refuses what is no folder.
            let _ = fs::create_dir(files.join(name));
        }
        Ok(files)
    }

    /// Python and its dependencies as one layer.
    fn layer(&self, folder: &Path) -> Result<Layer, BuildError> {
        let plan = plan(&self.lock, &self.options)?;
        // In the order of the plan's one layer.
        let file = |name: &str| {
            let at = self.lock.packages().iter().position(|package| package.name() == name);
            at.map(|at| &self.packages[at])
        };
        let files: Vec<&PackageFile> = plan.packages().filter_map(|package| file(package.name())).collect();
        files.iter().try_for_each(|file| file.check())?;
        let archives: Vec<Archive> = files.iter().map(|file| file.archive().clone()).collect();
        let claims = plan.packages().zip(&archives);
        let claims = claims.map(|(package, archive)| Claims::read(package, archive, plan.python()));
        let claims = claims.collect::<Result<Vec<_>, _>>()?;
        let conflicts = Conflicts::find(plan.packages(), &claims).without(&claims, is_needless);
        let plan = plan.with_conflicts(&conflicts);
        let path = folder.join("python.tar");
        let file = File::create_new(&path).map_err(|e| BuildError::cache(&path, e))?;
        let planned = plan.layers().first().ok_or(BuildError::Worker("planning python's layer"))?;
        let (_, output) = build_layer(planned, &archives, None, file)?;
        let descriptor = Descriptor::new(self.options.compression.media_type(), output.digest, output.size);
        Ok(Layer::new(descriptor, output.diff_id, History::default(), FileBlob(path)))
    }
}

fn is_needless(path: &str) -> bool {
    NEEDLESS.iter().any(|folder| path.starts_with(folder))
}

/// A package and all that it depends on, by name. Virtual packages are nowhere in a lock.
fn closure(lock: &Lock, name: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut waiting = vec![name.to_owned()];
    while let Some(name) = waiting.pop() {
        let Some(package) = lock.package(&name) else { continue };
        if names.insert(name) {
            let depends = package.record.depends.iter();
            let depends = depends.filter_map(|spec| PackageName::from_matchspec_str(spec).ok());
            waiting.extend(depends.map(|name| name.as_normalized().to_owned()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use mambox_env::LockedPackage;
    use mambox_testkit::PackageBuilder;
    use rattler_conda_types::Subdir;

    use super::*;

    #[test]
    fn the_closure_is_what_python_depends_on() {
        let package = |name: &str, depends: &[&str]| {
            let package = PackageBuilder::new(name, "1.0");
            let package = depends.iter().fold(package, |package, spec| package.depends(spec));
            let record = package.finish(Vec::new()).repo_data_record("https://conda.example.invalid/c");
            LockedPackage::from_repodata(record).unwrap()
        };
        let packages = vec![
            package("python", &["openssl >=3.5,<4.0a0", "Zlib", "__glibc >=2.17,<3.0.a0"]),
            package("openssl", &["ca-certificates"]),
            package("ca-certificates", &[]),
            package("zlib", &["python"]),
            package("rich", &["python >=3.8", "pygments"]),
            package("pygments", &["python"]),
        ];
        let lock = Lock::new(Subdir::Linux64, ["https://conda.example.invalid/c"], packages).unwrap();
        let names: Vec<String> = closure(&lock, "python").into_iter().collect();
        assert_eq!(names, ["ca-certificates", "openssl", "python", "zlib"]);
        assert!(closure(&lock, "ruby").is_empty());
    }
}
