//! From files to sums.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io;

use mambox_oci::{Digest, Image};

use super::entries::{Entries, File};
use super::{DuplicateFile, Duplicates, FileKind, SizedFile, SizedKind, SizedPackage, Sizes};

/// How many files, and how many contents that are there more than once, are named.
const NAMED: usize = 20;

/// Reads all layers of an image once; the first `base` of them are the base's. May block.
///
/// # Errors
/// Where a layer cannot be read.
pub(crate) fn sizes(image: &Image, base: usize) -> io::Result<Sizes> {
    let entries = Entries::read(image, base)?;
    Ok(Sizes {
        files: entries.files.len() as u64,
        bytes: entries.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes)),
        packages: packages(&entries, base),
        kinds: kinds(&entries, base),
        largest: largest(&entries, base),
        duplicates: duplicates(&entries.files),
    })
}

fn owner(entries: &Entries, base: usize, file: &File) -> Option<usize> {
    entries.owners.get(&file.path).copied().filter(|_| file.layer >= base)
}

fn packages(entries: &Entries, base: usize) -> Vec<SizedPackage> {
    let sized = entries.packages.iter().map(|package| SizedPackage {
        prefix: format!("/{}", package.prefix),
        name: package.name.clone(),
        version: package.version.clone(),
        files: 0,
        bytes: 0,
    });
    let mut all: Vec<SizedPackage> = sized.collect();
    for file in &entries.files {
        if let Some(package) = owner(entries, base, file).and_then(|index| all.get_mut(index)) {
            package.files += 1;
            package.bytes = package.bytes.saturating_add(file.bytes);
        }
    }
    all.sort_by(|a, b| (Reverse(a.bytes), &a.prefix, &a.name).cmp(&(Reverse(b.bytes), &b.prefix, &b.name)));
    all
}

fn kinds(entries: &Entries, base: usize) -> Vec<SizedKind> {
    let mut prefixes: Vec<String> = entries.packages.iter().map(|p| format!("{}/", p.prefix)).collect();
    prefixes.sort_by_key(|prefix| (Reverse(prefix.len()), prefix.clone()));
    prefixes.dedup();
    let kind = |file: &File| {
        // An environment in envs/ of another is in both, and belongs to the inner one.
        let within = prefixes.iter().find_map(|prefix| file.path.strip_prefix(prefix.as_str()));
        match (file.layer < base, within) {
            (true, _) => FileKind::Base,
            (false, None) => FileKind::Outside,
            (false, Some(path)) => {
                let package = owner(entries, base, file).map_or("", |index| &entries.packages[index].name);
                FileKind::of(package, path)
            }
        }
    };
    let mut sums: BTreeMap<FileKind, (u64, u64)> = BTreeMap::new();
    for file in &entries.files {
        let (files, bytes) = sums.entry(kind(file)).or_default();
        *files += 1;
        *bytes = bytes.saturating_add(file.bytes);
    }
    let sized = sums.into_iter().map(|(kind, (files, bytes))| SizedKind {
        kind,
        policy: kind.policy(),
        files,
        bytes,
    });
    let mut all: Vec<SizedKind> = sized.collect();
    all.sort_by_key(|kind| Reverse(kind.bytes));
    all
}

fn largest(entries: &Entries, base: usize) -> Vec<SizedFile> {
    let mut files: Vec<&File> = entries.files.iter().collect();
    files.sort_by(|a, b| (Reverse(a.bytes), &a.path, a.layer).cmp(&(Reverse(b.bytes), &b.path, b.layer)));
    let sized = |file: &File| SizedFile {
        path: format!("/{}", file.path),
        package: owner(entries, base, file).map(|index| entries.packages[index].name.clone()),
        bytes: file.bytes,
    };
    files.into_iter().take(NAMED).map(sized).collect()
}

