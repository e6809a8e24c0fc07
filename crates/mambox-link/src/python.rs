//! What the environment's python decides about noarch python packages.

use rattler_conda_types::{PackageRecord, package::EntryPoint};
use serde::{Deserialize, Serialize};

use crate::error::LinkError;

/// Longest shebang line that Linux reads, less `#!`.
const MAX_INTERPRETER: usize = 127 - 2;

/// Version and places of the environment's python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Python {
    /// Major and minor number: `3.13`.
    pub version: String,
    /// Relative to the prefix: `lib/python3.13/site-packages` (CEP 17 lets python say otherwise).
    pub site_packages: String,
}

impl Python {
    /// From the record of the package `python`.
    ///
    /// # Errors
    /// When the version has no major and minor number.
    pub fn of(record: &PackageRecord) -> Result<Self, LinkError> {
        let version = record.version.version();
        let (major, minor) = version
            .as_major_minor()
            .ok_or_else(|| LinkError::PythonVersion { version: record.version.to_string() })?;
        let site_packages = match &record.python_site_packages_path {
            Some(path) => path.trim_end_matches('/').to_owned(),
            None => format!("lib/python{major}.{minor}/site-packages"),
        };
        Ok(Self { version: format!("{major}.{minor}"), site_packages })
    }

    /// Where a path of a noarch python package goes, relative to the prefix.
    pub fn destination(&self, path: &str) -> String {
        if let Some(rest) = path.strip_prefix("site-packages/") {
            format!("{}/{rest}", self.site_packages)
        } else if let Some(rest) = path.strip_prefix("python-scripts/") {
            format!("bin/{rest}")
        } else {
            path.to_owned()
        }
    }

    /// Whether it can make `.pyc` files that are valid by a hash (PEP 552: since 3.7).
    pub fn can_make_pyc(&self) -> bool {
        let mut numbers = self.version.split('.').map(str::parse::<u32>);
        matches!((numbers.next(), numbers.next()), (Some(Ok(3)), Some(Ok(7..))))
    }

    /// Where the compiled form of a source goes (PEP 3147); conda, too, takes every python for a CPython here.
    pub fn pyc_path(&self, source: &str) -> Option<String> {
        let (folder, name) = source.rsplit_once('/')?;
        let stem = name.strip_suffix(".py")?;
        Some(format!("{folder}/__pycache__/{stem}.cpython-{}.pyc", self.version.replace('.', "")))
    }

    /// What a script begins with that this python is to run: one line, or two where Linux would not read the one. No line
    /// end follows.
    pub fn shebang(&self, prefix: &str) -> String {
        let interpreter = format!("{prefix}/bin/python{}", self.version);
        if interpreter.len() > MAX_INTERPRETER || interpreter.contains(' ') {
            // Python takes the second line for a string, the shell for a command.
            format!("#!/bin/sh\n'''exec' \"{interpreter}\" \"$0\" \"$@\" #'''")
        } else {
            format!("#!{interpreter}")
        }
    }

    /// The executable script of an entry point, as conda and rattler write it.
    pub fn entry_point_script(&self, prefix: &str, entry_point: &EntryPoint) -> String {
        let shebang = self.shebang(prefix);
        let EntryPoint { module, function, .. } = entry_point;
        let import = function.split_once('.').map_or(function.as_str(), |(object, _method)| object);
        [
            &shebang,
            "# -*- coding: utf-8 -*-",
            "import re",
            "import sys",
            "",
            &format!("from {module} import {import}"),
            "",
            "if __name__ == '__main__':",
            "\tsys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])",
            &format!("\tsys.exit({function}())"),
            "",
        ]
        .join("\n")
    }
}
