//! Archive to layer, over synthetic packages: `cargo bench -p mambox-layer`.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mambox_env::{Lock, LockedPackage};
use mambox_layer::{
    Archive, LayerOptions, LayerPlan, Prefix, Wheel, WheelArchive, build_layer, build_wheel_layer, plan,
    plan_wheels,
};
use mambox_oci::{Compression, Digest};
use mambox_testkit::{BuiltPackage, PackageBuilder, WheelBuilder, with_placeholder};
use rattler_conda_types::Subdir;

/// Bytes that compress about as well as programs do.
fn program(length: usize, strings: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut bytes = Vec::with_capacity(length);
    let string = with_placeholder("{prefix}/lib/module\0");
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = state.to_le_bytes();
        bytes.extend_from_slice(&word[..2]);
        bytes.extend_from_slice(&[0x48, 0x8b, word[3] & 7, 0]);
        if strings > 0 && bytes.len() % (length / strings) < 6 {
            bytes.extend_from_slice(string.as_bytes());
        }
    }
    bytes
}

fn large_libraries() -> BuiltPackage {
    let plain = program(12_000_000, 0);
    let patched = program(4_000_000, 200);
    let package = PackageBuilder::new("libraries", "1.0").file("lib/large.so", plain);
    package.binary_with_prefix("lib/patched.so", patched).build()
}

fn many_files() -> BuiltPackage {
    let package = PackageBuilder::new("files", "1.0");
    let add = |package: PackageBuilder, n: usize| {
        let path = format!("share/files/{}/{n}", n % 50);
        match n % 4 {
            0 => package.text_with_prefix(&path, &format!("# {n}\nprefix={{prefix}}\n").repeat(20)),
            1 => package.symlink(&path, "../0/0"),
            _ => package.file(&path, format!("content of file {n}\n").repeat(100)),
        }
    };
    (0..4000).fold(package, add).build()
}

fn planned(package: &BuiltPackage, compression: Compression) -> LayerPlan {
    let record = package.repo_data_record("https://conda.example.invalid/synthetic");
    let package = LockedPackage::from_repodata(record).expect("a lockable package");
    let lock = Lock::new(Subdir::Linux64, ["https://conda.example.invalid/synthetic"], vec![package]);
    let prefix = Prefix::new("/opt/conda").expect("a prefix");
    plan(&lock.expect("a lock"), &LayerOptions::new(prefix, compression)).expect("a plan")
}

fn layers(criterion: &mut Criterion) {
    for (name, package) in [("large libraries", large_libraries()), ("many files", many_files())] {
        let archive = Archive::from_bytes(&package.file_name, package.bytes.clone()).expect("an archive");
        let mut group = criterion.benchmark_group(name);
        for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
            let plan = planned(&package, compression);
            let build = || {
                let built =
                    build_layer(&plan.layers()[0], std::slice::from_ref(&archive), None, std::io::sink());
                built.expect("an honest package").1
            };
            group.throughput(Throughput::Bytes(build().uncompressed_size));
            group.sample_size(10).bench_function(compression.to_string(), |bencher| bencher.iter(build));
        }
        group.finish();
    }
}

/// A wheel as large as the libraries, half of it in small modules.
fn wheels(criterion: &mut Criterion) {
    let module = |wheel: WheelBuilder, n: usize| {
        wheel.file(
            &format!("package/part{}/module{n}.py", n % 50),
            format!("def f{n}(): return {n}\n").repeat(100),
        )
    };
    let native = WheelBuilder::new("package", "1.0").file("package/native.so", program(6_000_000, 0));
    let built = (0..2000).fold(native, module).finish();
    let record = PackageBuilder::python_interpreter("3.13.5", "")
        .build()
        .repo_data_record("https://conda.example.invalid/c");
    let python = LockedPackage::from_repodata(record).expect("a lockable package");
    let lock = Lock::new(Subdir::Linux64, ["https://conda.example.invalid/c"], vec![python]).expect("a lock");
    let archive = WheelArchive::from_bytes(&built.file_name, built.bytes.clone());
    let mut group = criterion.benchmark_group("wheel");
    for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
        let wheel = Wheel {
            name: built.name.clone(),
            version: built.version.clone(),
            file_name: built.file_name.clone(),
            sha256: Digest::of(&built.bytes),
            size: built.bytes.len() as u64,
        };
        let options = LayerOptions::new(Prefix::new("/opt/conda").expect("a prefix"), compression);
        let plan = plan_wheels(&[wheel], &lock, &options).expect("a plan");
        let build = || {
            let archives = std::slice::from_ref(&archive);
            let built = build_wheel_layer(&plan.layers()[0], archives, None, None, std::io::sink());
            built.expect("an honest wheel").1
        };
        group.throughput(Throughput::Bytes(build().uncompressed_size));
        group.sample_size(10).bench_function(compression.to_string(), |bencher| bencher.iter(build));
    }
    group.finish();
}

criterion_group!(benches, layers, wheels);
criterion_main!(benches);
