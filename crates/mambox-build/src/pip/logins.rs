//! Logins of indexes, as requirements and uv's variables write them.

use std::collections::BTreeMap;

use mambox_resolve::Resolver;
use url::Url;

use crate::Context;

/// Has a resolver log in to indexes as requirements and uv's variables say.
pub(crate) fn learn_logins(requirements: &[String], resolver: &Resolver, context: &Context) {
    logins(requirements, &context.variables).iter().for_each(|url| resolver.learn_login(url));
}

/// Every URL with a user, or with a `/t/TOKEN/` at its begin, in requirement lines and in the values of `UV_…` variables. `${NAME}` stands for a variable's
/// value, as in pip's requirements files.
fn logins(requirements: &[String], variables: &BTreeMap<String, String>) -> Vec<Url> {
    let of_uv = variables.iter().filter(|(name, _)| name.starts_with("UV_")).map(|(_, value)| value.clone());
    let lines = requirements.iter().map(|line| expanded(line, variables)).chain(of_uv);
    lines.flat_map(|line| urls(&line)).collect()
}

fn urls(line: &str) -> Vec<Url> {
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','));
    let parsed = words.filter_map(|word| {
        // `--index-url=https://…`, `name@git+https://…`
        let scheme = word.find("://")?;
        let begin = word[..scheme].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        Url::parse(&word[begin..]).ok()
    });
    let has_login = |url: &Url| !url.username().is_empty() || url.path().starts_with("/t/");
    parsed.filter(|url| matches!(url.scheme(), "http" | "https") && has_login(url)).collect()
}

fn expanded(line: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(begin) = rest.find("${") {
        let (before, after) = rest.split_at(begin);
        text.push_str(before);
        let Some((name, following)) = after[2..].split_once('}') else {
            rest = after;
            break;
        };
        match variables.get(name) {
            Some(value) => text.push_str(value),
            None => text.push_str(&after[..name.len() + 3]),
        }
        rest = following;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_indexes_are_found() {
        let variables = BTreeMap::from([
            ("TOKEN".to_owned(), "s3cret".to_owned()),
            (
                "UV_EXTRA_INDEX_URL".to_owned(),
                "https://a:b@one.invalid/simple https://two.invalid/".to_owned(),
            ),
            ("OTHER".to_owned(), "https://c:d@three.invalid/".to_owned()),
        ]);
        let lines = [
            "--index-url=https://me:${TOKEN}@four.invalid/simple",
            "-f 'https://x@five.invalid/links'",
            "tool @ git+https://u:p@six.invalid/x.git@main",
            "--find-links https://seven.invalid/t/TOKEN/simple",
            "rich ${",
        ];
        let found = logins(&lines.map(str::to_owned), &variables);
        let found: Vec<&str> = found.iter().map(Url::as_str).collect();
        assert_eq!(
            found,
            [
                "https://me:s3cret@four.invalid/simple",
                "https://x@five.invalid/links",
                "https://u:p@six.invalid/x.git@main",
                "https://seven.invalid/t/TOKEN/simple",
                "https://a:b@one.invalid/simple",
            ]
        );
    }
}
