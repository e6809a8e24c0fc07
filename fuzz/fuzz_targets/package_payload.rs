//! A well-formed archive with hostile content: the layer builder refuses it, or makes a layer that stays in the prefix.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mambox_env::{Lock, LockedPackage};
use mambox_layer::{Archive, LayerOptions, Prefix, build_layer, plan};
use mambox_oci::Compression;
use mambox_testkit::{ArchiveFormat, PackageBuilder, TarEntry, TarKind, extract_map};
use rattler_conda_types::Subdir;

#[derive(Arbitrary, Debug)]
struct Package {
    old_format: bool,
    entries: Vec<Entry>,
    paths_json: Option<String>,
    link_json: Option<String>,
}

#[derive(Arbitrary, Debug)]
struct Entry {
    path: String,
    kind: Kind,
    mode: u16,
    mtime: u32,
    declared_size: Option<u32>,
}

#[derive(Arbitrary, Debug)]
enum Kind {
    File(Vec<u8>),
    Directory,
    Symlink(String),
    HardLink(String),
    Fifo,
}

impl Entry {
    fn to_tar(&self) -> TarEntry {
        let kind = match &self.kind {
            Kind::File(content) => TarKind::File(content.clone()),
            Kind::Directory => TarKind::Directory,
            Kind::Symlink(target) => TarKind::Symlink(short(target)),
            Kind::HardLink(target) => TarKind::HardLink(short(target)),
            Kind::Fifo => TarKind::Fifo,
        };
        let size = self.declared_size.map(u64::from);
        let entry = TarEntry::special(short(&self.path), kind).mode(self.mode.into());
        TarEntry { mtime: self.mtime.into(), declared_size: size, ..entry }
    }
}

/// As much as the test kit's plain headers hold.
fn short(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(20).collect()
}

fuzz_target!(|package: Package| {
    let format = if package.old_format { ArchiveFormat::TarBz2 } else { ArchiveFormat::Conda };
    let mut builder = PackageBuilder::new("fuzz", "1.0").format(format);
    for (name, text) in [("paths.json", &package.paths_json), ("link.json", &package.link_json)] {
        if let Some(text) = text {
            builder = builder.info_file(name, text);
        }
    }
    let built = builder.build_with(|_, payload| payload.extend(package.entries.iter().map(Entry::to_tar)));
    let record = LockedPackage::from_repodata(built.repo_data_record("https://conda.example.invalid/fuzz"));
    let lock = Lock::new(Subdir::Linux64, ["fuzz"], vec![record.expect("a record")]).expect("a lock");
    let options = LayerOptions::new(Prefix::new("/opt/conda").expect("a prefix"), Compression::None);
    let plan = plan(&lock, &options).expect("a plan");
    let archive = Archive::from_bytes(&built.file_name, built.bytes).expect("an archive");
    if let Ok((layer, _)) = build_layer(&plan.layers()[0], &[archive], None, Vec::new()) {
        for path in extract_map(&layer).into_keys() {
            assert!(["opt", "opt/"].contains(&path.as_str()) || path.starts_with("opt/conda"), "{path}");
            assert!(!path.split('/').any(|part| part == ".."), "{path}");
        }
    }
});
