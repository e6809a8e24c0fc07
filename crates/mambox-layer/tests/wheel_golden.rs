//! Digests of a layer of one wheel. They change only where layers change for everybody: raise `WHEEL_FORMAT` (unless just an
//! encoder's version changed, which is part of the key by itself).

mod common;

use std::fmt::Write as _;

use mambox_layer::{LayerOptions, PycPolicy, Wheel, build_wheel_layer, plan_wheels};
use mambox_oci::{Compression, Digest};

use common::options;
use common::wheels::{FakeCompiler, archive, full, python_lock, wheel};

#[test]
fn golden_digests() {
    let built = full().stored().finish();
    // The hash of the wheel's file depends on the test kit alone.
    let planned = Wheel { sha256: Digest::of(b"wheel"), ..wheel(&built) };
    let mut golden = String::new();
    for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
        let options = LayerOptions { compression, pyc: PycPolicy::UncheckedHash, ..options() };
        let plan = plan_wheels(std::slice::from_ref(&planned), &python_lock(), &options).unwrap();
        let layer = &plan.layers()[0];
        let (_, output) =
            build_wheel_layer(layer, &[archive(&built)], Some(&FakeCompiler), None, std::io::sink()).unwrap();
        let _ = writeln!(
            golden,
            "{compression}\n  key    {}\n  diffID {}\n  blob   {} {} bytes",
            layer.key().digest(),
            output.diff_id,
            output.digest,
            output.size
        );
    }
    insta::assert_snapshot!(golden, @r"
    none
      key    sha256:aa968714700dec04ee9725bc3e1fb4fbde35c2ff7411fcd494dffc6922135100
      diffID sha256:96a78aa5cd9f9c5d02c294d937d2656f2d2ebb5b98c580d0b1a5279842c17504
      blob   sha256:96a78aa5cd9f9c5d02c294d937d2656f2d2ebb5b98c580d0b1a5279842c17504 28160 bytes
    gzip:6
      key    sha256:84c0c0d32ddee7bbc91ef9eaeb0731a5f9c6e1722ae044394a238e3aa8c69c65
      diffID sha256:96a78aa5cd9f9c5d02c294d937d2656f2d2ebb5b98c580d0b1a5279842c17504
      blob   sha256:dc51c28fd1340e584bf886c26e173100bcb0338569ea8628a30c560ff8d4436b 1858 bytes
    zstd:3
      key    sha256:6bc363a616688b84daa7da827a430478a8440017f7e7227c4f47a384bb9cef67
      diffID sha256:96a78aa5cd9f9c5d02c294d937d2656f2d2ebb5b98c580d0b1a5279842c17504
      blob   sha256:cb69d0003c898047df68602324f75ba775997d38288757484915067524960d0f 1843 bytes
    ");
}
