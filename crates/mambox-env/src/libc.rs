//! Which C library a base image has, read from the library's own bytes.

use std::str::FromStr;

use memchr::memmem;
use rattler_conda_types::{Subdir, Version};

/// How far behind its first words glibc's banner names the version, in bytes.
const BANNER: usize = 200;

/// The C library of a base image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Libc {
    /// The GNU C library.
    Glibc(Version),
    /// musl, whose version is not always told.
    Musl(Option<Version>),
    /// None, as in `scratch`, or one that is not known.
    None,
}

impl Libc {
    /// Reads the kind and version from the bytes of `libc.so.6` or of musl's `ld-musl-*.so.1`; nothing when it
    /// is neither.
    pub fn detect(library: &[u8]) -> Option<Self> {
        detect_glibc(library).map(Self::Glibc).or_else(|| detect_musl(library).map(Self::Musl))
    }

    /// Paths, from the root and without a leading slash, at which the library lies in usual distributions, in
    /// the order to try. The paths may be symbolic links or lie behind them (`lib` → `usr/lib`).
    pub fn paths(platform: Subdir) -> Vec<String> {
        let (triplet, musl) = match platform {
            Subdir::Linux64 => ("x86_64-linux-gnu", "x86_64"),
            Subdir::LinuxAarch64 => ("aarch64-linux-gnu", "aarch64"),
            Subdir::LinuxPpc64le => ("powerpc64le-linux-gnu", "powerpc64le"),
            Subdir::LinuxS390X => ("s390x-linux-gnu", "s390x"),
            Subdir::LinuxRiscv64 => ("riscv64-linux-gnu", "riscv64"),
            Subdir::Linux32 => ("i386-linux-gnu", "i386"),
            Subdir::LinuxArmV7l => ("arm-linux-gnueabihf", "armhf"),
            _ => return Vec::new(),
        };
        let glibc = ["", "usr/"].into_iter().flat_map(|usr| {
            [&format!("lib/{triplet}"), "lib64", "lib"].map(|folder| format!("{usr}{folder}/libc.so.6"))
        });
        // Where a musl distribution was given a glibc, that is what packages run on; one of them has a folder of its own.
        let added = std::iter::once("usr/glibc-compat/lib/libc.so.6".to_owned());
        let musl = ["", "usr/"].into_iter().map(|usr| format!("{usr}lib/ld-musl-{musl}.so.1"));
        glibc.chain(added).chain(musl).collect()
    }
}

/// glibc prints, when executed, "GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36."; every
/// distribution changes what stands in the brackets only. Releases before 2.26 have a comma behind the version.
fn detect_glibc(library: &[u8]) -> Option<Version> {
    memmem::find_iter(library, b"GNU C Library ").find_map(|start| {
        let banner = &library[start..library.len().min(start + BANNER)];
        let line = banner.split(|byte| matches!(byte, b'\n' | 0)).next()?;
        let at = memmem::find(line, b"release version ")? + b"release version ".len();
        leading_version(&line[at..])
    })
}

/// musl prints "musl libc (x86_64)"; its version stands elsewhere as a string of its own.
fn detect_musl(library: &[u8]) -> Option<Option<Version>> {
    memmem::find(library, b"musl libc (")?;
    let version = library
        .split(|byte| *byte == 0)
        .filter(|text| {
            (5..=12).contains(&text.len()) && text.iter().filter(|byte| **byte == b'.').count() == 2
        })
        .find_map(|text| {
            leading_version(text).filter(|_| text.iter().all(|b| b.is_ascii_digit() || *b == b'.'))
        });
    Some(version)
}

fn leading_version(text: &[u8]) -> Option<Version> {
    let end = text.iter().position(|byte| !(byte.is_ascii_digit() || *byte == b'.')).unwrap_or(text.len());
    let digits = std::str::from_utf8(&text[..end]).ok()?.trim_end_matches('.');
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || !digits.contains('.') {
        return None;
    }
    Version::from_str(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn detect(banner: &str) -> Option<String> {
        let library = [b"\x7fELF\0GNU C Library\0", banner.as_bytes(), b"\0Copyright"].concat();
        match Libc::detect(&library)? {
            Libc::Glibc(version) => Some(format!("glibc {version}")),
            Libc::Musl(version) => Some(format!("musl {}", version.map_or("?".into(), |v| v.to_string()))),
            Libc::None => None,
        }
    }

    #[test]
    fn every_distribution_words_it_alike() {
        for (banner, found) in [
            ("GNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.\n", "glibc 2.36"),
            ("GNU C Library (Ubuntu GLIBC 2.39-0ubuntu8.4) stable release version 2.39.\n", "glibc 2.39"),
            ("GNU C Library (GNU libc) stable release version 2.40.\n", "glibc 2.40"),
            (
                "GNU C Library (GNU libc) stable release version 2.17, by Roland McGrath et al.\n",
                "glibc 2.17",
            ),
            ("GNU C Library (GNU libc) development release version 2.38.9000.\n", "glibc 2.38.9000"),
            ("musl libc (x86_64)\nVersion %s\n\x001.2.5\0", "musl 1.2.5"),
            ("musl libc (aarch64)\nVersion %s\n", "musl ?"),
        ] {
            assert_eq!(detect(banner).as_deref(), Some(found), "{banner}");
        }
    }

    #[test]
    fn other_bytes_are_no_libc() {
        for banner in
            ["", "GNU C Library (x) release version .", "GNU C Library (x) release version 2", "1.2.3"]
        {
            assert_eq!(detect(banner), None, "{banner}");
        }
    }

    #[test]
    fn debian_fedora_and_alpine_are_looked_up_where_they_keep_it() {
        let paths = Libc::paths(Subdir::Linux64);
        for path in ["lib/x86_64-linux-gnu/libc.so.6", "usr/lib64/libc.so.6", "lib/ld-musl-x86_64.so.1"] {
            assert!(paths.iter().any(|known| known == path), "{path}");
        }
        assert!(Libc::paths(Subdir::OsxArm64).is_empty());
    }

    /// Alpine with a glibc that somebody added, wherever it lies.
    #[test]
    fn an_added_glibc_goes_before_musl() {
        let paths = Libc::paths(Subdir::Linux64);
        let at = |path: &str| paths.iter().position(|known| known == path).unwrap();
        let musl = at("lib/ld-musl-x86_64.so.1");
        assert!(
            at("usr/lib/x86_64-linux-gnu/libc.so.6") < musl && at("usr/glibc-compat/lib/libc.so.6") < musl
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..60)) {
            for head in ["GNU C Library ", "GNU C Library (x) stable release version ", "musl libc (\0"] {
                let _ = Libc::detect(&[head.as_bytes(), &tail].concat());
            }
        }
    }
}