fn duplicates(files: &[File]) -> Duplicates {
    let mut by_content: HashMap<(Digest, u64), Vec<&str>> = HashMap::new();
    for file in files {
        if let Some(digest) = file.digest {
            by_content.entry((digest, file.bytes)).or_default().push(&file.path);
        }
    }
    let mut all = Duplicates::default();
    let mut several: Vec<_> = by_content.into_iter().filter(|(_, paths)| paths.len() > 1).collect();
    several.sort_by_key(|((digest, bytes), paths)| {
        (Reverse(bytes.saturating_mul(paths.len() as u64 - 1)), *digest)
    });
    for ((_, bytes), paths) in &several {
        let more = paths.len() as u64 - 1;
        all.files += more;
        all.bytes = all.bytes.saturating_add(bytes.saturating_mul(more));
    }
    let named = several.into_iter().take(NAMED).map(|((digest, bytes), paths)| DuplicateFile {
        digest,
        bytes,
        paths: paths.into_iter().map(|path| format!("/{path}")).collect(),
    });
    all.largest = named.collect();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::{Compression, History, Layer, Platform};

    use crate::tree::{Content, FIXED_TIME, FileTree};

    fn layer(files: &[(&str, Vec<u8>)]) -> Layer {
        let mut tree = FileTree::default();
        files.iter().for_each(|(path, bytes)| tree.file(path, 0o644, Content::Bytes(bytes.clone())));
        Layer::from_tar(&tree.to_bytes(FIXED_TIME), Compression::GZIP, History::default()).unwrap()
    }

    fn told(sizes: &Sizes) -> String {
        let packages = sizes
            .packages
            .iter()
            .map(|p| format!("{} {} {}: {} in {}", p.prefix, p.name, p.version, p.bytes, p.files));
        let kinds = sizes.kinds.iter().map(|k| format!("{:?}: {} in {}", k.kind, k.bytes, k.files));
        let largest = sizes.largest.iter().map(|f| format!("{}: {} of {:?}", f.path, f.bytes, f.package));
        let twice =
            sizes.duplicates.largest.iter().map(|d| format!("{} times {}", d.bytes, d.paths.join(" ")));
        packages.chain(kinds).chain(largest).chain(twice).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn files_are_summed_by_package_and_kind() {
        let python = br#"{"name":"python","version":"3.13","files":["bin/python","lib/python3.13/test/a.py","lib/twin"]}"#;
        let zlib = br#"{"name":"zlib","version":"1.3","files":["include/z.h","lib/libz.so.1"]}"#;
        let image = Image::scratch(&Platform::linux("amd64"));
        let base = layer(&[("bin/sh", vec![1; 5000]), ("opt/conda/conda-meta/old-1-0.json", b"{}".to_vec())]);
        let packages = layer(&[
            ("opt/conda/bin/python", vec![2; 9000]),
            ("opt/conda/conda-meta/python-3.13-0.json", python.to_vec()),
            ("opt/conda/conda-meta/zlib-1.3-0.json", zlib.to_vec()),
            ("opt/conda/include/z.h", vec![3; 70]),
            ("opt/conda/lib/libz.so.1", vec![4; 8000]),
            ("opt/conda/lib/python3.13/test/a.py", vec![5; 60]),
            ("opt/conda/lib/twin", vec![1; 5000]),
        ]);
        let files = layer(&[("app/main.py", vec![6; 10]), ("opt/conda/lib/twin", vec![1; 5000])]);
        let image = image.with_layers(&[base, packages, files]).unwrap();
        let sizes = sizes(&image, 1).unwrap();
        assert_eq!((sizes.duplicates.files, sizes.duplicates.bytes), (2, 10_000));
        insta::assert_snapshot!(told(&sizes), @r#"
        /opt/conda python 3.13: 19155 in 5
        /opt/conda zlib 1.3: 8141 in 3
        Data: 10166 in 4
        Programs: 9000 in 1
        SharedLibs: 8000 in 1
        Base: 5002 in 2
        Headers: 70 in 1
        Tests: 60 in 1
        Outside: 10 in 1
        /opt/conda/bin/python: 9000 of Some("python")
        /opt/conda/lib/libz.so.1: 8000 of Some("zlib")
        /bin/sh: 5000 of None
        /opt/conda/lib/twin: 5000 of Some("python")
        /opt/conda/lib/twin: 5000 of Some("python")
        /opt/conda/conda-meta/python-3.13-0.json: 95 of Some("python")
        /opt/conda/conda-meta/zlib-1.3-0.json: 71 of Some("zlib")
        /opt/conda/include/z.h: 70 of Some("zlib")
        /opt/conda/lib/python3.13/test/a.py: 60 of Some("python")
        /app/main.py: 10 of None
        /opt/conda/conda-meta/old-1-0.json: 2 of None
        5000 times /bin/sh /opt/conda/lib/twin /opt/conda/lib/twin
        "#);
    }

    #[test]
    fn wheels_are_known_by_their_record() {
        let python = br#"{"name": "python", "version": "3.13", "files": ["bin/python"]}"#;
        let site = "opt/conda/lib/python3.13/site-packages";
        let record = "../../../bin/tool,sha256=x,10\n\"tool/a,b.py\",sha256=x,20\ntool-1.0.dist-info/RECORD,,\n../../../../../../../etc/x,,\n";
        let files = layer(&[
            ("opt/conda/conda-meta/python-3.13-0.json", python.to_vec()),
            ("opt/conda/bin/tool", vec![1; 10]),
            (&format!("{site}/tool/a,b.py"), vec![1; 20]),
            (&format!("{site}/tool-1.0.dist-info/RECORD"), record.as_bytes().to_vec()),
        ]);
        let image = Image::scratch(&Platform::linux("amd64")).with_layers(&[files]).unwrap();
        let sizes = sizes(&image, 0).unwrap();
        let tool = sizes.packages.iter().find(|package| package.name == "tool").unwrap();
        let found = (tool.prefix.as_str(), tool.version.as_str(), tool.files, tool.bytes);
        assert_eq!(found, ("/opt/conda", "1.0", 3, 30 + record.len() as u64));
    }
}
