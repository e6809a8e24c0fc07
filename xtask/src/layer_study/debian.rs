//! Debian's package index as a catalogue of packages with dependencies and sizes.
//!
//! Debian cuts software much as conda channels do (a library, a program, a Python module each in a package), and its
//! index is public and whole. What every Debian system has is taken for the base image and left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::catalog::{Entry, Kind};

/// Debian cuts Python into pieces that conda has in one package.
const PYTHON: [&str; 10] = [
    "python3",
    "python3-minimal",
    "python3.11",
    "python3.11-minimal",
    "libpython3-stdlib",
    "libpython3.11-stdlib",
    "libpython3.11-minimal",
    "libpython3.11",
    "python3-distutils",
    "python3-lib2to3",
];
/// What a base image has, besides everything that is essential or required.
const BASE: [&str; 6] = ["libc6", "libcrypt1", "debconf", "cdebconf", "gcc-12-base", "dpkg"];

/// What the environments of the study ask for.
const APPLICATIONS: [&str; 76] = [
    "python3-numpy",
    "python3-pandas",
    "python3-scipy",
    "python3-sklearn",
    "python3-matplotlib",
    "python3-statsmodels",
    "python3-skimage",
    "python3-dask",
    "python3-xarray",
    "python3-netcdf4",
    "python3-h5py",
    "python3-tables",
    "python3-numba",
    "python3-sympy",
    "python3-networkx",
    "python3-notebook",
    "python3-ipython",
    "python3-flask",
    "python3-django",
    "python3-fastapi",
    "python3-requests",
    "python3-aiohttp",
    "python3-sqlalchemy",
    "python3-psycopg2",
    "python3-yaml",
    "python3-click",
    "python3-rich",
    "python3-boto3",
    "python3-pil",
    "python3-opencv",
    "python3-torch",
    "python3-biopython",
    "python3-pysam",
    "python3-astropy",
    "python3-geopandas",
    "python3-rasterio",
    "python3-shapely",
    "python3-pyproj",
    "python3-cartopy",
    "python3-nltk",
    "python3-bs4",
    "python3-lxml",
    "python3-pytest",
    "python3-sphinx",
    "cython3",
    "python3-pip",
    "python3-setuptools",
    "python3-certifi",
    "snakemake",
    "cutadapt",
    "r-base-core",
    "r-cran-ggplot2",
    "r-cran-dplyr",
    "r-cran-tidyverse",
    "r-bioc-deseq2",
    "r-bioc-limma",
    "samtools",
    "bcftools",
    "bwa",
    "bowtie2",
    "bedtools",
    "hisat2",
    "gdal-bin",
    "ncbi-blast+",
    "gromacs",
    "octave",
    "curl",
    "jq",
    "git",
    "imagemagick",
    "ffmpeg",
    "nodejs",
    "postgresql-client",
    "sqlite3",
    "ca-certificates",
    "tzdata",
];

/// A paragraph of the index.
#[derive(Debug, Default, Clone)]
struct Stanza {
    version: String,
    architecture: String,
    depends: String,
    size: u64,
    is_base: bool,
    provides: String,
}

/// The applications and all that they need.
pub(super) fn catalog(index: &str) -> Result<Vec<Entry>, String> {
    let stanzas = stanzas(index);
    let mut providers: HashMap<&str, &str> = HashMap::new();
    for (name, stanza) in &stanzas {
        for provided in names(&stanza.provides) {
            providers.entry(provided).or_insert(name);
        }
    }
    let resolve = |alternatives: &'_ str| -> Option<String> {
        let known = alternatives.split('|').map(bare);
        let mut found = known.filter_map(|name| {
            stanzas.get_key_value(name).map(|(name, _)| name.as_str()).or(providers.get(name).copied())
        });
        found.next().map(str::to_owned)
    };
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut waiting: Vec<String> = APPLICATIONS.map(str::to_owned).to_vec();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    while let Some(name) = waiting.pop() {
        let stanza = stanzas.get(&name).ok_or_else(|| format!("{name} is not in the index"))?;
        if stanza.is_base {
            continue;
        }
        let depends: BTreeSet<String> = stanza.depends.split(", ").filter_map(resolve).collect();
        let depends = depends.into_iter().filter(|name| !stanzas[name].is_base);
        let depends: Vec<String> = depends.collect();
        let entry = entries.entry(conda_name(&name)).or_insert_with(|| Entry {
            name: conda_name(&name),
            version: conda_version(&stanza.version),
            kind: Kind::Native,
            size: 0,
            depends: BTreeSet::new(),
            is_application: false,
        });
        entry.size += stanza.size;
        entry.is_application |= APPLICATIONS.contains(&name.as_str());
        entry.kind = kind(stanza, &depends, entry);
        entry.depends.extend(depends.iter().map(|name| conda_name(name)));
        entry.depends.remove(&conda_name(&name));
        waiting.extend(depends.into_iter().filter(|name| seen.insert(name.clone())));
    }
    Ok(entries.into_values().collect())
}

fn kind(stanza: &Stanza, depends: &[String], entry: &Entry) -> Kind {
    let by_python = entry.name != "python" && depends.iter().any(|name| PYTHON.contains(&name.as_str()));
    match (stanza.architecture.as_str(), by_python) {
        ("all", true) => Kind::NoarchPython,
        ("all", false) => Kind::NoarchGeneric,
        (_, true) => Kind::NativePython,
        (_, false) => Kind::Native,
    }
}

fn stanzas(index: &str) -> BTreeMap<String, Stanza> {
    let mut all = BTreeMap::new();
    for paragraph in index.split("\n\n") {
        let (mut name, mut stanza) = (String::new(), Stanza::default());
        for (field, value) in paragraph.lines().filter_map(|line| line.split_once(": ")) {
            match field {
                "Package" => name = value.into(),
                "Version" => stanza.version = value.into(),
                "Architecture" => stanza.architecture = value.into(),
                "Depends" => stanza.depends = value.into(),
                "Provides" => stanza.provides = value.into(),
                "Size" => stanza.size = value.parse().unwrap_or(0),
                "Essential" => stanza.is_base |= value == "yes",
                "Priority" => stanza.is_base |= value == "required",
                _ => {}
            }
        }
        stanza.is_base |= BASE.contains(&name.as_str());
        if !name.is_empty() {
            all.entry(name).or_insert(stanza);
        }
    }
    all
}

/// Names of a list of dependencies, without versions and architectures.
fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(", ").map(bare).filter(|name| !name.is_empty())
}

fn bare(dependency: &str) -> &str {
    dependency.trim().split([' ', ':', '(']).next().unwrap_or_default()
}

/// As conda calls it, where that follows from Debian's name.
fn conda_name(name: &str) -> String {
    match name {
        name if PYTHON.contains(&name) => "python".into(),
        "libgcc-s1" => "libgcc".into(),
        "libstdc++6" => "libstdcxx".into(),
        "libssl3" => "openssl".into(),
        "openssl" => "openssl-program".into(),
        "cython3" => "cython".into(),
        _ => name.strip_prefix("python3-").unwrap_or(name).replace('+', "x"),
    }
}

/// Debian's version without epoch, revision and suffixes.
fn conda_version(version: &str) -> String {
    let upstream = version.split_once(':').map_or(version, |(_, version)| version);
    let end = upstream.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(upstream.len());
    let numbers: Vec<&str> = upstream[..end].split('.').filter(|number| !number.is_empty()).collect();
    if numbers.is_empty() { "1".into() } else { numbers.join(".") }
}
