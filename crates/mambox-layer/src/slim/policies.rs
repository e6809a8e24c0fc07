//! A choice of policies.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SlimPolicy;
use super::licence::is_licence;

/// Which policies are on. JSON has a sorted list of their names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SlimPolicies(u8);

/// Words that choose no policies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlimError {
    /// A word is no name.
    #[error("'{word}' is no slim policy; write all, none, or some of {}", names())]
    Unknown {
        /// As it was written.
        word: String,
    },
    /// The first word takes something away.
    #[error("'{word}' takes away from nothing; write all,{word}")]
    FromNothing {
        /// As it was written.
        word: String,
    },
    /// `none` among other words.
    #[error("'none' stands alone")]
    NoneAndMore,
}

impl SlimPolicies {
    /// Nothing is left out.
    pub const NONE: Self = Self(0);

    /// All there are.
    pub fn all() -> Self {
        SlimPolicy::ALL.into_iter().collect()
    }

    /// Whether nothing is left out.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// Whether one is on.
    pub fn contains(&self, policy: SlimPolicy) -> bool {
        self.0 & bit(policy) != 0
    }

    /// Those that are on, by name.
    pub fn iter(&self) -> impl Iterator<Item = SlimPolicy> {
        let on = *self;
        SlimPolicy::ALL.into_iter().filter(move |policy| on.contains(*policy))
    }

    /// How to write the choice without one of its policies: `all,-tests`, `docs,headers`, `none`.
    pub fn but(&self, policy: SlimPolicy) -> String {
        match *self == Self::all() {
            true => format!("all,-{policy}"),
            false => Self(self.0 & !bit(policy)).to_string(),
        }
    }

    /// The policy that leaves a file or link out; of several, the first by name. `path` is relative to the prefix.
    /// Files that state a licence stay, whatever is on.
    pub fn left_out(&self, package: &str, path: &str) -> Option<SlimPolicy> {
        self.iter().find(|policy| policy.takes(package, path)).filter(|_| !is_licence(path))
    }
}

impl FromIterator<SlimPolicy> for SlimPolicies {
    fn from_iter<I: IntoIterator<Item = SlimPolicy>>(policies: I) -> Self {
        Self(policies.into_iter().fold(0, |bits, policy| bits | bit(policy)))
    }
}

fn bit(policy: SlimPolicy) -> u8 {
    1 << policy as u8
}

fn names() -> String {
    SlimPolicy::ALL.map(SlimPolicy::name).join(", ")
}

/// `none`, or names and `all` separated by commas; `-NAME` takes one away again.
impl FromStr for SlimPolicies {
    type Err = SlimError;

    fn from_str(text: &str) -> Result<Self, SlimError> {
        let words: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut on = Self::NONE;
        for (index, word) in words.iter().enumerate() {
            let unknown = || SlimError::Unknown { word: (*word).to_owned() };
            match (*word, word.strip_prefix('-')) {
                ("none", _) if words.len() > 1 => return Err(SlimError::NoneAndMore),
                ("none", _) => {}
                ("all", _) => on = Self::all(),
                (_, Some(name)) => {
                    let policy = SlimPolicy::named(name).ok_or_else(unknown)?;
                    if index == 0 {
                        return Err(SlimError::FromNothing { word: (*word).to_owned() });
                    }
                    on.0 &= !bit(policy);
                }
                (name, None) => on.0 |= bit(SlimPolicy::named(name).ok_or_else(unknown)?),
            }
        }
        Ok(on)
    }
}

/// As it can be parsed.
impl fmt::Display for SlimPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(SlimPolicy::name).collect();
        f.write_str(if names.is_empty() { "none".into() } else { names.join(",") }.as_str())
    }
}

impl Serialize for SlimPolicies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for SlimPolicies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<SlimPolicy>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str) -> String {
        text.parse::<SlimPolicies>().map_or_else(|error| format!("error: {error}"), |on| on.to_string())
    }

    #[test]
    fn policies_are_chosen_by_name() {
        let texts = [
            "none",
            "all",
            "static-libs,headers",
            "headers, static-libs, headers",
            "all,-headers,-tests",
            "docs,-docs",
            "-headers",
            "all,none",
            "header",
            "all,-header",
            "",
        ];
        let told: Vec<String> = texts.iter().map(|text| format!("{text}: {}", chosen(text))).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        none: none
        all: debug,docs,headers,pyc-levels,static-libs,tests
        static-libs,headers: headers,static-libs
        headers, static-libs, headers: headers,static-libs
        all,-headers,-tests: debug,docs,pyc-levels,static-libs
        docs,-docs: none
        -headers: error: '-headers' takes away from nothing; write all,-headers
        all,none: error: 'none' stands alone
        header: error: 'header' is no slim policy; write all, none, or some of debug, docs, headers, pyc-levels, static-libs, tests
        all,-header: error: '-header' is no slim policy; write all, none, or some of debug, docs, headers, pyc-levels, static-libs, tests
        : error: '' is no slim policy; write all, none, or some of debug, docs, headers, pyc-levels, static-libs, tests
        ");
    }

    #[test]
    fn json_has_the_names_sorted_and_text_and_json_read_back() {
        let json = |on: SlimPolicies| serde_json::to_string(&on).unwrap();
        assert_eq!(json(SlimPolicies::NONE), "[]");
        assert_eq!(json("tests,docs".parse().unwrap()), r#"["docs","tests"]"#);
        for bits in 0..1 << SlimPolicy::ALL.len() {
            let on = SlimPolicies(bits);
            assert_eq!(on.to_string().parse::<SlimPolicies>().unwrap(), on);
            assert_eq!(serde_json::from_str::<SlimPolicies>(&json(on)).unwrap(), on);
        }
        assert!(serde_json::from_str::<SlimPolicies>(r#"["locales"]"#).is_err());
    }
}
