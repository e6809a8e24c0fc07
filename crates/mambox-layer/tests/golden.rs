//! Digests of a few layers, for every codec. They change only where layers change for everybody: raise
//! `LAYER_FORMAT` (unless just an encoder's version changed, which is part of the key by itself), say so in
//! CHANGELOG.md, and renew them with
//!
//! ```text
//! INSTA_UPDATE=always cargo test -p mambox-layer --test golden
//! ```

mod common;

use std::fmt::Write as _;

use mambox_layer::{Archive, LayerOptions, build_layer, plan};
use mambox_oci::Compression;
use mambox_testkit::{BuiltPackage, PackageBuilder, binary_blob};

use common::{lock, options};

/// Text that compresses about as well as code does; larger than the compressor's chunks.
fn text() -> String {
    let mut state = 12345u32;
    let mut next = || {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
        state >> 16
    };
    (0..60_000).map(|_| format!("{:x} word{} ", next() % 97, next() % 1009)).collect()
}

fn packages() -> Vec<BuiltPackage> {
    let builders = [
        PackageBuilder::python_interpreter("3.13.5", "\x7fELF interpreter"),
        PackageBuilder::new("native", "2.0")
            .text_with_prefix("bin/native", "#!{prefix}/bin/python3.13\n")
            .mode(0o755)
            .binary_with_prefix("lib/libnative.so.2", binary_blob(&["{prefix}/share/native"]))
            .symlink("lib/libnative.so", "libnative.so.2")
            .executable("bin/first", "content")
            .hard_link("bin/second", "bin/first")
            .file("share/native/words", text())
            .file(&format!("share/{}/end", "long-name-".repeat(15)), "end"),
        PackageBuilder::new("pure", "1.0")
            .noarch_python()
            .depends("python")
            .dist_info()
            .site_package("pure/__init__.py", "")
            .entry_point("pure", "pure", "main"),
    ];
    builders.map(|builder| builder.build()).into()
}

#[test]
fn digests_of_layers() {
    let packages = packages();
    let lock = lock(&packages);
    let mut golden = String::new();
    for compression in
        [Compression::None, Compression::Gzip(1), Compression::GZIP, Compression::ZSTD, Compression::Zstd(19)]
    {
        let options = LayerOptions { compression, ..options() };
        for layer in plan(&lock, &options).unwrap().layers() {
            let name = &layer.packages()[0].package.file_name;
            let bytes = packages.iter().find(|package| package.file_name == *name).unwrap().bytes.clone();
            let archive = Archive::from_bytes(name, bytes).unwrap();
            let (_, output) = build_layer(layer, &[archive], None, std::io::sink()).unwrap();
            let key = layer.key().digest();
            let _ = writeln!(
                golden,
                "{name} {compression}\n  key    {key}\n  diffID {}\n  blob   {} {} bytes",
                output.diff_id, output.digest, output.size
            );
        }
    }
    insta::assert_snapshot!("digests", golden);
}
