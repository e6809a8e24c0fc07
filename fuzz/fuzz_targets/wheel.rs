//! A wheel with hostile members, or any bytes for one: the layer builder refuses it, or makes a layer that stays in the prefix.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mambox_env::{Lock, LockedPackage, WheelName};
use mambox_layer::{LayerOptions, Prefix, Wheel, WheelArchive, build_wheel_layer, plan_wheels};
use mambox_oci::{Compression, Digest};
use mambox_testkit::{BuiltWheel, PackageBuilder, WheelBuilder, extract_map};
use rattler_conda_types::Subdir;

#[derive(Arbitrary, Debug)]
enum Input {
    /// No zip, most of the time.
    Bytes(Vec<u8>),
    Members {
        files: Vec<(String, Vec<u8>)>,
        entry_points: Option<String>,
        record: Option<String>,
    },
}

impl Input {
    fn wheel(self) -> BuiltWheel {
        let wheel = WheelBuilder::new("fuzz", "1.0");
        match self {
            Self::Bytes(bytes) => wheel.finish_with(bytes),
            Self::Members { files, entry_points, record } => {
                let wheel = files.iter().fold(wheel, |wheel, (path, content)| wheel.file(path, content));
                let info = [("entry_points.txt", entry_points), ("RECORD", record)];
                let add = |wheel: WheelBuilder, (name, text): (&str, Option<String>)| match text {
                    Some(text) => wheel.info_file(name, text),
                    None => wheel,
                };
                info.into_iter().fold(wheel, add).finish()
            }
        }
    }
}

fn lock() -> Lock {
    let python = PackageBuilder::python_interpreter("3.13.5", "");
    let record = python.finish(Vec::new()).repo_data_record("https://conda.example.invalid/fuzz");
    let python = LockedPackage::from_repodata(record).expect("a record");
    Lock::new(Subdir::Linux64, ["fuzz"], vec![python]).expect("a lock")
}

fuzz_target!(|input: Input| {
    let BuiltWheel { file_name, bytes, .. } = input.wheel();
    let WheelName { name, version, .. } = WheelName::parse(&file_name).expect("a name");
    let (sha256, size) = (Digest::of(&bytes), bytes.len() as u64);
    let archive = WheelArchive::from_bytes(&file_name, bytes);
    let wheel = Wheel { name, version, file_name, sha256, size };
    let options = LayerOptions::new(Prefix::new("/opt/conda").expect("a prefix"), Compression::None);
    let plan = plan_wheels(&[wheel], &lock(), &options).expect("a plan");
    if let Ok((layer, _)) = build_wheel_layer(&plan.layers()[0], &[archive], None, None, Vec::new()) {
        for path in extract_map(&layer).into_keys() {
            assert!(["opt", "opt/"].contains(&path.as_str()) || path.starts_with("opt/conda"), "{path}");
            assert!(!path.split('/').any(|part| part == ".."), "{path}");
        }
    }
});
