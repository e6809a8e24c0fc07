//! Words of commands: filled in, and as slices.

use crate::perform::Programs;

/// Puts the programs' names in.
pub(crate) fn fill(words: &[&str], programs: &Programs<'_>) -> Vec<String> {
    let fill = |word: &&str| {
        word.replace("{show}", programs.show)
            .replace("{name}", programs.name)
            .replace("{script}", programs.script)
            .replace("{user}", programs.user)
    };
    words.iter().map(fill).collect()
}

/// As most functions take them.
pub(crate) fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
