//! Many looks at files by one container.

use super::check::{FamilyCheck, Look, Who};
use crate::engine::Engine;
use crate::image;

/// What one user's container printed for each of the texts.
pub(super) type Survey = Result<Vec<(&'static str, Vec<String>)>, String>;

/// Before what is printed for a check; no path and no sentence begins so.
const MARK: &str = "\u{1}mambox ";

/// Runs all texts of one user.
pub(super) fn survey(engine: Engine, image: &str, rows: &[FamilyCheck], who: Who) -> Survey {
    let scripts: Vec<_> = rows.iter().filter_map(|row| Some((row.name, script(&row.look, who)?))).collect();
    let mut options = vec!["--entrypoint", "/bin/sh"];
    match who {
        Who::Own => {}
        Who::Root => options.extend(["--user", "0:0"]),
        Who::Anybody => options.extend(["--user", "1001:1001"]),
    }
    let text = whole(&scripts);
    let ended = image::run(engine, image, &options, &["-c", &text], "");
    let printed = ended.and_then(|ended| ended.into_stdout()).map_err(|error| error.to_string())?;
    Ok(parts(&printed, &scripts))
}

/// One text of all. Each is a subshell, which cannot end the others.
fn whole(scripts: &[(&'static str, String)]) -> String {
    let part = |(number, (_, script)): (usize, &(&str, String))| {
        format!("printf '\\n{MARK}%s\\n' {number}\n(\n{script}\n) 2>&1\n")
    };
    scripts.iter().enumerate().map(part).chain(["printf '\\n'\n".to_owned()]).collect()
}

/// What was printed for each. What was not reached is a fault, too.
fn parts(printed: &str, scripts: &[(&'static str, String)]) -> Vec<(&'static str, Vec<String>)> {
    let mut found: Vec<Option<Vec<String>>> = vec![None; scripts.len()];
    for part in printed.split(MARK).skip(1) {
        let mut lines = part.lines();
        let number = lines.next().and_then(|number| number.parse::<usize>().ok());
        if let Some(place) = number.and_then(|number| found.get_mut(number)) {
            *place = Some(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect());
        }
    }
    let lost = || vec!["the shell of the image did not get so far".to_owned()];
    scripts.iter().zip(found).map(|((name, _), found)| (*name, found.unwrap_or_else(lost))).collect()
}

/// The text of a check by this user.
fn script(look: &Look, who: Who) -> Option<String> {
    match look {
        Look::Inside { by, script } if *by == who => Some((*script).to_owned()),
        Look::Access { by, path, rights } if *by == who => Some(access(path, rights)),
        _ => None,
    }
}

/// Names each right that is missing.
fn access(path: &str, rights: &str) -> String {
    let one = |right: char| {
        let word = match right {
            'r' => "readable",
            'w' => "writable",
            _ => "executable or searchable",
        };
        format!("[ -{right} \"{path}\" ] || echo \"{path} is not {word} by $(id -u):$(id -g)\"\n")
    };
    let exists = format!("if ! [ -e \"{path}\" ]; then echo \"{path} is not there\"; exit; fi\n");
    std::iter::once(exists).chain(rights.chars().map(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn printed(scripts: &[(&'static str, String)]) -> Vec<(&'static str, Vec<String>)> {
        let output = Command::new("sh").args(["-c", &whole(scripts)]).output().expect("sh");
        parts(&String::from_utf8_lossy(&output.stdout), scripts)
    }

    #[test]
    fn each_check_gets_its_own_faults() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path().display();
        let scripts = [
            ("good", access(&here.to_string(), "rwx")),
            ("missing", access(&format!("{here}/none"), "r")),
            ("ends", "echo one; echo two >&2; exit 3".to_owned()),
            ("after", "printf 'no line end'".to_owned()),
        ];
        let printed = printed(&scripts);
        assert_eq!(printed[0], ("good", vec![]));
        assert_eq!(printed[1].1, [format!("{here}/none is not there")]);
        assert_eq!(printed[2].1, ["one", "two"]);
        assert_eq!(printed[3].1, ["no line end"]);
    }

    #[test]
    fn what_was_not_reached_is_no_success() {
        let lost = parts("", &[("never", String::new())]);
        assert_eq!(lost, [("never", vec!["the shell of the image did not get so far".to_owned()])]);
    }
}
