//! From a planned layer and its archives to a blob.

use std::io::Write;

use mambox_env::LockedPackage;
use mambox_link::Python;
use mambox_oci::codec::{Compressors, Encoded};
use mambox_oci::{DiffId, Digest};

use crate::archive::{Archive, PackageMetadata};
use crate::error::{LayerError, Problem};
use crate::key::{PycPolicy, may_be_noarch_python};
use crate::layer_tar::LayerTar;
use crate::link::{LinkContext, PackageSummary, link};
use crate::pipe;
use crate::plan::PlannedLayer;
use crate::pyc::Compile;

/// A layer that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerOutput {
    /// Of the tar.
    pub diff_id: DiffId,
    /// Bytes of the tar.
    pub uncompressed_size: u64,
    /// Of the compressed blob.
    pub digest: Digest,
    /// Bytes of the compressed blob.
    pub size: u64,
    /// One for each package, in the layer's order.
    pub packages: Vec<PackageSummary>,
}

/// Builds a layer in one pass over its archives, which come in the order of the layer's packages and whose hashes
/// have been checked. Layers are independent of one another: build several at once, the largest first.
///
/// Entries follow the order of each archive, since sorting them would need a second pass; packages
/// follow the canonical order. Behind a package's files come its `.pyc` files, which `compiler` makes where the
/// layer's key wants them, and its conda-meta record.
///
/// # Errors
/// When an archive is damaged or hostile, or `compiler` or `sink` fails; `sink` then holds garbage.
pub fn build_layer<W: Write + Send>(
    layer: &PlannedLayer,
    archives: &[Archive],
    compiler: Option<&dyn Compile>,
    sink: W,
) -> Result<(W, LayerOutput), LayerError> {
    build(layer, archives, compiler, None, sink)
}

/// As [`build_layer`], with the same bytes, but `helpers`, which several layers may share, compress as well.
///
/// # Errors
/// As [`build_layer`].
pub fn build_layer_with<W: Write + Send>(
    layer: &PlannedLayer,
    archives: &[Archive],
    compiler: Option<&dyn Compile>,
    helpers: &Compressors,
    sink: W,
) -> Result<(W, LayerOutput), LayerError> {
    build(layer, archives, compiler, Some(helpers), sink)
}

fn build<W: Write + Send>(
    layer: &PlannedLayer,
    archives: &[Archive],
    compiler: Option<&dyn Compile>,
    helpers: Option<&Compressors>,
    sink: W,
) -> Result<(W, LayerOutput), LayerError> {
    let expected: Vec<&str> = layer.packages().iter().map(|one| one.package.file_name.as_str()).collect();
    check_given(&expected, archives.iter().map(Archive::file_name))?;
    let compiler = wanted(layer.key().pyc, compiler, &expected)?;
    let (packages, sink, encoded) = pipe::encode(layer.compression(), helpers, sink, |writer| {
        let mut tar = LayerTar::new(writer, layer.prefix().relative());
        let packages = layer.packages().iter().map(|planned| &planned.package);
        let summaries = packages
            .zip(archives)
            .enumerate()
            .map(|(index, (package, archive))| {
                add_package(layer, index, package, archive, compiler, &mut tar)
            })
            .collect::<Result<Vec<_>, _>>()?;
        tar.finish().map_err(LayerError::Sink)?;
        Ok(summaries)
    })?;
    Ok((sink, LayerOutput::new(&encoded, packages)))
}

impl LayerOutput {
    pub(crate) fn new(encoded: &Encoded, packages: Vec<PackageSummary>) -> Self {
        Self {
            diff_id: encoded.diff_id,
            uncompressed_size: encoded.tar_size,
            digest: encoded.digest,
            size: encoded.size,
            packages,
        }
    }
}

/// Whether the archives that are given are those of the plan, in its order.
pub(crate) fn check_given<'a>(
    expected: &[&str],
    mut given: impl Iterator<Item = &'a str>,
) -> Result<(), LayerError> {
    for expected in expected {
        let given = given.next().unwrap_or("none");
        if given != *expected {
            return Err(LayerError::WrongArchive { expected: (*expected).into(), given: given.into() });
        }
    }
    Ok(())
}

/// The compiler, if the layer's key wants one; `files` are the layer's archives.
pub(crate) fn wanted<'a>(
    policy: PycPolicy,
    compiler: Option<&'a dyn Compile>,
    files: &[&str],
) -> Result<Option<&'a dyn Compile>, LayerError> {
    match (policy, compiler) {
        (PycPolicy::Off, _) => Ok(None),
        (PycPolicy::UncheckedHash, Some(compiler)) => Ok(Some(compiler)),
        (PycPolicy::UncheckedHash, None) => {
            let first = files.first().copied().unwrap_or_default();
            Err(LayerError::NoCompiler { package: first.to_owned() })
        }
    }
}

fn add_package<W: Write>(
    layer: &PlannedLayer,
    index: usize,
    package: &LockedPackage,
    archive: &Archive,
    compiler: Option<&dyn Compile>,
    tar: &mut LayerTar<W>,
) -> Result<PackageSummary, LayerError> {
    let metadata = archive.metadata()?;
    let python = layer.python_for(package);
    require_python(package, &metadata, python)?;
    let masked = &layer.key().packages[index].masked;
    let slim = layer.key().slim;
    let context = LinkContext { prefix: layer.prefix(), python, masked, slim, compiler };
    link(&context, package, archive, &metadata, tar).map_err(|fault| fault.of(archive.file_name()))
}

/// A noarch python package needs an interpreter, and must be one according to the lock too, since its layer's
/// key names the interpreter only then.
pub(crate) fn require_python(
    package: &LockedPackage,
    metadata: &PackageMetadata,
    python: Option<&Python>,
) -> Result<(), LayerError> {
    if metadata.is_noarch_python() && !may_be_noarch_python(package) {
        let truth = format!("the lock puts the package into {}", package.record.subdir);
        let claim = "it is a noarch python package".to_owned();
        let problem = Problem::Lie { path: "info/index.json".into(), claim, truth };
        return Err(problem.of(&package.file_name));
    }
    if metadata.is_noarch_python() && python.is_none() {
        return Err(LayerError::NoPython { package: package.file_name.clone() });
    }
    Ok(())
}
