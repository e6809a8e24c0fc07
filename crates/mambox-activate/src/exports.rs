//! What `export -p` prints, read without a shell.
//!
//! POSIX asks for output that the same shell could read again, and each takes its liberties:
//!
//! | shell | prints |
//! |---|---|
//! | dash, busybox ash | `export A='it'"'"'s'`, line ends as they are |
//! | bash | `declare -rx A="\$x"`, `declare -x A=$'two\nlines'`, `declare -ax LIST=([0]="a")`; `export` in POSIX mode |
//! | mksh | `export A='it'\''s'`, `export A=plain`, `export A=$'\001'`, `export LIST[0]=a` |
//! | zsh | `export -i10 N=1`, `export A=$'\C-A\M-x'`, `export -T PATH path=( /usr/bin /bin )` |

use crate::activation::Environment;
use crate::word::{Problem, Words};

/// A text that is not what a shell's `export -p` prints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportsError {
    /// The text breaks off or holds something else.
    #[error("line {line} of the list of exported variables: {problem}; scripts must not write to it")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A value that no image configuration can hold.
    #[error("the variable {name} is not UTF-8; an image's environment must be: set it to UTF-8 or unset it")]
    NotUtf8 {
        /// The variable.
        name: String,
    },
}

/// Reads what `export -p` printed in bash, dash, busybox ash, mksh or zsh.
///
/// Names without a value are not in the environment of a program and are left out, and so are arrays,
/// which bash lists and never exports. zsh's tied arrays are joined, as zsh exports them.
pub fn parse_exports(text: impl AsRef<[u8]>) -> Result<Environment, ExportsError> {
    let mut words = Words::new(text.as_ref());
    let mut environment = Environment::new();
    let outcome = (|| {
        while words.next_statement() {
            if let Some((name, value)) = statement(&mut words)? {
                environment.insert(name, value);
            }
        }
        Ok(())
    })();
    outcome.map_err(|failure| match failure {
        Failure::Syntax(problem) => ExportsError::Syntax { line: words.line(), problem },
        Failure::NotUtf8(name) => ExportsError::NotUtf8 { name },
    })?;
    Ok(environment)
}

enum Failure {
    Syntax(Problem),
    NotUtf8(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Syntax(problem)
    }
}

/// One `export [options] NAME[=value]`, up to the end of its line.
fn statement(words: &mut Words<'_>) -> Result<Option<(String, String)>, Failure> {
    if !matches!(&*words.bare(), b"export" | b"declare" | b"typeset") {
        return Err(Failure::Syntax("neither 'export' nor 'declare' nor 'typeset'"));
    }
    let mut tied = false;
    while words.at(b"-") {
        tied |= words.bare().starts_with(b"-T");
    }
    let name = words.name();
    let value = if tied { tied_value(words)? } else { value(words)? };
    words.end()?;
    // Not names but places in arrays: `LIST[0]`.
    let name = String::from_utf8(name).ok().filter(|name| is_identifier(name));
    let (Some(name), Some(value)) = (name, value) else { return Ok(None) };
    match String::from_utf8(value) {
        Ok(value) => Ok(Some((name, value))),
        Err(_) => Err(Failure::NotUtf8(name)),
    }
}

/// Behind a name: `=value`, or nothing. An array counts as nothing.
fn value(words: &mut Words<'_>) -> Result<Option<Vec<u8>>, Problem> {
    if !words.take(b'=') {
        return Ok(None);
    }
    if words.at(b"(") {
        words.array()?;
        return Ok(None);
    }
    words.word().map(Some)
}

/// Behind the name of zsh's tied scalar: ` array=( folder folder ) separator`, the last only if not `:`.
fn tied_value(words: &mut Words<'_>) -> Result<Option<Vec<u8>>, Problem> {
    words.blanks();
    words.name();
    if !words.take(b'=') {
        return Ok(None);
    }
    let elements = words.array()?;
    words.blanks();
    let separator = words.word()?;
    Ok(Some(elements.join(if separator.is_empty() { b":" } else { &*separator })))
}

fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let environment = parse_exports(text).unwrap();
        environment.iter().map(|(name, value)| format!("{name} {value:?}\n")).collect()
    }

    #[test]
    fn dash_and_busybox() {
        insta::assert_snapshot!(read("export A='it'\"'\"'s'\nexport B='two\nlines $x'\nexport NONE\nexport E=''\n"), @r#"
        A "it's"
        B "two\nlines $x"
        E ""
        "#);
    }

    #[test]
    fn bash() {
        let text = r#"declare -x A="\$x \`a\` \"q\" \\ a\b"
declare -rx B=$'two\nlines\t\001\377\303\251'
declare -ax LIST=([0]="a" [1]="b )" [2]=$'c\n')
declare -x NONE
export -i N="3"
"#;
        assert_eq!(parse_exports(text).unwrap_err(), ExportsError::NotUtf8 { name: "B".into() });
        insta::assert_snapshot!(read(&text.replace("\\377", "")), @r#"
        A "$x `a` \"q\" \\ a\\b"
        B "two\nlines\t\u{1}é"
        N "3"
        "#);
    }

    #[test]
    fn mksh() {
        insta::assert_snapshot!(read("export A='it'\\''s'\nexport B=a\\ b!c\nexport U=$'\\u2603\\001'\nexport LIST[0]=a\n"), @r#"
        A "it's"
        B "a b!c"
        U "☃\u{1}"
        "#);
    }

    #[test]
    fn zsh() {
        let text = r"export -T PATH path=( /usr/bin '/my bin' )
export -T LIST list=( a b ) +
export -i10 SHLVL=1
export C=$'\C-A\C-?\M-C\M-)\C-\\C-]'
typeset -x NOTHING=''
";
        insta::assert_snapshot!(read(text), @r#"
        C "\u{1}\u{7f}é\u{1c}\u{1d}"
        LIST "a+b"
        NOTHING ""
        PATH "/usr/bin:/my bin"
        SHLVL "1"
        "#);
    }

    #[test]
    fn what_is_no_list_of_variables_is_refused_with_its_line() {
        for (text, line, why) in [
            ("export A='x'\nhello\n", 2, "neither 'export'"),
            ("export A='x\n\n", 3, "quote is not closed"),
            ("export A=\"x", 1, "quote is not closed"),
            ("export A=$'x\\", 1, "quote is not closed"),
            ("declare -ax A=(x", 1, "array is not closed"),
            ("export A=x B=y\n", 1, "more than one"),
            ("export A=$(id)\n", 1, "expansion"),
            ("export A=\"`id`\"\n", 1, "expansion"),
            ("export A=x; rm y\n", 1, "expansion"),
            ("export A='\0'\n", 1, "NUL"),
        ] {
            let error = parse_exports(text).unwrap_err().to_string();
            assert!(error.contains(&format!("line {line} ")) && error.contains(why), "{text:?}: {error}");
        }
    }
}
