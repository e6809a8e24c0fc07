//! Keeps credentials out of messages.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

/// What stands where a secret stood.
const MASK: &str = "*****";

/// Most that is shown of what a program said.
const SHOWN: usize = 64 * 1024;

/// Shortest password that is looked for beyond its URL; shorter ones would be found in any word.
const SHORTEST: usize = 4;
/// Longer names of users are tokens.
const LONGEST_USER: usize = 16;

/// What must not be shown: values of the variables that requirements name as `${NAME}`, and passwords in their URLs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Masks {
    /// A text and what to show in its place; the longest texts first, since one may hold another.
    values: Vec<(String, String)>,
}

impl Masks {
    /// Masks for the variables of these names and for these passwords.
    pub(crate) fn new(
        names: &BTreeSet<String>,
        passwords: &BTreeSet<String>,
        variables: &BTreeMap<String, String>,
    ) -> Self {
        let mut values: BTreeSet<_> =
            passwords.iter().map(|password| (password.clone(), MASK.to_owned())).collect();
        for name in names {
            let Some(value) = variables.get(name).filter(|value| !value.trim().is_empty()) else { continue };
            for spelling in spellings(value) {
                values.insert((spelling, format!("${{{name}}}")));
            }
        }
        let mut values: Vec<(String, String)> = values.into_iter().collect();
        values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self { values }
    }

    /// The text for a person's eyes: without secrets, without control characters but line ends, and not endless.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for (value, shown) in &self.values {
            masked = masked.replace(value, shown);
        }
        let masked = mask_urls(&masked);
        let mut clean: String = masked.chars().filter(|&c| c == '\n' || !c.is_control()).collect();
        if let Some((end, _)) = clean.char_indices().nth(SHOWN) {
            clean.truncate(end);
            clean.push('…');
        }
        clean
    }

    /// The variable, as `${NAME}`, whose value stands in the path of an address on a network.
    pub(crate) fn in_path(&self, url: &Url) -> Option<&str> {
        let mut variables = self.values.iter().filter(|(_, shown)| shown != MASK);
        let found = variables.find(|(value, _)| url.scheme() != "file" && url.path().contains(value));
        found.map(|(_, shown)| shown.as_str())
    }
}

/// Passwords and tokens in the user information of URLs of a text, as they stand there. What reads the text may take
/// these for something else than a URL, and quote it so that it is none any more.
pub(crate) fn passwords(text: &str) -> impl Iterator<Item = &str> {
    let secrets = text.split("://").skip(1).filter_map(|rest| {
        let authority = rest.split(|c| ends_url(c) || matches!(c, '/' | '?' | '#')).next()?;
        let (user, _) = authority.rsplit_once('@')?;
        match user.split_once(':') {
            Some((_, password)) => Some(password).filter(|password| password.len() >= SHORTEST),
            None => Some(user).filter(|user| user.len() > LONGEST_USER),
        }
    });
    // Variables have masks of their own.
    secrets.filter(|secret| !secret.contains("${"))
}

/// A value as it is, and as it may stand in a URL.
fn spellings(value: &str) -> Vec<String> {
    let mut spellings = vec![value.to_owned()];
    if let Ok(mut url) = Url::parse("https://example.invalid/") {
        url.set_path(value);
        spellings.push(url.path().trim_start_matches('/').to_owned());
        if url.set_password(Some(value)).is_ok() {
            spellings.extend(url.password().map(str::to_owned));
        }
    }
    spellings.retain(|spelling| !spelling.is_empty());
    spellings
}

/// Masks user information, queries and `/t/TOKEN/` of every URL in a text.
pub(crate) fn mask_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(ends_url).unwrap_or(after.len());
        let (url, following) = after.split_at(end);
        if before.ends_with("file://") {
            out.push_str(url)
        } else {
            out.push_str(&mask_url(url))
        }
        rest = following;
    }
    out.push_str(rest);
    out
}

/// Characters that no URL in a message goes beyond.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | '|')
}

