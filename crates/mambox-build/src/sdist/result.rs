//! Whether a wheel is the one that was asked for.

use std::str::FromStr;

use mambox_env::{WheelName, WheelTarget, normalize_pip_name};
use pep440_rs::Version;

use super::error::SdistProblem;

/// Which wheel is wanted.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The distribution's name.
    pub(super) name: String,
    /// Its version, where it is known before.
    pub(super) version: Option<String>,
    /// Where it is to run.
    pub(super) target: WheelTarget,
}

impl Wanted {
    /// Checks a wheel by its file name.
    pub(super) fn check(&self, file_name: &str) -> Result<WheelName, SdistProblem> {
        let wrong = |why: String| {
            let file_name = file_name.chars().filter(|c| !c.is_control()).take(255).collect();
            SdistProblem::WrongWheel { file_name, why }
        };
        let wheel = WheelName::parse(file_name)
            .map_err(|error| wrong(format!("is no name of a wheel: {}", error.why)))?;
        if normalize_pip_name(&self.name).ok().as_ref() != Some(&wheel.name) {
            return Err(wrong(format!("is a wheel of {}, not of {}", wheel.name, self.name)));
        }
        if let Some(version) = self.version.as_ref().filter(|version| !same(version, &wheel.version)) {
            return Err(wrong(format!("has the version {}, not {version}", wheel.version)));
        }
        if self.target.rank(&wheel).is_none() {
            let (python, platform) = (self.target.python_version(), self.target.platform);
            return Err(wrong(format!(
                "does not run on python {python} for {platform} with the base's C library"
            )));
        }
        Ok(wheel)
    }
}

/// In file names `_` stands for what they cannot have.
fn same(one: &str, other: &str) -> bool {
    let parsed =
        |text: &str| Version::from_str(text).or_else(|_| Version::from_str(&text.replace('_', "-"))).ok();
    match (parsed(one), parsed(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use mambox_env::Libc;
    use rattler_conda_types::Subdir;

    use super::*;

    fn told(file_name: &str, version: Option<&str>) -> String {
        let libc = Libc::Glibc("2.36".parse().expect("a version"));
        let target = WheelTarget { python: (3, 13), free_threaded: false, platform: Subdir::Linux64, libc };
        let wanted = Wanted { name: "ruamel.yaml".into(), version: version.map(str::to_owned), target };
        match wanted.check(file_name) {
            Ok(wheel) => format!("{} {}", wheel.name, wheel.version),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn a_wheel_is_of_the_name_the_version_and_the_target() {
        let told = [
            told("ruamel_yaml-0.18-py3-none-any.whl", None),
            told("Ruamel.YAML-0.18.0-py3-none-any.whl", Some("0.18")),
            told("ruamel_yaml-1.0+local.1-cp313-cp313-linux_x86_64.whl", Some("1.0+local-1")),
            told("other-0.18-py3-none-any.whl", None),
            told("ruamel_yaml-0.19-py3-none-any.whl", Some("0.18")),
            told("ruamel_yaml-0.18-cp312-cp312-linux_x86_64.whl", None),
            told("../x.whl", None),
        ];
        insta::assert_snapshot!(told.join("\n"), @r"
        ruamel-yaml 0.18
        ruamel-yaml 0.18.0
        ruamel-yaml 1.0+local.1
        its build backend made other-0.18-py3-none-any.whl, which is a wheel of other, not of ruamel.yaml
        its build backend made ruamel_yaml-0.19-py3-none-any.whl, which has the version 0.19, not 0.18
        its build backend made ruamel_yaml-0.18-cp312-cp312-linux_x86_64.whl, which does not run on python 3.13 for linux-64 with the base's C library
        its build backend made ../x.whl, which is no name of a wheel: it is too long, or has characters that no such name has
        ");
    }
}
