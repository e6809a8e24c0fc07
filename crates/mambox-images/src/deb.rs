//! The run-time files of a Debian package (deb(5)): for bases that lack bash or glibc.
//!
//! Nothing is installed: no script of the package runs, no file of the package manager is written.

use std::io::{self, Read};

use flate2::read::GzDecoder;
use lzma_rust2::XzReader;
use mambox_build::{Content, FileTree};
use tar::{Archive, EntryType};

use crate::family::Runtime;

/// More than the unpacked libc6 of any architecture has.
const MAX_UNPACKED: u64 = 128 << 20;

/// Where a package has bash; the first that is there counts. A link to another shell is none.
const BASHES: [&str; 4] = ["bin/bash", "usr/bin/bash", "bin/bash-static", "usr/bin/bash-static"];

/// The files that an image needs of a package, where programs look for them.
pub(crate) fn runtime_files(deb: &[u8], runtime: Runtime) -> Result<FileTree, String> {
    let entries = entries(deb).map_err(|error| error.to_string())?;
    match runtime {
        Runtime::Bash => bash(entries),
        Runtime::Glibc => glibc(entries),
    }
}

/// A file or link of the package.
enum Entry {
    File { mode: u32, bytes: Vec<u8> },
    Link { target: String },
}

/// bash alone, at the path that `CMD` and accounts name.
fn bash(entries: Vec<(String, Entry)>) -> Result<FileTree, String> {
    for name in BASHES {
        if let Some((_, Entry::File { bytes, .. })) = entries.iter().find(|(path, _)| path == name) {
            let mut tree = FileTree::default();
            tree.file("bin/bash", 0o755, Content::Bytes(bytes.clone()));
            return Ok(tree);
        }
    }
    Err(format!("has no bash: looked for {}", BASHES.join(", ")))
}

/// Libraries, and the loader where every program of the architecture names it.
fn glibc(entries: Vec<(String, Entry)>) -> Result<FileTree, String> {
    let mut tree = FileTree::default();
    let mut has_loader = false;
    for (path, entry) in entries {
        let library = ["lib", "lib64", "usr/lib", "usr/lib64"]
            .iter()
            .any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        if !library {
            continue;
        }
        // Since /usr is merged in Debian, packages have all below it; in a base where it is not, programs look above.
        if let Some(loader) = path.strip_prefix("usr/").filter(|path| is_loader(path)) {
            tree.link(loader, &format!("/{path}"));
        }
        has_loader |= is_loader(path.trim_start_matches("usr/"));
        match entry {
            Entry::File { mode, bytes } => tree.file(&path, mode, Content::Bytes(bytes)),
            Entry::Link { target } => tree.link(&path, &target),
        }
    }
    match has_loader {
        true => Ok(tree),
        false => Err("has no loader of glibc, such as lib64/ld-linux-x86-64.so.2".into()),
    }
}

fn is_loader(path: &str) -> bool {
    crate::facts::LOADERS.contains(&path)
}

/// Files and links of the package's data, in its order.
fn entries(deb: &[u8]) -> io::Result<Vec<(String, Entry)>> {
    let mut found = Vec::new();
    for entry in Archive::new(data(deb)?.take(MAX_UNPACKED)).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path.trim_start_matches("./").trim_matches('/').to_owned();
        if path.is_empty() || entry.header().entry_type().is_dir() {
            continue;
        }
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(invalid(format!("'{path}' leads out of the image")));
        }
        let mode = entry.header().mode()? & 0o777;
        match entry.header().entry_type() {
            EntryType::Regular => {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                found.push((path, Entry::File { mode, bytes }));
            }
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = String::from_utf8(target.into_owned())
                    .map_err(|_| invalid(format!("'{path}' links to no text")))?;
                found.push((path, Entry::Link { target }));
            }
            kind => return Err(invalid(format!("'{path}' is neither file nor symbolic link but {kind:?}"))),
        }
    }
    Ok(found)
}

