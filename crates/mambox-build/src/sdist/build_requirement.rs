//! What an entry of `[build-system] requires` may be.
//!
//! It becomes a line of a requirements file, where uv takes options, other files, paths and `${NAME}` as well. A project
//! that somebody else wrote is to name distributions (PEP 508), and to reach nothing of this machine.

/// Far longer than honest ones.
const MOST_BYTES: usize = 1000;
const SCHEMES: [&str; 3] = ["https://", "http://", "git+https://"];
/// A name that ends so, or has `.tar.` in it, is to uv a file of this machine.
const ARCHIVES: [&str; 7] = [".whl", ".zip", ".tar", ".tgz", ".tbz", ".txz", ".tlz"];

/// Why an entry is refused, as the end of a sentence about it; `None` where it may be a requirement. Whether it is one in
/// all its letters, uv says.
pub(super) fn refusal(entry: &str) -> Option<&'static str> {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if entry.len() > MOST_BYTES {
        return Some("is longer than 1000 bytes");
    }
    if entry.contains(is_break) {
        return Some("has a line break or control character");
    }
    if entry.starts_with('-') || entry.contains(" --") {
        return Some("has an option");
    }
    if entry.starts_with(['.', '/']) {
        return Some("is a path");
    }
    if entry.contains("${") {
        return Some("asks for a variable");
    }
    // A backslash at the end would have the next entry be part of this one.
    if entry.contains(" #") || entry.ends_with('\\') {
        return Some("has a comment, or goes on in the next line");
    }
    let Some((name, rest)) = name(entry) else { return Some("does not begin with a name (PEP 508)") };
    let Some(rest) = after_extras(rest) else { return Some("has something odd behind its name (PEP 508)") };
    let name = name.to_ascii_lowercase();
    if name.contains(".tar.") || ARCHIVES.iter().any(|ending| name.ends_with(ending)) {
        return Some("is the name of an archive");
    }
    let url = rest.trim_start_matches(' ').strip_prefix('@').map(|url| url.trim_start_matches(' '));
    match url {
        Some(url) if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) => {
            Some("has an address that is none of https, http and git+https")
        }
        _ => None,
    }
}

/// The name at the start, and what follows.
fn name(entry: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = entry.find(|c| !is_part(c)).unwrap_or(entry.len());
    let (name, rest) = entry.split_at(end);
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    (name.starts_with(is_plain) && name.ends_with(is_plain)).then_some((name, rest))
}

/// What follows a name and its extras. Nothing may touch either that would make them the beginning of a path.
fn after_extras(rest: &str) -> Option<&str> {
    let rest = match rest.trim_start_matches(' ').strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1,
        None => rest,
    };
    (rest.is_empty() || rest.starts_with([' ', '(', '<', '>', '=', '!', '~', ';', '@'])).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn distributions_may_be_named() {
        let most = format!("a{}", "b".repeat(999));
        for entry in [
            "setuptools",
            "x",
            "Setup.Tools_x-2",
            "setuptools>=61,<80",
            "setuptools >= 61",
            "setuptools_scm[toml, x]>=8",
            "setuptools [toml] (>=8)",
            "numpy==2.0.*; python_version >= \"3.9\"",
            "tomli;python_version<'3.11'",
            "cython~=3.0",
            "cython!=3.0",
            "zipp",
            "tar",
            "odd @ https://example.invalid/odd-1.tar.gz#sha256=ab",
            "odd@http://example.invalid/odd.whl ; os_name == 'posix'",
            "odd[x] @ git+https://example.invalid/odd.git@main",
            &most,
        ] {
            assert_eq!(refusal(entry), None, "{entry}");
        }
    }

    #[test]
    fn nothing_else_may() {
        assert_eq!(refusal(&"a".repeat(1001)), Some("is longer than 1000 bytes"));
        let told = [
            "--index-url http://example.invalid/${SECRET}/simple",
            "-r /etc/passwd",
            "-e ../x",
            "-rx",
            "x --hash=sha256:ab",
            "./x",
            "../x",
            ".",
            "/etc/x.whl",
            "x @ https://example.invalid/${HOME}.whl",
            "${HOME}/x",
            "x # and more",
            "x \\",
            "x\n-r /etc/passwd",
            "x\r-r /etc/passwd",
            "x\u{2028}-r y",
            "x\t--pre",
            "",
            " ",
            " x",
            "# x",
            "_x",
            "x-",
            "ä",
            "https://example.invalid/x.whl",
            "folder/x",
            "C:\\x",
            "~/x",
            "x[y]/z",
            "x[y",
            "x\\y",
            "x,y",
            "x.tar.gz",
            "X-1-py3-none-any.WHL[y]",
            "x.zip ; os_name == 'posix'",
            "x @ file:///etc/x.whl",
            "x@/etc/x.whl",
            "x[y] @ ./z",
            "x @ git+ssh://example.invalid/x.git",
            "x @ git+file:///x",
            "x @",
        ]
        .map(|entry| format!("{entry:?}: {}", refusal(entry).unwrap_or("TAKEN")));
        insta::assert_snapshot!(told.join("\n"), @r##"
        "--index-url http://example.invalid/${SECRET}/simple": has an option
        "-r /etc/passwd": has an option
        "-e ../x": has an option
        "-rx": has an option
        "x --hash=sha256:ab": has an option
        "./x": is a path
        "../x": is a path
        ".": is a path
        "/etc/x.whl": is a path
        "x @ https://example.invalid/${HOME}.whl": asks for a variable
        "${HOME}/x": asks for a variable
        "x # and more": has a comment, or goes on in the next line
        "x \\": has a comment, or goes on in the next line
        "x\n-r /etc/passwd": has a line break or control character
        "x\r-r /etc/passwd": has a line break or control character
        "x\u{2028}-r y": has a line break or control character
        "x\t--pre": has a line break or control character
        "": does not begin with a name (PEP 508)
        " ": does not begin with a name (PEP 508)
        " x": does not begin with a name (PEP 508)
        "# x": does not begin with a name (PEP 508)
        "_x": does not begin with a name (PEP 508)
        "x-": does not begin with a name (PEP 508)
        "ä": does not begin with a name (PEP 508)
        "https://example.invalid/x.whl": has something odd behind its name (PEP 508)
        "folder/x": has something odd behind its name (PEP 508)
        "C:\\x": has something odd behind its name (PEP 508)
        "~/x": does not begin with a name (PEP 508)
        "x[y]/z": has something odd behind its name (PEP 508)
        "x[y": has something odd behind its name (PEP 508)
        "x\\y": has something odd behind its name (PEP 508)
        "x,y": has something odd behind its name (PEP 508)
        "x.tar.gz": is the name of an archive
        "X-1-py3-none-any.WHL[y]": is the name of an archive
        "x.zip ; os_name == 'posix'": is the name of an archive
        "x @ file:///etc/x.whl": has an address that is none of https, http and git+https
        "x@/etc/x.whl": has an address that is none of https, http and git+https
        "x[y] @ ./z": has an address that is none of https, http and git+https
        "x @ git+ssh://example.invalid/x.git": has an address that is none of https, http and git+https
        "x @ git+file:///x": has an address that is none of https, http and git+https
        "x @": has an address that is none of https, http and git+https
        "##);
    }
}
