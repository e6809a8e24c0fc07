//! This machine's python as a package.

use std::path::Path;
use std::process::Command;

use mambox_testkit::PackageBuilder;

const PYTHON: &str = "/usr/bin/python3";
/// What python imports before it runs a line, and what our programs for it import.
const LIBRARY: [&str; 6] = ["", "collections", "encodings", "importlib", "json", "re"];
/// What it imports besides to build a wheel.
const FOR_BUILDS: [&str; 8] = [
    "email",
    "importlib/metadata",
    "importlib/resources",
    "pathlib",
    "sysconfig",
    "urllib",
    "zipfile",
    "zipfile/_path",
];

/// Version, executable and library folder of this machine's python.
pub fn python_here() -> Option<[String; 3]> {
    let ask = "import os, sys; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable), \
               os.path.dirname(os.__file__), sep='\\n')";
    let output = Command::new(PYTHON).args(["-I", "-c", ask]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.try_into().ok()
}

/// This machine's python as a package, with a little of its library.
pub fn python_package(version: &str, executable: &str, library: &str) -> PackageBuilder {
    with_library(version, executable, library, &[])
}

/// The same with what building a wheel takes.
pub fn building_python_package(version: &str, executable: &str, library: &str) -> PackageBuilder {
    with_library(version, executable, library, &FOR_BUILDS)
}

fn with_library(version: &str, executable: &str, library: &str, more: &[&str]) -> PackageBuilder {
    let program = std::fs::read(executable).expect("python");
    let package = PackageBuilder::new("python", &format!("{version}.0"))
        .build_string("h0_0_cpython")
        .executable(&format!("bin/python{version}"), program);
    LIBRARY.iter().chain(more).fold(package, |package, folder| {
        let files = std::fs::read_dir(Path::new(library).join(folder)).into_iter().flatten().flatten();
        let sources = files.filter(|file| file.file_name().to_string_lossy().ends_with(".py"));
        sources.fold(package, |package, file| {
            let name = Path::new(folder).join(file.file_name());
            let path = format!("lib/python{version}/{}", name.display());
            package.file(&path, std::fs::read(file.path()).expect("a source"))
        })
    })
}