/// What follows `://`.
fn mask_url(url: &str) -> String {
    let authority_end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (authority, path) = url.split_at(authority_end);
    // `user:pass/word@host` is no URL, but a password nevertheless.
    let odd = authority.split_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_err());
    let (authority, path) = match (authority.rsplit_once('@'), url.rsplit_once('@')) {
        (Some((_, host)), _) => (format!("{MASK}@{host}"), path.to_owned()),
        (None, Some((_, host))) if odd => (format!("{MASK}@{host}"), String::new()),
        _ => (authority.to_owned(), path.to_owned()),
    };
    let (path, query) = match path.split_once('?') {
        Some((path, query)) if !query.is_empty() => (path.to_owned(), format!("?{MASK}")),
        _ => (path, String::new()),
    };
    let path = match path.split_once("/t/") {
        Some((before, after)) if !after.is_empty() => {
            let behind = after.split_once('/').map_or(String::new(), |(_, rest)| format!("/{rest}"));
            format!("{before}/t/{MASK}{behind}")
        }
        _ => path,
    };
    format!("{authority}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn urls_lose_user_information_queries_and_tokens() {
        for (raw, shown) in [
            ("--index-url https://me:s3cret@h.example/simple", "--index-url https://*****@h.example/simple"),
            ("`x @ https://u:****@h.example/x.whl`", "`x @ https://*****@h.example/x.whl`"),
            ("https://u:p/w@h.example/x", "https://*****@h.example/x"),
            ("git+https://h.example/x.git@main", "git+https://h.example/x.git@main"),
            ("git+https://h.example:8080/x.git@main", "git+https://h.example:8080/x.git@main"),
            ("https://h.example/t/tk-1/simple", "https://h.example/t/*****/simple"),
            ("(https://h.example/x?token=1) twice", "(https://h.example/x?*****) twice"),
            ("file:///t/home/x.whl", "file:///t/home/x.whl"),
            ("no url", "no url"),
        ] {
            assert_eq!(mask_urls(raw), shown);
        }
    }

    fn masks(value: &str) -> Masks {
        let names = ["TOKEN".to_owned(), "UNSET".to_owned()].into();
        Masks::new(&names, &BTreeSet::new(), &[("TOKEN".to_owned(), value.to_owned())].into())
    }

    #[test]
    fn values_of_variables_show_as_their_names() {
        let masks = masks("p@ss word");
        let text =
            "at https://h.example/p@ss%20word/simple, p@ss word, https://me:p%40ss%20word@h.example\u{1b}[0m";
        insta::assert_snapshot!(masks.clean(text), @"at https://h.example/${TOKEN}/simple, ${TOKEN}, https://*****@h.example[0m");
        let url = Url::parse("https://h.example/p@ss%20word/x.whl").unwrap();
        assert_eq!(masks.in_path(&url), Some("${TOKEN}"));
        assert_eq!(masks.in_path(&Url::parse("https://h.example/x.whl").unwrap()), None);
    }

    #[test]
    fn passwords_are_found_in_urls() {
        let line =
            "-i gopher://me:s3cret@h/x https://u:pw@h git+https://h/x.git@main-branch-of-all ssh://git@h";
        assert_eq!(passwords(line).collect::<Vec<_>>(), ["s3cret"]);
        assert_eq!(passwords("https://tk-0123456789abcdef@h/").collect::<Vec<_>>(), ["tk-0123456789abcdef"]);
        let masks = Masks::new(&BTreeSet::new(), &["s3cret".to_owned()].into(), &BTreeMap::new());
        assert_eq!(masks.clean("no file gopher:/me:s3cret@h/x"), "no file gopher:/me:*****@h/x");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(Masks::default().clean(&"é".repeat(SHOWN + 5)).chars().count(), SHOWN + 1);
    }

    proptest! {
        #[test]
        fn a_value_is_never_shown(value in "[a-zA-Z@/ %:-]{5,12}", before in "[ -~]{0,20}") {
            prop_assume!(value.trim() == value && !"${TOKEN}*****".contains(&value));
            let masks = masks(&value);
            let shown = masks.clean(&format!("{before}{value} end"));
            prop_assert!(!shown.contains(&value), "{}", shown);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[:/@?#t\\PC]{0,40}") {
            mask_urls(&format!("https://{text}"));
        }
    }
}
