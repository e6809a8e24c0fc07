//! What the integration tests share: packages in, layers out.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod wheels;

use std::path::Path;

use mambox_env::{Lock, LockedPackage};
use mambox_layer::{
    Archive, Claims, Compile, Conflicts, LayerError, LayerOptions, LayerOutput, LayerPlan, Prefix,
    build_layer, plan,
};
use mambox_oci::Compression;
use mambox_testkit::BuiltPackage;
use rattler_conda_types::{Channel, RepoData, RepoDataRecord, Subdir};

pub(crate) const CHANNEL: &str = "https://conda.example.invalid/synthetic";
pub(crate) const PREFIX: &str = "/opt/conda";

/// An environment that was built.
pub(crate) struct Built {
    pub(crate) plan: LayerPlan,
    pub(crate) conflicts: Conflicts,
    pub(crate) outputs: Vec<LayerOutput>,
    /// Compressed layers from the bottom to the top.
    pub(crate) blobs: Vec<Vec<u8>>,
}

pub(crate) fn options() -> LayerOptions {
    options_at(PREFIX)
}

pub(crate) fn options_at(prefix: &str) -> LayerOptions {
    LayerOptions::new(Prefix::new(prefix).unwrap(), Compression::None)
}

pub(crate) fn lock_of(records: Vec<RepoDataRecord>) -> Lock {
    let packages = records.into_iter().map(|record| LockedPackage::from_repodata(record).unwrap()).collect();
    Lock::new(Subdir::Linux64, ["https://conda.example.invalid/synthetic"], packages).unwrap()
}

/// A lock of synthetic packages. Their hashes and sizes are made up, so that the compressors of the test kit do not
/// reach the layers through the records.
pub(crate) fn lock(packages: &[BuiltPackage]) -> Lock {
    let records = packages.iter().map(|package| {
        let mut record = package.repo_data_record(CHANNEL);
        record.package_record.sha256 = Some([7; 32].into());
        record.package_record.md5 = None;
        record.package_record.size = Some(1000);
        record
    });
    lock_of(records.collect())
}

/// Builds an environment of packages in memory.
pub(crate) fn build(packages: &[BuiltPackage], options: &LayerOptions) -> Result<Built, LayerError> {
    build_compiled(packages, options, None)
}

/// As [`build`], with a maker of `.pyc` files.
pub(crate) fn build_compiled(
    packages: &[BuiltPackage],
    options: &LayerOptions,
    compiler: Option<&dyn Compile>,
) -> Result<Built, LayerError> {
    build_with(&lock(packages), options, compiler, |locked| {
        let package = packages.iter().find(|package| package.file_name == locked.file_name).unwrap();
        Archive::from_bytes(&package.file_name, package.bytes.clone())
    })
}

/// Builds a lock, whose archives `archive` finds.
pub(crate) fn build_lock(
    lock: &Lock,
    options: &LayerOptions,
    archive: impl Fn(&LockedPackage) -> Result<Archive, LayerError>,
) -> Result<Built, LayerError> {
    build_with(lock, options, None, archive)
}

fn build_with(
    lock: &Lock,
    options: &LayerOptions,
    compiler: Option<&dyn Compile>,
    archive: impl Fn(&LockedPackage) -> Result<Archive, LayerError>,
) -> Result<Built, LayerError> {
    let plan = plan(lock, options)?;
    let claims: Vec<Claims> = plan
        .packages()
        .map(|package| Claims::read(package, &archive(package)?, plan.python()))
        .collect::<Result<_, _>>()?;
    let conflicts = Conflicts::find(plan.packages(), &claims);
    let plan = plan.with_conflicts(&conflicts);
    let mut outputs = Vec::new();
    let mut blobs = Vec::new();
    for layer in plan.layers() {
        let archives: Vec<Archive> =
            layer.packages().iter().map(|planned| archive(&planned.package)).collect::<Result<_, _>>()?;
        let (blob, output) = build_layer(layer, &archives, compiler, Vec::new())?;
        outputs.push(output);
        blobs.push(blob);
    }
    Ok(Built { plan, conflicts, outputs, blobs })
}

/// One package alone, as the listing of its layer.
pub(crate) fn layer_listing(package: &BuiltPackage) -> String {
    let built = build(std::slice::from_ref(package), &options()).unwrap();
    mambox_testkit::listing(&built.blobs[0])
}

/// The message with which a package is refused.
pub(crate) fn refusal(package: &BuiltPackage) -> Option<String> {
    build(std::slice::from_ref(package), &options()).err().map(|error| error.to_string())
}

/// An archive on disk.
pub(crate) fn on_disk(channel: &Path, package: &LockedPackage) -> Result<Archive, LayerError> {
    Archive::open(channel.join(&package.record.subdir).join(&package.file_name))
}

/// The records of a channel folder with repodata.json in each subdir.
pub(crate) fn channel_records(folder: &Path) -> Vec<RepoDataRecord> {
    let channel = Channel::try_from_directory(folder).unwrap();
    let subdirs =
        [Subdir::Linux64, Subdir::NoArch].map(|subdir| folder.join(subdir.as_str()).join("repodata.json"));
    let repodata = subdirs.iter().map(|path| RepoData::from_path(path).unwrap());
    repodata.flat_map(|repodata| repodata.into_repo_data_records(&channel)).collect()
}

/// Sets of packages in which no name occurs twice, which together hold all.
pub(crate) fn environments(records: Vec<RepoDataRecord>) -> Vec<Vec<RepoDataRecord>> {
    let mut sets: Vec<Vec<RepoDataRecord>> = Vec::new();
    for record in records {
        let name = &record.package_record.name;
        let holds =
            |set: &&mut Vec<RepoDataRecord>| set.iter().all(|other| other.package_record.name != *name);
        match sets.iter_mut().find(holds) {
            Some(set) => set.push(record),
            None => sets.push(vec![record]),
        }
    }
    // Noarch packages need a python in every set.
    let python =
        sets[0].iter().find(|record| record.package_record.name.as_normalized() == "python").cloned();
    for set in &mut sets[1..] {
        set.extend(
            python.clone().filter(|_| set.iter().all(|r| r.package_record.name.as_normalized() != "python")),
        );
    }
    sets
}
