//! What the `activate.d` scripts of an environment change, found by running them twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::activation::{Environment, is_conda_bookkeeping};
use crate::search_path::{once, put_around};

/// The exported variables before and after the scripts, in one run of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// The prefix is active, its scripts are not sourced yet.
    pub before: Environment,
    /// All scripts are sourced.
    pub after: Environment,
}

/// The change that `activate.d` scripts make, as data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    /// Set to these values whatever the moment.
    pub variables: BTreeMap<String, String>,
    /// Unset whatever the moment.
    pub unset: BTreeSet<String>,
    /// Folders put in front of `PATH`, in its order.
    pub path_first: Vec<String>,
    /// Folders put behind `PATH`, in its order.
    pub path_last: Vec<String>,
    /// Names whose change depends on the moment; `PATH` too where folders were not only put around it.
    pub dynamic: BTreeSet<String>,
}

/// The difference that scripts made, from two runs under different HOME, user, host name, time zone,
/// time and whatever else may not enter an image.
///
/// A change that came out the same in both runs is captured, any other is dynamic. What shells keep for
/// themselves (`_`, `PWD`, `SHLVL`, `PS1`, `BASH_*`, …) and the names by which conda knows what is
/// active are no changes. Empty folders of `PATH` (the current one) are dropped: they come from a
/// script that puts an empty variable in front.
pub fn capture(first: &Run, second: &Run) -> Captured {
    let mut captured = Captured::default();
    let maps = [&first.before, &first.after, &second.before, &second.after];
    let names: BTreeSet<&String> = maps.into_iter().flat_map(BTreeMap::keys).collect();
    for name in names.into_iter().filter(|name| !is_bookkeeping(name)) {
        let changed = |run: &Run| run.before.get(name) != run.after.get(name);
        if !changed(first) && !changed(second) {
            continue;
        }
        match (first.after.get(name), second.after.get(name)) {
            _ if name == "PATH" => capture_path(&mut captured, first, second),
            (Some(value), Some(same)) if value == same => {
                captured.variables.insert(name.clone(), value.clone());
            }
            (None, None) => {
                captured.unset.insert(name.clone());
            }
            _ => {
                captured.dynamic.insert(name.clone());
            }
        }
    }
    captured
}

fn capture_path(captured: &mut Captured, first: &Run, second: &Run) {
    let around = |run: &'_ Run| -> Option<(Vec<String>, Vec<String>)> {
        let before = run.before.get("PATH").map(String::as_str).unwrap_or_default();
        let (first, last) = put_around(before, run.after.get("PATH")?)?;
        Some((folders_once(first), folders_once(last)))
    };
    match (around(first), around(second)) {
        (Some(folders), Some(same)) if folders == same => (captured.path_first, captured.path_last) = folders,
        _ => {
            captured.dynamic.insert("PATH".into());
        }
    }
}

fn folders_once(folders: Vec<&str>) -> Vec<String> {
    once(folders.into_iter().filter(|folder| !folder.is_empty())).into_iter().map(str::to_owned).collect()
}

/// What changes because a shell runs, or because a prefix is active, and not by a script's will.
fn is_bookkeeping(name: &str) -> bool {
    const SHELLS: [&str; 46] = [
        "BASH",
        "BASHOPTS",
        "BASHPID",
        "BASH_ALIASES",
        "BASH_ARGC",
        "BASH_ARGV",
        "BASH_ARGV0",
        "BASH_CMDS",
        "BASH_COMMAND",
        "BASH_EXECUTION_STRING",
        "BASH_LINENO",
        "BASH_MONOSECONDS",
        "BASH_REMATCH",
        "BASH_SOURCE",
        "BASH_SUBSHELL",
        "BASH_TRAPSIG",
        "BASH_VERSINFO",
        "BASH_VERSION",
        "COLUMNS",
        "EGID",
        "EPOCHREALTIME",
        "EPOCHSECONDS",
        "EUID",
        "GID",
        "HISTCMD",
        "IFS",
        "LINENO",
        "LINES",
        "OLDPWD",
        "OPTIND",
        "PPID",
        "PROMPT",
        "PROMPT_COMMAND",
        "PS0",
        "PS1",
        "PS2",
        "PS3",
        "PS4",
        "PWD",
        "RANDOM",
        "SECONDS",
        "SHELLOPTS",
        "SHLVL",
        "SRANDOM",
        "UID",
        "_",
    ];
    SHELLS.contains(&name) || is_conda_bookkeeping(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(text: &str) -> Environment {
        let entries = text.split_whitespace().filter_map(|entry| entry.split_once('='));
        entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Two runs: before, after; before, after.
    fn captured(texts: [&str; 4]) -> String {
        let [before, after, before2, after2] = texts.map(environment);
        let captured = capture(&Run { before, after }, &Run { before: before2, after: after2 });
        let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
        format!(
            "variables: {:?}\nunset: {}\npath: {} | {}\ndynamic: {}",
            captured.variables,
            names(&captured.unset),
            captured.path_first.join(":"),
            captured.path_last.join(":"),
            names(&captured.dynamic)
        )
    }

    #[test]
    fn the_same_change_is_captured_and_any_other_is_dynamic() {
        insta::assert_snapshot!(captured([
            "HOME=/home/a HOST=a GONE=1 KEPT=1 PATH=/bin SHLVL=1",
            "HOME=/home/a HOST=a KEPT=1 PATH=/opt/x:/bin:/sbin SHLVL=2 SET=1 CACHE=/home/a/.cache PWD=/x CONDA_SHLVL=7",
            "HOME=/home/b HOST=b GONE=1 KEPT=1 PATH=/bin SHLVL=1",
            "HOME=/home/b HOST=b KEPT=1 PATH=/opt/x:/bin:/sbin SHLVL=1 SET=1 CACHE=/home/b/.cache ONLY=b",
        ]), @r#"
        variables: {"SET": "1"}
        unset: GONE
        path: /opt/x | /sbin
        dynamic: CACHE ONLY
        "#);
    }

    #[test]
    fn a_script_may_change_what_the_runs_differ_in() {
        insta::assert_snapshot!(captured([
            "HOME=/home/a USER=a TZ=UTC LOGNAME=a",
            "HOME=/data USER=a2 TZ=UTC",
            "HOME=/home/b USER=b TZ=CET LOGNAME=b",
            "HOME=/data USER=b2 TZ=UTC",
        ]), @r#"
        variables: {"HOME": "/data", "TZ": "UTC"}
        unset: LOGNAME
        path:  | 
        dynamic: USER
        "#);
    }

    #[test]
    fn a_path_that_was_cut_or_depends_on_the_moment_is_dynamic() {
        let path = |after: &str, after2: &str| {
            let text =
                captured(["PATH=/a:/b", &format!("PATH={after}"), "PATH=/a:/b", &format!("PATH={after2}")]);
            text.lines().skip(2).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(path("/x:/a:/b", "/x:/a:/b"), "path: /x | ; dynamic: ");
        assert_eq!(path(":/x:/x:/a:/b:", ":/x:/x:/a:/b:"), "path: /x | ; dynamic: ");
        assert_eq!(path("/home/a:/a:/b", "/home/b:/a:/b"), "path:  | ; dynamic: PATH");
        assert_eq!(path("/a:/x:/b", "/a:/x:/b"), "path:  | ; dynamic: PATH");
        assert_eq!(path("/b", "/b"), "path:  | ; dynamic: PATH");
    }
}
