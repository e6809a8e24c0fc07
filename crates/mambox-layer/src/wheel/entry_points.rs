//! `entry_points.txt` (entry points specification): the scripts that installers make.

use std::collections::BTreeMap;
use std::str::FromStr;

use rattler_conda_types::package::EntryPoint;

use crate::error::Problem;

/// Console and GUI scripts by name; of two with one name, a GUI script wins, else the later.
pub(super) fn parse(text: &str) -> Result<Vec<EntryPoint>, Problem> {
    let (mut console, mut gui) = (BTreeMap::new(), BTreeMap::new());
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
            continue;
        }
        let scripts = match section {
            "console_scripts" => &mut console,
            "gui_scripts" => &mut gui,
            _ => continue,
        };
        let entry_point = entry_point(line)?;
        scripts.insert(entry_point.command.clone(), entry_point);
    }
    console.extend(gui);
    Ok(console.into_values().collect())
}

/// `NAME = MODULE:FUNCTION [EXTRA]`; extras say nothing to an installer of wheels.
fn entry_point(line: &str) -> Result<EntryPoint, Problem> {
    let invalid = |why: String| Problem::Metadata {
        file: "entry_points.txt",
        why: format!("'{}': {why}", mambox_link::printable(&line.chars().take(200).collect::<String>())),
    };
    let plain = match line.strip_suffix(']').and_then(|line| line.rsplit_once('[')) {
        Some((plain, _)) => plain,
        None => line,
    };
    let entry_point = EntryPoint::from_str(plain).map_err(|error| invalid(error.to_string()))?;
    if entry_point.command.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(invalid("the name of a script holds white space".to_owned()));
    }
    Ok(entry_point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match parse(text) {
            Ok(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn both_groups_of_scripts_count_and_nothing_else() {
        let text = "
            # a comment
            [console_scripts]
            b-tool = pkg.cli : Main.run [extra, more]
            a=pkg:old
            a = pkg:new
            both = pkg:console
            [ gui_scripts ]
            both = pkg:window
            [pkg.plugins]
            anything = at all/here
        ";
        insta::assert_snapshot!(told(text), @r"
        a = pkg:new
        b-tool = pkg.cli:Main.run
        both = pkg:window
        ");
    }

    #[test]
    fn names_and_references_that_are_none_are_refused() {
        let lines =
            ["../x = a:b", "a/b = a:b", "a b = a:b", "a = a", "a = a:b;import os", "a", "= a:b", "a = :b"];
        let told: Vec<String> =
            lines.iter().map(|line| told(&format!("[console_scripts]\n{line}"))).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        has an invalid entry_points.txt: '../x = a:b': entry point command must not contain path separators or NUL: "../x"
        has an invalid entry_points.txt: 'a/b = a:b': entry point command must not contain path separators or NUL: "a/b"
        has an invalid entry_points.txt: 'a b = a:b': the name of a script holds white space
        has an invalid entry_points.txt: 'a = a': missing module and function separator ':'
        has an invalid entry_points.txt: 'a = a:b;import os': entry point function must be a Python dotted identifier: "b;import os"
        has an invalid entry_points.txt: 'a': missing entry point separator '='
        has an invalid entry_points.txt: '= a:b': entry point command must be non-empty
        has an invalid entry_points.txt: 'a = :b': entry point module must be non-empty
        "#);
    }
}
