//! `cargo run -p mambox-testkit --example synthetic_channel -- FOLDER`: writes a channel for the benchmarks, the
//! same bytes on every machine, with `environment.yml` and `changed.yml` (one package in a newer version) in it.
//!
//! Its payloads imitate what environments consist of: shared libraries with a prefix in them, scripts, many
//! small text files, one big data file. They compress about as well as the real ones.
#![allow(clippy::print_stderr)]

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use mambox_testkit::{BuiltPackage, PLACEHOLDER, PackageBuilder};

const LIBRARIES: u64 = 24;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: synthetic_channel FOLDER");
        return ExitCode::FAILURE;
    };
    let folder = Path::new(&folder);
    let mut packages: Vec<_> = (0..LIBRARIES).map(library).collect();
    packages.extend([sources(), data(), application("1.0", 1), application("2.0", 2)]);
    write(folder, &packages).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    ExitCode::SUCCESS
}

/// A shared library with the prefix in it, its headers and a script.
fn library(number: u64) -> BuiltPackage {
    let name = format!("lib{number:02}");
    let mut noise = Noise::new(number + 1);
    let mut binary = noise.binary(6 << 20);
    binary.extend_from_slice(format!("{PLACEHOLDER}/share/{name}\0").as_bytes());
    binary.extend(noise.binary(1 << 20));
    let package = PackageBuilder::new(&name, "1.0")
        .binary_with_prefix(&format!("lib/{name}.so.1"), binary)
        .symlink(&format!("lib/{name}.so"), &format!("{name}.so.1"))
        .text_with_prefix(&format!("bin/{name}-config"), "#!{prefix}/bin/sh\necho {prefix}\n")
        .mode(0o755);
    (0..50)
        .fold(package, |package, header| {
            package.file(&format!("include/{name}/part{header}.h"), noise.text(8 << 10))
        })
        .build()
}

/// Thousands of small files.
fn sources() -> BuiltPackage {
    let mut noise = Noise::new(1000);
    (0..4000)
        .fold(PackageBuilder::new("sources", "1.0").noarch_generic(), |package, number| {
            package.file(&format!("share/sources/{}/{number}.txt", number % 64), noise.text(3 << 10))
        })
        .build()
}

/// One big file.
fn data() -> BuiltPackage {
    PackageBuilder::new("data", "1.0")
        .noarch_generic()
        .file("share/data/table.bin", Noise::new(2000).binary(48 << 20))
        .build()
}

/// What needs all the others.
fn application(version: &str, seed: u64) -> BuiltPackage {
    let package = PackageBuilder::new("application", version)
        .depends("sources")
        .depends("data")
        .binary_with_prefix("bin/application", Noise::new(3000 + seed).binary(2 << 20));
    (0..LIBRARIES).fold(package, |package, number| package.depends(&format!("lib{number:02}"))).build()
}

fn write(folder: &Path, packages: &[BuiltPackage]) -> std::io::Result<()> {
    let channel = mambox_testkit::LocalChannel::with(packages);
    for subdir in ["noarch", "linux-64"] {
        fs::create_dir_all(folder.join(subdir))?;
        for entry in fs::read_dir(channel.path().join(subdir))? {
            let entry = entry?;
            fs::copy(entry.path(), folder.join(subdir).join(entry.file_name()))?;
        }
    }
    let environment = |version: &str| format!("name: bench\ndependencies:\n  - application ={version}\n");
    fs::write(folder.join("environment.yml"), environment("1.0"))?;
    fs::write(folder.join("changed.yml"), environment("2.0"))
}

/// A small generator of repeatable bytes (xorshift64*).
struct Noise(u64);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Machine code and tables: short random pieces among repeated ones.
    fn binary(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size + 64);
        while bytes.len() < size {
            let word = self.next();
            if word.is_multiple_of(3) || bytes.len() < 4096 {
                bytes.extend_from_slice(&self.next().to_le_bytes());
            } else {
                let start = bytes.len() - 1 - (word >> 8) as usize % 4000;
                let length = (4 + (word >> 40) as usize % 24).min(bytes.len() - start);
                bytes.extend_from_within(start..start + length);
            }
        }
        bytes.truncate(size);
        bytes
    }

    /// Words and lines.
    fn text(&mut self, size: usize) -> Vec<u8> {
        const SYLLABLES: [&str; 16] = [
            "con", "da", "im", "age", "lay", "er", "pre", "fix", "path", "so", "lib", "py", "re", "turn",
            "sel", "f",
        ];
        let mut text = String::with_capacity(size + 16);
        while text.len() < size {
            let word = self.next();
            (0..1 + word % 3).for_each(|turn| text += SYLLABLES[(word >> (8 + 4 * turn)) as usize % 16]);
            text.push(if word >> 60 == 0 { '\n' } else { ' ' });
        }
        text.truncate(size);
        text.into_bytes()
    }
}
