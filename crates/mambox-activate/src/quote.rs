//! Values as literals of each shell, so that the shell reads back the same bytes.
//!
//! Values hold no NUL: neither Env nor a process's environment can.

/// Names that shells keep for themselves: setting one fails, ends the script or changes the parser.
const KEPT: [&str; 13] = [
    "BASHOPTS",
    "BASH_VERSINFO",
    "EGID",
    "EUID",
    "GID",
    "IFS",
    "OPTIND",
    "PATH",
    "PPID",
    "SHELLOPTS",
    "UID",
    "USERNAME",
    "_",
];

/// Whether every shell can export a variable of this name (POSIX, base definitions 3.216: letters,
/// digits and `_`, no digit first) without meaning something else by it. `PATH` has its own handling.
pub fn is_shell_name(name: &str) -> bool {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() == name.len()
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEPT.contains(&name)
}

/// POSIX sh, bash, dash, ash, zsh, ksh: in single quotes everything but `'` is itself. That one stands
/// in double quotes: Apptainer's interpreter keeps the backslash of `\'` in an assignment.
pub(crate) fn posix(value: &str) -> String {
    format!("'{}'", value.replace('\'', r#"'"'"'"#))
}

/// fish: in single quotes, `\` and `'` are escaped.
pub(crate) fn fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// tcsh: history and line ends are read before quotes, so `!` and a line end need a backslash even
/// there; a backslash stands outside of quotes, where no setting changes what it means.
pub(crate) fn tcsh(value: &str) -> String {
    let mut text = String::from("'");
    for c in value.chars() {
        match c {
            '\'' => text.push_str(r"'\''"),
            '!' => text.push_str(r"'\!'"),
            '\\' => text.push_str(r"'\\'"),
            '\n' => text.push_str("\\\n"),
            c => text.push(c),
        }
    }
    text + "'"
}

/// xonsh: a text of Python, in ASCII, since xonsh takes U+2028 and others for line ends.
pub(crate) fn xonsh(value: &str) -> String {
    let mut text = String::from("'");
    for c in value.chars() {
        match c {
            '\'' | '\\' => text.extend(['\\', c]),
            ' '..='~' => text.push(c),
            c => text.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    text + "'"
}

/// PowerShell: doubled single quotes, of which it knows five (about_Quoting_Rules; the tokenizer takes
/// the typographic ones too).
pub(crate) fn powershell(value: &str) -> String {
    let mut text = String::from("'");
    for c in value.chars() {
        text.push(c);
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            text.push(c);
        }
    }
    text + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_every_shell_can_export() {
        for name in ["A", "_a", "GDAL_DATA", "x1", "PYTHONPATH"] {
            assert!(is_shell_name(name), "{name}");
        }
        for name in ["", "1A", "A.B", "A-B", "A B", "É", "A=", "A\n", "PATH", "UID", "IFS"] {
            assert!(!is_shell_name(name), "{name}");
        }
    }

    #[test]
    fn every_shell_has_its_own_quoting() {
        let value = "it's $x \\!\n‘";
        let all = [posix, fish, tcsh, xonsh, powershell].map(|quote| quote(value)).join("\n---\n");
        insta::assert_snapshot!(all, @r#"
        'it'"'"'s $x \!
        ‘'
        ---
        'it\'s $x \\!
        ‘'
        ---
        'it'\''s $x '\\''\!'\
        ‘'
        ---
        'it\'s $x \\!\U0000000a\U00002018'
        ---
        'it''s $x \!
        ‘‘'
        "#);
    }
}
