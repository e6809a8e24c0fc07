//! What a conda-lock.yml has for pip, taken out so that the rest can be read as a lock of conda packages.

use serde_yaml::{Mapping, Value};

use super::PipSection;
use crate::failure::{Failure, Outcome};

/// The file without its pip packages, and those that `platform` and `categories` select as exact requirements.
pub(crate) fn split(
    text: &str,
    file: &str,
    platform: &str,
    categories: &[String],
) -> Outcome<(String, Vec<String>)> {
    let mut document: Value =
        serde_yaml::from_str(text).map_err(Failure::because(format!("{file} is no valid YAML")))?;
    let Some(packages) = document.get_mut("package").and_then(Value::as_sequence_mut) else {
        return Ok((text.to_owned(), Vec::new()));
    };
    let is_pip = |package: &Value| package.get("manager").and_then(Value::as_str) == Some("pip");
    if !packages.iter().any(is_pip) {
        return Ok((text.to_owned(), Vec::new()));
    }
    let (pip, conda): (Vec<Value>, Vec<Value>) = std::mem::take(packages).into_iter().partition(is_pip);
    *packages = conda;
    let requirements = pip
        .iter()
        .filter_map(Value::as_mapping)
        .filter(|package| is_selected(package, platform, categories))
        .map(|package| requirement(package, file))
        .collect::<Outcome<Vec<_>>>()?;
    let rest = serde_yaml::to_string(&document).map_err(Failure::because(file))?;
    Ok((rest, requirements))
}

/// The section that installs such requirements.
pub(crate) fn section(requirements: Vec<String>, folder: std::path::PathBuf) -> Option<PipSection> {
    (!requirements.is_empty()).then_some(PipSection { requirements, folder, locked: true })
}

fn text<'a>(package: &'a Mapping, key: &str) -> Option<&'a str> {
    package.get(key).and_then(Value::as_str)
}

fn is_selected(package: &Mapping, platform: &str, categories: &[String]) -> bool {
    let category = text(package, "category").unwrap_or("main");
    text(package, "platform").is_none_or(|named| named == platform)
        && categories.iter().any(|wanted| wanted == category)
}

/// `NAME @ URL --hash=sha256:…`: pip checks the hash.
fn requirement(package: &Mapping, file: &str) -> Outcome<String> {
    let name = text(package, "name").unwrap_or("?");
    let missing =
        |what: &str| Failure::Message(format!("{file}: the pip package '{name}' has no {what}; lock again"));
    let url = text(package, "url").ok_or_else(|| missing("url"))?;
    let hash = package.get("hash").and_then(|hash| hash.get("sha256")).and_then(Value::as_str);
    let hash = hash.ok_or_else(|| missing("sha256"))?;
    Ok(format!("{name} @ {url} --hash=sha256:{hash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "
version: 1
package:
- {name: python, manager: conda, platform: linux-64, url: https://h/python-3-0.conda, category: main}
- {name: left, manager: pip, platform: linux-64, url: https://h/left.whl, hash: {sha256: aa}, category: main}
- {name: dev, manager: pip, platform: linux-64, url: https://h/dev.whl, hash: {sha256: bb}, category: dev}
- {name: far, manager: pip, platform: osx-64, url: https://h/far.whl, hash: {sha256: cc}, category: main}
";

    /// The micromamba reference, section 3: filtered by platform and category, installed with hash.
    #[test]
    fn pip_packages_become_exact_requirements() {
        let (rest, requirements) = split(LOCK, "f", "linux-64", &["main".into()]).unwrap();
        assert_eq!(requirements, ["left @ https://h/left.whl --hash=sha256:aa"]);
        assert!(rest.contains("python") && !rest.contains("left"));
    }

    #[test]
    fn a_package_without_a_hash_is_refused() {
        let bare = LOCK.replace("hash: {sha256: aa}, ", "");
        assert!(split(&bare, "f", "linux-64", &["main".into()]).is_err());
    }
}
