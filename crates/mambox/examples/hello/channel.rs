//! The example's channel (two packages, made from the sources in `examples/hello` and nothing else) and the
//! command that builds an image from it.

use std::fs;
use std::path::Path;

use mambox_testkit::{LocalChannel, PackageBuilder, with_placeholder};

/// What the example runs, as a person would type it at the top of the checkout. `mambox.toml` beside the
/// environment says the rest.
pub(crate) const COMMAND: &str =
    "mambox build examples/hello/environment.yml --no-rc -t hello:1 -o target/hello/hello.tar";

/// When the packages were "built" (2025-01-01), since a clock would make another image every day.
const BUILT: u64 = 1_735_689_600;

/// Makes the channel in `folder`, which is replaced, from the sources in `sources`.
pub(crate) fn make(sources: &Path, folder: &Path) {
    let read = |name: &str| {
        let path = sources.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let hello = package("hello")
        .depends("hello-data =1.0")
        .binary_with_prefix("bin/hello", assemble(&read("hello.hex")))
        .build();
    let data = package("hello-data")
        .noarch_generic()
        .text_with_prefix("share/hello/welcome.txt", &read("welcome.txt"))
        .build();
    let channel = LocalChannel::with([&hello, &data]);
    copy(channel.path(), folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
}

fn package(name: &str) -> PackageBuilder {
    PackageBuilder::new(name, "1.0").license("BSD-3-Clause").timestamp_ms(BUILT * 1000).default_mtime(BUILT)
}

/// Turns a commented listing into bytes: pairs of hexadecimal digits, text in quotes (with `{prefix}`),
/// comments from a semicolon on.
pub(crate) fn assemble(listing: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, line) in listing.lines().enumerate() {
        // Every other piece is text in quotes; a semicolon outside of it ends the line.
        for (index, piece) in line.split('"').enumerate() {
            if index % 2 == 1 {
                bytes.extend(with_placeholder(piece).into_bytes());
                continue;
            }
            let code = piece.split(';').next().unwrap_or_default();
            bytes.extend(code.split_whitespace().map(|digits| {
                u8::from_str_radix(digits, 16)
                    .unwrap_or_else(|_| panic!("line {}: {digits} is no byte", number + 1))
            }));
            if code.len() < piece.len() {
                break;
            }
        }
    }
    bytes
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
