//! What layers look like: entries, owners, modes, times, and that nothing but the key decides them.

mod common;

use std::slice::from_ref;

use mambox_layer::LayerOptions;
use mambox_oci::Compression;
use mambox_testkit::{ArchiveFormat, PackageBuilder, TarEntry, binary_blob, extract_map, listing};

use common::{build, layer_listing, options, options_at, refusal};

fn package() -> PackageBuilder {
    PackageBuilder::new("tool", "1.0")
}

#[test]
fn directories_appear_once_and_with_a_fixed_time() {
    let package =
        package().file("share/tool/a", "a\n").mtime(1_600_000_000).executable("bin/tool", "x").build();
    insta::assert_snapshot!(layer_listing(&package), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/tool/
    -rw-r--r-- 0:0 2020-09-13T12:26:40Z 2 opt/conda/share/tool/a
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 1 opt/conda/bin/tool
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1002 opt/conda/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn patched_files_are_younger_than_the_package() {
    let package = package()
        .text_with_prefix("bin/script", "#!{prefix}/bin/sh\n")
        .mode(0o755)
        .binary_with_prefix("lib/tool.so", binary_blob(&["{prefix}/share"]))
        .build();
    insta::assert_snapshot!(layer_listing(&package), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxr-xr-x 0:0 2023-11-14T22:13:21Z 20 opt/conda/bin/script
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/
    -rwxr-xr-x 0:0 2023-11-14T22:13:21Z 282 opt/conda/lib/tool.so
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1837 opt/conda/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn entry_points_and_the_record_have_the_time_of_the_package() {
    let tool =
        package().noarch_python().entry_point("tool", "tool.cli", "main").site_package("tool/cli.py", "");
    let tool = tool.timestamp_ms(1_650_000_000_999).build();
    let python = PackageBuilder::python_interpreter("3.13.5", "x").build();
    let built = build(&[python, tool], &options()).unwrap();
    let layer = built.blobs.iter().find(|blob| listing(blob).contains("bin/tool")).unwrap();
    insta::assert_snapshot!(listing(layer), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/tool/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 0 opt/conda/lib/python3.13/site-packages/tool/cli.py
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxrwxr-x 0:0 2022-04-15T05:20:00Z 213 opt/conda/bin/tool
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2022-04-15T05:20:00Z 1050 opt/conda/conda-meta/tool-1.0-0.json
    ");
    insta::assert_snapshot!(extract_map(layer)["opt/conda/bin/tool"].text(), @r"
    #!/opt/conda/bin/python3.13
    # -*- coding: utf-8 -*-
    import re
    import sys

    from tool.cli import main

    if __name__ == '__main__':
    	sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])
    	sys.exit(main())
    ");
    insta::assert_snapshot!(extract_map(layer)["opt/conda/conda-meta/tool-1.0-0.json"].text(), @r#"
    {
      "build": "0",
      "build_number": 0,
      "depends": [],
      "license": "MIT",
      "name": "tool",
      "noarch": "python",
      "sha256": "0707070707070707070707070707070707070707070707070707070707070707",
      "size": 1000,
      "subdir": "noarch",
      "timestamp": 1650000000999,
      "version": "1.0",
      "fn": "tool-1.0-0.conda",
      "url": "https://conda.example.invalid/synthetic/noarch/tool-1.0-0.conda",
      "channel": "https://conda.example.invalid/synthetic",
      "requested_specs": [],
      "files": [
        "bin/tool",
        "lib/python3.13/site-packages/tool/cli.py"
      ],
      "paths_data": {
        "paths_version": 1,
        "paths": [
          {
            "_path": "bin/tool",
            "path_type": "unix_python_entry_point",
            "sha256": "7f56c557bf62990c57a3fefca51250c079dbde56f41f7395f575fcde429245b9",
            "size_in_bytes": 213
          },
          {
            "_path": "lib/python3.13/site-packages/tool/cli.py",
            "path_type": "hardlink",
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "size_in_bytes": 0
          }
        ]
      }
    }
    "#);
}

#[test]
fn the_record_of_patched_files_and_links() {
    let package = package()
        .text_with_prefix("bin/script", "#!{prefix}/bin/sh\n")
        .symlink("bin/link", "script")
        .file("share/plain", "plain\n")
        .no_timestamp()
        .build();
    let built = build(&[package], &options()).unwrap();
    insta::assert_snapshot!(extract_map(&built.blobs[0])["opt/conda/conda-meta/tool-1.0-0.json"].text(), @r#"
    {
      "arch": "x86_64",
      "build": "0",
      "build_number": 0,
      "depends": [],
      "license": "MIT",
      "name": "tool",
      "platform": "linux",
      "sha256": "0707070707070707070707070707070707070707070707070707070707070707",
      "size": 1000,
      "subdir": "linux-64",
      "version": "1.0",
      "fn": "tool-1.0-0.conda",
      "url": "https://conda.example.invalid/synthetic/linux-64/tool-1.0-0.conda",
      "channel": "https://conda.example.invalid/synthetic",
      "requested_specs": [],
      "files": [
        "bin/link",
        "bin/script",
        "share/plain"
      ],
      "paths_data": {
        "paths_version": 1,
        "paths": [
          {
            "_path": "bin/link",
            "path_type": "softlink",
            "sha256": "971d056a0b586563a18e341d914d972ba239cfa0eed17f574eff766cc2164d47",
            "size_in_bytes": 6
          },
          {
            "_path": "bin/script",
            "path_type": "hardlink",
            "sha256": "971d056a0b586563a18e341d914d972ba239cfa0eed17f574eff766cc2164d47",
            "sha256_in_prefix": "c6d58d49c241bf0e2154f19843fec228b3c1696157370977ac20455dca0d9ea4",
            "size_in_bytes": 20,
            "file_mode": "text",
            "prefix_placeholder": "/home/conda/feedstock_root/build_artifacts/synthetic_1700000000000/_h_env_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_p"
          },
          {
            "_path": "share/plain",
            "path_type": "hardlink",
            "sha256": "dacf36547c7774a0a170806363b5d412991fbc0d6260b2c00b1d3a80a816c23f",
            "size_in_bytes": 6
          }
        ]
      }
    }
    "#);
}

#[test]
fn links_stay_links() {
    let package = package()
        .executable("bin/a", "content")
        .hard_link("bin/b", "bin/a")
        .symlink("bin/c", "a")
        .text_with_prefix("bin/d", "{prefix}")
        .hard_link("bin/e", "bin/d")
        .build();
    insta::assert_snapshot!(layer_listing(&package), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 7 opt/conda/bin/a
    hrwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 opt/conda/bin/b => opt/conda/bin/a
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 opt/conda/bin/c -> a
    -rw-r--r-- 0:0 2023-11-14T22:13:21Z 10 opt/conda/bin/d
    hrw-r--r-- 0:0 2023-11-14T22:13:21Z 0 opt/conda/bin/e => opt/conda/bin/d
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 2418 opt/conda/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn hard_links_to_what_the_layer_does_not_hold_become_files() {
    let package = package()
        .executable("bin/unlisted", "content")
        .unlisted("bin/unlisted")
        .hard_link("bin/b", "bin/unlisted")
        .hard_link("bin/c", "bin/b")
        .symlink("bin/link", "nowhere")
        .unlisted("bin/link")
        .build();
    insta::assert_snapshot!(layer_listing(&package), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 7 opt/conda/bin/b
    hrwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 opt/conda/bin/c => opt/conda/bin/b
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 982 opt/conda/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn an_empty_directory_that_is_listed() {
    let package = package().empty_dir("var/lib/tool").file("share/x", "").build();
    insta::assert_snapshot!(layer_listing(&package), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 0 opt/conda/share/x
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/var/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/var/lib/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/var/lib/tool/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 915 opt/conda/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn long_names_and_targets() {
    let package = package()
        .file(&format!("share/{}/{}", "d".repeat(90), "f".repeat(90)), "ustar has a prefix for it")
        .file(&format!("share/{}", "n".repeat(150)), "PAX has to help")
        .symlink("share/link", &"t".repeat(150))
        .file("share/größe", "UTF-8")
        .build();
    insta::assert_snapshot!(layer_listing(&package), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 25 opt/conda/share/dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 15 opt/conda/share/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 opt/conda/share/link -> tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 5 opt/conda/share/größe
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 2082 opt/conda/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn another_prefix() {
    let package = package().text_with_prefix("bin/x", "{prefix}").build();
    let built = build(&[package], &options_at("/usr/local/env name")).unwrap();
    insta::assert_snapshot!(listing(&built.blobs[0]), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/env name/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/env name/bin/
    -rw-r--r-- 0:0 2023-11-14T22:13:21Z 19 usr/local/env name/bin/x
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/env name/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1195 usr/local/env name/conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn neither_the_archive_format_nor_the_codec_changes_the_tar() {
    let diff_id = |format, compression| {
        let package =
            package().format(format).file("a", "a").text_with_prefix("b", "{prefix}").symlink("c", "b");
        let options = LayerOptions { compression, ..options() };
        let built = build(&[package.build()], &options).unwrap();
        // The record names the archive, so only what stands before it can be compared across formats.
        let tar = mambox_testkit::decompress(&built.blobs[0]);
        let end = tar.windows(10).position(|window| window == b"conda-meta").unwrap();
        (tar[..end].to_vec(), built.outputs[0].diff_id)
    };
    let expected = diff_id(ArchiveFormat::Conda, Compression::None);
    assert_eq!(diff_id(ArchiveFormat::Conda, Compression::GZIP), expected);
    assert_eq!(diff_id(ArchiveFormat::Conda, Compression::ZSTD), expected);
    assert_eq!(diff_id(ArchiveFormat::TarBz2, Compression::ZSTD).0, expected.0);
}

#[test]
fn a_symbolic_link_that_is_listed_as_a_file_stays_a_link() {
    let package = package().file("lib/x", "").absent("lib/x").build_with(|_, payload| {
        payload.push(TarEntry::symlink("lib/x", "y"));
    });
    assert!(layer_listing(&package).contains("lib/x -> y"));
}

#[test]
fn bzip2_packages_whose_metadata_comes_last_are_read_twice() {
    let package = package().format(ArchiveFormat::TarBz2).file("share/x", "x");
    let expected = layer_listing(&package.build());
    let reversed = package.build_with(|info, payload| {
        let first = std::mem::take(info);
        info.append(payload);
        payload.extend(first);
    });
    assert_eq!(refusal(&reversed), None);
    assert_eq!(layer_listing(&reversed), expected);
}

#[test]
fn neither_the_sink_nor_the_medium_of_the_archive_changes_a_layer() {
    /// Takes a few bytes at a time, so that the compressor has to wait.
    struct Slow(Vec<u8>);
    impl std::io::Write for Slow {
        fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
            let taken = buffer.len().min(1 + self.0.len() % 4099);
            self.0.extend_from_slice(&buffer[..taken]);
            Ok(taken)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let content: Vec<u8> = (0..1_500_000u32).map(|n| (n.wrapping_mul(n) >> 13) as u8).collect();
    let package = package().file("share/large", content).build();
    let folder = tempfile::tempdir().unwrap();
    let on_disk = mambox_layer::Archive::open(package.write_to(folder.path())).unwrap();
    let in_memory = mambox_layer::Archive::from_bytes(&package.file_name, package.bytes.clone()).unwrap();
    let lock = common::lock(std::slice::from_ref(&package));
    for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
        let plan = mambox_layer::plan(&lock, &LayerOptions { compression, ..options() }).unwrap();
        let layer = &plan.layers()[0];
        let (fast, output) =
            mambox_layer::build_layer(layer, from_ref(&in_memory), None, Vec::new()).unwrap();
        let slow = mambox_layer::build_layer(layer, from_ref(&on_disk), None, Slow(Vec::new())).unwrap();
        assert_eq!((slow.0.0, slow.1), (fast.clone(), output.clone()));
        assert_eq!((output.digest, output.size), (mambox_oci::Digest::of(&fast), fast.len() as u64));
        let tar = mambox_testkit::decompress(&fast);
        assert_eq!(
            (output.diff_id.0, output.uncompressed_size),
            (mambox_oci::Digest::of(&tar), tar.len() as u64)
        );
    }
}

#[test]
fn a_full_disk_is_no_fault_of_the_package() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let package = package().file("share/large", vec![1; 5_000_000]).build();
    let lock = common::lock(std::slice::from_ref(&package));
    for compression in [Compression::None, Compression::ZSTD, Compression::GZIP] {
        let plan = mambox_layer::plan(&lock, &LayerOptions { compression, ..options() }).unwrap();
        let archive = mambox_layer::Archive::from_bytes(&package.file_name, package.bytes.clone()).unwrap();
        let error = mambox_layer::build_layer(&plan.layers()[0], &[archive], None, Full).err().unwrap();
        insta::allow_duplicates!(insta::assert_snapshot!(error, @"cannot write the layer: no storage space"));
    }
}
