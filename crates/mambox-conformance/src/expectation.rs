//! What an active environment looks like, and what is wrong with another.

use std::collections::{BTreeMap, BTreeSet};

use crate::reading::Reading;
use crate::words::strs;

/// The variables of an active environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The folders at the front of `PATH`, in this order.
    pub path_first: Vec<String>,
    /// The folders at the end of `PATH`, in this order.
    pub path_last: Vec<String>,
    /// Variables that are set.
    pub set: BTreeMap<String, Value>,
    /// Variables that are not.
    pub unset: BTreeSet<String>,
}

/// A value that a variable must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// This one.
    Is(String),
    /// That of another variable in the same environment, with this behind it.
    Of {
        /// The other variable.
        variable: &'static str,
        /// What follows its value.
        rest: &'static str,
    },
    /// Any but the empty one.
    Some,
}

impl Expectation {
    /// What is wrong where the environment must be active: one sentence each.
    pub fn missing_in(&self, reading: &Reading) -> Vec<String> {
        let mut wrong = Vec::new();
        let path = reading.path();
        if !path.starts_with(&strs(&self.path_first)) || !path.ends_with(&strs(&self.path_last)) {
            let (first, last) = (self.path_first.join(":"), self.path_last.join(":"));
            wrong.push(format!("PATH is {}, not {first}:…:{last}", path.join(":")));
        }
        for (name, ought) in self.set.iter().filter(|(name, ought)| !ought.is_in(reading, name)) {
            wrong.push(format!("{name} is {:?}, not {ought:?}", reading.value(name)));
        }
        for name in &self.unset {
            if let Some(value) = reading.value(name) {
                wrong.push(format!("{name} is {value:?}, not unset"));
            }
        }
        wrong
    }

    /// What is wrong where the environment must not be active.
    pub fn left_in(&self, reading: &Reading) -> Vec<String> {
        let path = reading.path();
        let ours = self.path_first.iter().chain(&self.path_last);
        let folders = ours.filter(|folder| path.contains(&folder.as_str()));
        let names = self.set.iter().filter(|(name, ought)| ought.is_in(reading, name));
        folders
            .map(|folder| format!("PATH holds {folder}"))
            .chain(names.map(|(name, _)| format!("{name} is set")))
            .collect()
    }
}

impl Value {
    fn is_in(&self, reading: &Reading, name: &str) -> bool {
        match self {
            Self::Is(value) => reading.holds(name, value),
            Self::Of { variable, rest } => {
                let other = reading.value(variable).unwrap_or_default();
                reading.holds(name, &format!("{other}{rest}"))
            }
            Self::Some => reading.value(name).is_some_and(|value| !value.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation() -> Expectation {
        Expectation {
            path_first: vec!["/opt/conda/bin".into()],
            path_last: vec!["/last".into()],
            set: BTreeMap::from([
                ("LEVEL".into(), Value::Is("11".into())),
                ("CACHE".into(), Value::Of { variable: "HOME", rest: "/cache" }),
                ("WHEN".into(), Value::Some),
            ]),
            unset: BTreeSet::from(["OLD".into()]),
        }
    }

    #[test]
    fn an_active_environment_has_it_all() {
        let reading = Reading::new(
            "PATH=/opt/conda/bin:/bin:/last\nHOME=/home/me\nLEVEL=11\nCACHE=/home/me/cache\nWHEN=now\n",
        );
        assert_eq!(expectation().missing_in(&reading), Vec::<String>::new());
        insta::assert_snapshot!(expectation().left_in(&reading).join("\n"), @r"
        PATH holds /opt/conda/bin
        PATH holds /last
        CACHE is set
        LEVEL is set
        WHEN is set
        ");
    }

    #[test]
    fn another_one_is_told_what_it_lacks() {
        let reading = Reading::new("PATH=/bin:/opt/conda/bin\nHOME=/home/me\nLEVEL=1\nCACHE=/cache\nOLD=1\n");
        insta::assert_snapshot!(expectation().missing_in(&reading).join("\n"), @r#"
        PATH is /bin:/opt/conda/bin, not /opt/conda/bin:…:/last
        CACHE is Some("/cache"), not Of { variable: "HOME", rest: "/cache" }
        LEVEL is Some("1"), not Is("11")
        WHEN is None, not Some
        OLD is "1", not unset
        "#);
        assert_eq!(expectation().left_in(&Reading::new("PATH=/bin\n")), Vec::<String>::new());
        assert!(!expectation().missing_in(&Reading::new("")).is_empty());
    }
}
