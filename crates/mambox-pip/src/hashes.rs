//! Hashes that requirements pin. uv does not check them when it resolves, so it is done here.

use std::collections::{BTreeMap, BTreeSet};

use mambox_env::{WheelName, normalize_pip_name};

/// Endings of files that requirements name by path.
const FILES: [&str; 4] = [".whl", ".tar.gz", ".tgz", ".zip"];

/// The sha256 that a distribution may have, by its name, or by its file's name where the requirement has nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hashes {
    allowed: BTreeMap<String, BTreeSet<String>>,
    /// Whether every distribution must have one (`--require-hashes`).
    pub(crate) required: bool,
}

impl Hashes {
    /// Takes the hashes of a requirement: `--hash=sha256:…`, and `#sha256=…` of a URL. Lines for the same name add up, since
    /// markers may choose one of them.
    ///
    /// # Errors
    /// Why a hash cannot be checked.
    pub(crate) fn add(&mut self, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let options = words.iter().position(|word| word.starts_with("--")).unwrap_or(words.len());
        let (body, options) = words.split_at(options);
        let mut given = Vec::new();
        let mut expect = false;
        for word in options {
            let value = if expect { Some(*word) } else { word.strip_prefix("--hash=") };
            expect = *word == "--hash";
            given.extend(value.and_then(|value| value.trim_matches(['"', '\'']).split_once(':')));
        }
        given.extend(body.iter().filter_map(|word| fragment(word)).map(|digits| ("sha256", digits)));
        if given.is_empty() {
            return Ok(());
        }
        let sha256: Vec<String> = given
            .iter()
            .filter(|(algorithm, _)| algorithm.eq_ignore_ascii_case("sha256"))
            .map(|(_, digits)| digits.to_ascii_lowercase())
            .collect();
        if sha256.is_empty() {
            return Err("only hashes of sha256 can be checked; add --hash=sha256:…".to_owned());
        }
        if let Some(odd) = sha256.iter().find(|digits| digits.len() != 64 || hex::decode(digits).is_err()) {
            return Err(format!("the sha256 '{odd}' has not 64 hexadecimal digits"));
        }
        let key = subject(&body.join(" ")).ok_or("it is not clear which distribution its hash is for")?;
        self.allowed.entry(key).or_default().extend(sha256);
        Ok(())
    }

    /// The hashes that are pinned for a distribution or its file.
    pub(crate) fn pinned(&self, name: &str, file_name: &str) -> Option<&BTreeSet<String>> {
        self.allowed.get(name).or_else(|| self.allowed.get(file_name))
    }
}

fn fragment(word: &str) -> Option<&str> {
    let (_, fragment) = word.split_once('#')?;
    fragment.split('&').find_map(|pair| pair.strip_prefix("sha256="))
}

/// The normalised name of what a requirement is for, or the name of the file that it names.
fn subject(requirement: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let end = requirement.find(|c| !plain(c)).unwrap_or(requirement.len());
    let (name, rest) = requirement.split_at(end);
    let follows = |c: char| matches!(c, '[' | '@' | '<' | '>' | '=' | '!' | '~' | ';' | '(');
    let is_file = FILES.iter().any(|ending| name.ends_with(ending));
    if !is_file && !rest.starts_with(['/', ':', '\\']) && rest.trim_start().chars().next().is_none_or(follows)
    {
        return normalize_pip_name(name).ok();
    }
    let address = requirement.split([' ', '#', '?', ';']).next()?;
    let file = address.rsplit('/').next().filter(|file| FILES.iter().any(|ending| file.ends_with(ending)))?;
    Some(WheelName::parse(file).map_or_else(|_| file.to_owned(), |wheel| wheel.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        let mut hashes = Hashes::default();
        match hashes.add(line) {
            Ok(()) => {
                let short = |(key, values): (&String, &BTreeSet<String>)| {
                    format!("{key}: {}", values.iter().map(|value| &value[..2]).collect::<Vec<_>>().join(" "))
                };
                hashes.allowed.iter().map(short).collect::<Vec<_>>().join("; ")
            }
            Err(why) => why,
        }
    }

    #[test]
    fn hashes_belong_to_a_name_or_a_file() {
        let (a, b) = ("aA".repeat(32), "bb".repeat(32));
        let told = [
            of(&format!("Ruamel.Yaml[x]==1.0 --hash=sha256:{a} --hash sha256:{b} --hash=md5:00")),
            of(&format!("lib ; python_version > '3' --hash='sha256:{a}'")),
            of(&format!("lib @ https://example.invalid/lib-1.tar.gz#subdirectory=x&sha256={a}")),
            of(&format!("https://example.invalid/My_Lib-1-py3-none-any.whl#sha256={a}")),
            of(&format!("./dist/lib-1.tar.gz --hash=sha256:{a}")),
            of(&format!("lib-1.0-py3-none-any.whl --hash=sha256:{a}")),
            of("lib==1.0"),
            of("lib==1.0 --hash=sha512:00"),
            of("lib==1.0 --hash=sha256:00"),
            of(&format!("./folder --hash=sha256:{a}")),
        ];
        insta::assert_snapshot!(told.join("\n"), @"
        ruamel-yaml: aa bb
        lib: aa
        lib: aa
        my-lib: aa
        lib-1.tar.gz: aa
        lib: aa

        only hashes of sha256 can be checked; add --hash=sha256:…
        the sha256 '00' has not 64 hexadecimal digits
        it is not clear which distribution its hash is for
        ");
    }

    /// As pip-compile writes them for several platforms.
    #[test]
    fn lines_for_one_name_add_up() {
        let mut hashes = Hashes::default();
        for digit in ["a", "b"] {
            hashes.add(&format!("lib==1 ; marker --hash=sha256:{}", digit.repeat(64))).unwrap();
        }
        assert_eq!(hashes.pinned("lib", "").map(BTreeSet::len), Some(2));
        assert_eq!(hashes.pinned("other", "other-1.zip"), None);
    }
}
