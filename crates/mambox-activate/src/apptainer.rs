//! The environment under Apptainer and Singularity, which turn an image's Env into a script.
//!
//! They source `/.singularity.d/env/*.sh` in the order of their names for `exec`, `run` and `shell`.
//! Apptainer hides the host's variables from these files and gives back afterwards those that no file
//! set; what a file left empty, it unsets if the host has it. Older versions let the files see them.
//! `10-docker2singularity.sh` is the image's Env, written at conversion as `export X="${X:-"value"}"`:
//! what is there already wins, and the value is quoted by Go's `%q` after a first escaping, which
//! garbles some ([`carries_through_apptainer`]). Variables given with `--env` or `APPTAINERENV_X` are
//! set after all files and win. All of this was tried with Apptainer 1.4.5, but for the older versions.

use crate::activation::Activation;
use crate::posix::{export, export_where_empty, path};

/// Runs before the image's Env is set.
pub const APPTAINER_FIRST: &str = "/.singularity.d/env/05-mambox.sh";
/// Runs after the image's Env and a definition file's `%environment`.
pub const APPTAINER_LAST: &str = "/.singularity.d/env/95-mambox.sh";

/// Variables of a host that break a python or a bash of another machine.
const LEAKS: [&str; 3] = ["BASH_ENV", "PYTHONHOME", "PYTHONPATH"];

/// The two scripts; an image needs both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApptainerScripts {
    /// The text of [`APPTAINER_FIRST`].
    pub first: String,
    /// The text of [`APPTAINER_LAST`].
    pub last: String,
}

/// The scripts that make a prefix active under Apptainer, in POSIX sh.
///
/// The first empties what the host may have set: our variables, what scripts of the environment unset,
/// and `LEAKS`. The image's Env then fills them in, so a Dockerfile `FROM` ours may still set any of
/// them, `PYTHONPATH` included; a `PYTHONPATH` meant for the container is given as `--env` or
/// `APPTAINERENV_PYTHONPATH`. Emptied, not unset: the host's value of a variable that scripts unset comes
/// back, and most programs take an empty one for unset.
///
/// The last sets what is still empty or what the conversion garbled, and `PATH`'s folders.
pub fn apptainer_scripts(activation: &Activation) -> ApptainerScripts {
    let marks = activation.marks();
    let ours: Vec<(&str, &str)> =
        marks.iter().map(|(name, value)| (*name, &**value)).chain(activation.shell_variables()).collect();
    let mut names: Vec<&str> = LEAKS.into_iter().chain(ours.iter().map(|(name, _)| *name)).collect();
    names.extend(activation.shell_unset());
    names.sort_unstable();
    names.dedup();

    let mut first = "# Variables of the host must not win over the image's. Written by mambox.\n".to_owned();
    first.extend(names.into_iter().map(|name| format!("export {name}=\n")));
    let mut last = "# What the image's Env could not carry. Written by mambox.\n".to_owned();
    last.push_str(&path(activation));
    last.extend(ours.into_iter().map(|(name, value)| {
        if carries_through_apptainer(value) { export_where_empty(name, value) } else { export(name, value) }
    }));
    ApptainerScripts { first, last }
}

/// Whether a value of an image's Env comes out the same under Apptainer.
///
/// It does not where it holds `$`, `"`, `\`, a backtick, or a character that Go does not print as
/// itself: control characters, spaces but U+0020, formats such as U+200D, private and unassigned ones.
/// Most are garbled alone; a backtick or an unclosed `$(` or `${` also loses **all variables** of the
/// Env, those after it and before. Combining characters are answered `false` though they would pass.
pub fn carries_through_apptainer(value: &str) -> bool {
    // Rust escapes for debugging what it takes for unprintable, by the same Unicode categories as Go.
    value.chars().all(|c| c == '\'' || (!matches!(c, '$' | '`') && c.escape_debug().len() == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was put into an image's Env, converted and read back with Apptainer 1.4.5.
    #[test]
    fn values_that_apptainer_carries() {
        let carried = [
            "",
            "plain",
            "two words",
            " lead",
            "trail ",
            "a'b",
            "!",
            "a}b",
            "{a",
            "{a,b}",
            "~",
            "~/x",
            "*",
            "#",
            "a;b",
            "a|b&c",
            "<a>",
            "(a)",
            "[a]",
            "a=b",
            "%s %d",
            "é☃",
            "😀",
            "𐊀",
            "a:b",
            "-n",
            "\u{fffd}",
        ];
        for value in carried {
            assert!(carries_through_apptainer(value), "{value:?}");
        }
        let changed = [
            "$",
            "a$",
            "a$b",
            "${b}",
            "5$ x",
            "$$",
            "$'a'",
            "a\"b",
            "\\",
            "a\\b",
            "a\nb",
            "a\tb",
            "a\rb",
            "\u{a0}",
            "\u{200b}",
            "\u{202e}",
            "\u{ad}",
            "\u{feff}",
            "\u{2028}",
            "\u{3000}",
            "\u{1}",
            "\u{7f}",
            "\u{85}",
            "\u{e000}",
            "\u{10ffff}",
            "\u{e0001}",
            "\u{378}",
            "\u{ffff}",
            "👩\u{200d}💻",
        ];
        let lost = ["`", "a`b", "a$(b", "a${b", "a$[1", "a$((1"];
        for value in changed.into_iter().chain(lost) {
            assert!(!carries_through_apptainer(value), "{value:?}");
        }
    }
}