/// The member `data.tar.*`, decompressed.
fn data(deb: &[u8]) -> io::Result<Box<dyn Read + '_>> {
    let mut rest = deb.strip_prefix(b"!<arch>\n").ok_or_else(|| invalid("is no Debian package".into()))?;
    // A header of 60 bytes: name, …, size in decimal digits at 48, and a line end; data at even places.
    while let Some((header, after)) = rest.split_at_checked(60) {
        let text = |from: usize, to: usize| std::str::from_utf8(&header[from..to]).unwrap_or_default().trim();
        let size: usize =
            text(48, 58).parse().map_err(|_| invalid("is damaged: a member without a size".into()))?;
        let (member, after) = after.split_at_checked(size).ok_or_else(|| invalid("is cut off".into()))?;
        match text(0, 16).trim_end_matches('/') {
            "data.tar" => return Ok(Box::new(member)),
            "data.tar.gz" => return Ok(Box::new(GzDecoder::new(member))),
            "data.tar.xz" => return Ok(Box::new(XzReader::new(member, true))),
            "data.tar.zst" => return Ok(Box::new(zstd::Decoder::with_buffer(member)?)),
            _ => rest = after.get(size % 2..).unwrap_or_default(),
        }
    }
    Err(invalid("has no data.tar in gz, xz or zst".into()))
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::{TarEntry, listing, tar_bytes};

    fn deb(entries: &[TarEntry]) -> Vec<u8> {
        let mut deb = b"!<arch>\n".to_vec();
        for (name, data) in [("debian-binary", b"2.0".to_vec()), ("data.tar", tar_bytes(entries))] {
            deb.extend(
                format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100644, data.len()).bytes(),
            );
            deb.extend(&data);
            deb.extend(vec![b'\n'; data.len() % 2]);
        }
        deb
    }

    fn shown(entries: &[TarEntry], runtime: Runtime) -> String {
        runtime_files(&deb(entries), runtime).map_or_else(|e| e, |tree| listing(&tree.to_bytes(0)))
    }

    #[test]
    fn a_static_bash_comes_under_the_name_that_everybody_calls() {
        let entries = [
            TarEntry::file("./usr/bin/bash-static", "ELF").mode(0o755),
            TarEntry::file("./usr/share/doc/x", ""),
        ];
        insta::assert_snapshot!(shown(&entries, Runtime::Bash), @"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 bin/
        -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 3 bin/bash
        ");
        insta::assert_snapshot!(shown(&entries[1..], Runtime::Bash), @"has no bash: looked for bin/bash, usr/bin/bash, bin/bash-static, usr/bin/bash-static");
    }

    #[test]
    fn a_glibc_of_a_merged_usr_serves_a_base_that_is_not() {
        let entries = [
            TarEntry::file("./usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "ELF").mode(0o755),
            TarEntry::symlink(
                "./usr/lib64/ld-linux-x86-64.so.2",
                "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
            ),
            TarEntry::file("./usr/share/doc/libc6/copyright", ""),
            TarEntry::file("./etc/ld.so.conf.d/x.conf", ""),
        ];
        insta::assert_snapshot!(shown(&entries, Runtime::Glibc), @"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 lib64/
        lrwxrwxrwx 0:0 1970-01-01T00:00:00Z 0 lib64/ld-linux-x86-64.so.2 -> /usr/lib64/ld-linux-x86-64.so.2
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/lib/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/lib/x86_64-linux-gnu/
        -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 3 usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/lib64/
        lrwxrwxrwx 0:0 1970-01-01T00:00:00Z 0 usr/lib64/ld-linux-x86-64.so.2 -> ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
        ");
        insta::assert_snapshot!(shown(&entries[2..], Runtime::Glibc), @"has no loader of glibc, such as lib64/ld-linux-x86-64.so.2");
    }

    #[test]
    fn what_leads_out_or_is_no_file_is_refused() {
        insta::assert_snapshot!(shown(&[TarEntry::file("./../x", "")], Runtime::Glibc), @"'../x' leads out of the image");
        insta::assert_snapshot!(shown(&[TarEntry::hard_link("./lib/x", "./lib/y")], Runtime::Glibc), @"'lib/x' is neither file nor symbolic link but Link");
        let whole = deb(&[TarEntry::file("./lib/x", "x")]);
        for cut in [0, 7, 40, 70, 100, whole.len() - 1] {
            assert!(runtime_files(&whole[..cut], Runtime::Glibc).is_err(), "{cut}");
        }
    }
}
