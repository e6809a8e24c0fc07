//! The line of a `.bashrc` that activates the environment in interactive shells.

/// Where images have the script.
pub const SCRIPT: &str = "/usr/local/bin/_activate_current_env.sh";
/// Its name, by which a line that sources it is known, whoever wrote it.
const NAME: &str = "_activate_current_env.sh";

/// The text of a `.bashrc` that ends with the line; unchanged where a line sources the script already.
pub fn with_line(text: &[u8]) -> Vec<u8> {
    let sources = |line: &[u8]| {
        let line = line.trim_ascii_start();
        !line.starts_with(b"#") && line.windows(NAME.len()).any(|part| part == NAME.as_bytes())
    };
    if text.split(|byte| *byte == b'\n').any(sources) {
        return text.to_vec();
    }
    let newline: &[u8] = if text.is_empty() || text.ends_with(b"\n") { b"" } else { b"\n" };
    let line = format!("if [ -r {SCRIPT} ]; then . {SCRIPT}; fi\n");
    [text, newline, line.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_comes_last_and_once() {
        let once = with_line(b"alias l=ls\n# _activate_current_env.sh is not sourced here");
        assert_eq!(with_line(&once), once);
        insta::assert_snapshot!(String::from_utf8(once).unwrap(), @r"
        alias l=ls
        # _activate_current_env.sh is not sourced here
        if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi
        ");
        let others = b"source /opt/bin/_activate_current_env.sh\n";
        assert_eq!(with_line(others), others);
    }
}
