//! Small base root file systems that look, to whoever inspects them, like the distributions they imitate.

use std::path::Path;

use crate::static_elf::StaticElf;
use crate::tar_writer::{TarEntry, tar_bytes};

const PASSWD: &str =
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
const GROUP: &str = "root:x:0:\nnogroup:x:65534:\n";

/// A root file system under construction.
#[derive(Clone, Debug, Default)]
pub struct RootFs {
    entries: Vec<TarEntry>,
}

impl RootFs {
    /// Nothing at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Like Debian: merged /usr, glibc of the given version (such as `2.36`) in the multiarch folder.
    pub fn debian(glibc: &str) -> Self {
        let os = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n";
        let usr_lib = ["usr/", "usr/bin/", "usr/lib/", "usr/lib64/", "usr/lib/x86_64-linux-gnu/"];
        Self::common(os)
            .dirs(&usr_lib)
            .entry(TarEntry::symlink("bin", "usr/bin"))
            .entry(TarEntry::symlink("lib", "usr/lib"))
            .entry(TarEntry::symlink("lib64", "usr/lib64"))
            .entry(
                TarEntry::file("usr/lib/x86_64-linux-gnu/libc.so.6", fake_libc("Debian GLIBC", glibc))
                    .mode(0o755),
            )
            .entry(TarEntry::symlink(
                "usr/lib64/ld-linux-x86-64.so.2",
                "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
            ))
            .entry(TarEntry::file("usr/bin/sh", StaticElf::message("this is a fake shell\n")).mode(0o755))
    }

    /// Like Fedora and its kin: glibc of the given version in /usr/lib64.
    pub fn fedora(glibc: &str) -> Self {
        let os = "PRETTY_NAME=\"Fedora Linux 41 (Container Image)\"\nID=fedora\nVERSION_ID=41\n";
        Self::common(os)
            .dirs(&["usr/", "usr/bin/", "usr/lib/", "usr/lib64/"])
            .entry(TarEntry::symlink("bin", "usr/bin"))
            .entry(TarEntry::symlink("lib64", "usr/lib64"))
            .entry(TarEntry::file("usr/lib64/libc.so.6", fake_libc("GNU libc", glibc)).mode(0o755))
    }

    /// Like Alpine: musl, no glibc.
    pub fn alpine() -> Self {
        let os = "PRETTY_NAME=\"Alpine Linux v3.20\"\nID=alpine\nVERSION_ID=3.20.0\n";
        let musl = b"\x7fELF\x02\x01\x01\0 musl libc (x86_64)\nVersion 1.2.5\n\0";
        Self::common(os)
            .dirs(&["bin/", "lib/", "usr/", "usr/lib/"])
            .entry(TarEntry::file("lib/ld-musl-x86_64.so.1", musl).mode(0o755))
            .entry(TarEntry::symlink("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1"))
    }

    /// Like a distroless image: accounts and /tmp, and no program at all.
    pub fn shell_less() -> Self {
        Self::common("PRETTY_NAME=\"No shell\"\nID=shell-less\n")
    }

    fn common(os_release: &str) -> Self {
        Self::empty()
            .dirs(&["etc/", "root/"])
            .file("etc/os-release", os_release)
            .file("etc/passwd", PASSWD)
            .file("etc/group", GROUP)
            .entry(TarEntry::dir("tmp/").mode(0o1777))
    }

    fn dirs(self, paths: &[&str]) -> Self {
        paths.iter().fold(self, |root, path| root.entry(TarEntry::dir(*path)))
    }

    /// Adds a file, mode 0644.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(TarEntry::file(path, content))
    }

    /// Adds an executable file, mode 0755.
    pub fn executable(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(TarEntry::file(path, content).mode(0o755))
    }

    /// Adds any entry.
    pub fn entry(mut self, entry: TarEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// The entries so far.
    pub fn entries(&self) -> &[TarEntry] {
        &self.entries
    }

    /// The file system as an uncompressed tar stream.
    pub fn tar(&self) -> Vec<u8> {
        rootfs_tar(&self.entries)
    }

    /// Unpacks the file system into a folder, which is made. Owners are those of the test's user.
    pub fn write_to(&self, folder: impl AsRef<Path>) {
        let folder = folder.as_ref();
        let mut archive = tar::Archive::new(std::io::Cursor::new(self.tar()));
        archive.set_preserve_permissions(true);
        archive.unpack(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    }
}

/// A root file system's tar stream from its entries.
pub fn rootfs_tar(entries: &[TarEntry]) -> Vec<u8> {
    tar_bytes(entries)
}

/// A file that starts like an ELF file and holds glibc's banner and symbol versions as the real one does.
/// `vendor` is what stands in the banner's parentheses, such as `Debian GLIBC`.
pub fn fake_libc(vendor: &str, version: &str) -> Vec<u8> {
    let mut file = StaticElf::message("");
    file.extend(b"\0GLIBC_2.2.5\0GLIBC_2.3\0GLIBC_PRIVATE\0");
    file.extend(format!("GLIBC_{version}\0").bytes());
    let banner = format!("GNU C Library ({vendor} {version}-9) stable release version {version}.\n");
    file.extend(banner.bytes());
    file.extend(b"Copyright (C) 2022 Free Software Foundation, Inc.\n\0");
    file
}
