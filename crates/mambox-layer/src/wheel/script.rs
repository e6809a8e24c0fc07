//! Scripts of a wheel's `.data/scripts`, whose first line stands for the environment's python.

use std::io::Read;

use crate::archive::damaged;
use crate::error::Problem;

/// What a script begins with that python is to run (`#!pythonw` means the same here).
const MARK: &[u8] = b"#!python";
/// Of the line that is replaced; Linux reads 127 bytes.
const MAX_LINE: usize = 4096;

/// How a script begins: in the archive, and in the environment. The rest stays as it is.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl Head {
    /// Reads the beginning of a script; as with pip, the whole first line is replaced, with whatever options it has.
    pub(super) fn read(content: &mut impl Read, path: &str, shebang: &str) -> Result<Self, Problem> {
        let mut before = Vec::new();
        content.by_ref().take(MARK.len() as u64).read_to_end(&mut before).map_err(damaged)?;
        if before != MARK {
            return Ok(Self { after: before.clone(), before });
        }
        let mut byte = [0];
        while before.last() != Some(&b'\n') && content.read(&mut byte).map_err(damaged)? == 1 {
            before.push(byte[0]);
            if before.len() > MAX_LINE {
                let what = format!("the first line of '{}'", mambox_link::printable(path));
                return Err(Problem::TooBig { what, limit: format!("{MAX_LINE} bytes") });
            }
        }
        Ok(Self { before, after: format!("{shebang}\n").into_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(script: &str) -> String {
        let mut content = script.as_bytes();
        let head = Head::read(&mut content, "script", "#!/opt/conda/bin/python3.13").unwrap();
        format!("{}{}", String::from_utf8(head.after).unwrap(), String::from_utf8_lossy(content))
    }

    #[test]
    fn only_the_line_that_names_python_is_replaced() {
        let scripts = [
            "#!python\nx",
            "#!pythonw -E\r\nx",
            "#!python3",
            "#!/bin/sh\n#!python",
            "#!pytho",
            "",
            "#! python\n",
        ];
        let told = scripts.map(|script| format!("{:?}", rewritten(script)));
        insta::assert_snapshot!(told.join("\n"), @r##"
        "#!/opt/conda/bin/python3.13\nx"
        "#!/opt/conda/bin/python3.13\nx"
        "#!/opt/conda/bin/python3.13\n"
        "#!/bin/sh\n#!python"
        "#!pytho"
        ""
        "#! python\n"
        "##);
    }

    #[test]
    fn a_first_line_of_a_megabyte_is_refused() {
        let script = format!("#!python{}", "x".repeat(1 << 20));
        assert!(matches!(Head::read(&mut script.as_bytes(), "x", "#!y"), Err(Problem::TooBig { .. })));
    }
}
