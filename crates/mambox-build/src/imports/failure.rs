//! Modules that do not import, and whether slimming is why.

use mambox_layer::{SlimPolicies, SlimPolicy};
use serde::{Deserialize, Serialize};

/// The package whose files a missing module of the standard library would be.
const PYTHON: &str = "python";

/// What came of all imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    /// How many there were.
    pub(super) tried: u64,
    /// By module.
    pub(super) failures: Vec<Failure>,
}

/// A module that does not import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) module: String,
    /// It took too long.
    pub(super) late: bool,
    /// The error, and those behind it.
    errors: Vec<Said>,
}

/// One error in python's words; what does not apply is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    kind: String,
    text: String,
    /// That was not found.
    module: String,
    /// That could not be opened.
    file: String,
}

impl Report {
    /// Reads what the worker says; `None` unless it came to its end.
    pub(super) fn parse(output: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct End {
            tried: u64,
        }
        let text = std::str::from_utf8(output).ok()?;
        let mut lines: Vec<&str> = text.lines().collect();
        let End { tried } = serde_json::from_str(lines.pop()?).ok()?;
        let failures = lines.into_iter().map(serde_json::from_str);
        Some(Self { tried, failures: failures.collect::<Result<_, _>>().ok()? })
    }
}

impl Failure {
    /// The error in one line.
    pub(super) fn error(&self) -> String {
        self.errors.first().map_or_else(|| "it says nothing".into(), Said::line)
    }

    /// The policy that leaves out what the errors name, if one does, and in what words.
    pub(super) fn suspect(
        &self,
        slim: SlimPolicies,
        prefix: &str,
        version: &str,
    ) -> Option<(SlimPolicy, String)> {
        let suspect = |said: &Said| Some((said.suspect(slim, prefix, version)?, said.line()));
        self.errors.iter().find_map(suspect)
    }
}

impl Said {
    fn line(&self) -> String {
        let text = self.text.lines().next().unwrap_or_default();
        match self.kind.as_str() {
            "" => text.to_owned(),
            kind => format!("{kind}: {text}"),
        }
    }

    fn suspect(&self, slim: SlimPolicies, prefix: &str, version: &str) -> Option<SlimPolicy> {
        let module = self.module.replace('.', "/");
        let as_files = ["/__init__.py", ".py"].map(|end| format!("lib/python{version}/{module}{end}"));
        let modules = as_files.iter().map(String::as_str).filter(|_| !module.is_empty());
        let below = format!("{}/", prefix.trim_end_matches('/'));
        let in_text = self.text.split(&below).skip(1).map(first_path);
        let files = self.file.strip_prefix(&below).into_iter().chain(in_text);
        modules.chain(files).find_map(|path| slim.left_out(PYTHON, path))
    }
}

/// The path that a text begins with.
fn first_path(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ':' | ',' | ';' | ')' | '>'));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: &str, text: &str, module: &str, file: &str) -> Said {
        let [kind, text, module, file] = [kind, text, module, file].map(str::to_owned);
        Said { kind, text, module, file }
    }

    fn suspect(errors: Vec<Said>, slim: &str) -> String {
        let failure = Failure { module: "app".into(), late: false, errors };
        let policy = failure.suspect(slim.parse().unwrap(), "/opt/conda", "3.13");
        policy.map_or("nothing", |(policy, _)| policy.name()).to_owned()
    }

    #[test]
    fn slimming_is_suspected_where_an_error_names_what_is_left_out() {
        let missing =
            |name: &str| said("ModuleNotFoundError", &format!("No module named '{name}'"), name, "");
        let no_file = |path: &str| said("FileNotFoundError", "[Errno 2] No such file", "", path);
        let told = |text: &str| said("RuntimeError", text, "", "");
        assert_eq!(suspect(vec![missing("test")], "all"), "tests");
        assert_eq!(suspect(vec![missing("test.support")], "tests"), "tests");
        assert_eq!(suspect(vec![missing("unittest.test.support")], "tests"), "tests");
        assert_eq!(suspect(vec![no_file("/opt/conda/include/a/a.h")], "all"), "headers");
        assert_eq!(suspect(vec![told("cannot read '/opt/conda/share/man/man1/a.1'")], "docs"), "docs");
        assert_eq!(
            suspect(vec![told("app is broken"), missing("test")], "tests"),
            "tests",
            "what is behind it counts"
        );
    }

    #[test]
    fn other_failures_are_none_of_ours() {
        let missing =
            |name: &str| said("ModuleNotFoundError", &format!("No module named '{name}'"), name, "");
        let library = said("ImportError", "libX11.so.6: cannot open shared object file", "", "");
        assert_eq!(suspect(vec![missing("test")], "docs,headers"), "nothing", "the policy is off");
        assert_eq!(suspect(vec![missing("tests")], "all"), "nothing", "no module of the standard library");
        assert_eq!(suspect(vec![missing("requests")], "all"), "nothing");
        assert_eq!(suspect(vec![library], "all"), "nothing");
        assert_eq!(
            suspect(vec![said("OSError", "", "", "/usr/include/a.h")], "all"),
            "nothing",
            "the base's"
        );
        assert_eq!(suspect(vec![], "all"), "nothing");
    }

    #[test]
    fn a_report_is_whole_or_none() {
        let line = r#"{"module": "a", "late": false, "errors": [{"kind": "E", "text": "no\nway", "module": "", "file": ""}]}"#;
        let report = Report::parse(format!("{line}\n{{\"tried\": 2}}\n").as_bytes()).unwrap();
        assert_eq!((report.tried, report.failures[0].error()), (2, "E: no".to_owned()));
        for broken in ["", line, "{\"tried\": 2}\nmore", "what\n{\"tried\": 2}"] {
            assert_eq!(Report::parse(broken.as_bytes()), None, "{broken}");
        }
    }
}
