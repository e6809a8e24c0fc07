//! What is known of an image before it is tried.

use std::collections::BTreeSet;

use serde_json::Value;

use super::probe::{self, CHANNEL};
use crate::check::Need;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::image;
use crate::perform::Programs;
use crate::words::fill;

/// Says what the image has, and where its account's home is: a folder, or nothing.
const SCRIPT: &str = r#"
has() { for name in "$@"; do command -v "$name" >/dev/null || return; done; }
has bash && echo bash
has su && echo su
{ has useradd || has adduser; } && echo useradd
has usermod groupmod && echo usermod
while IFS=: read -r name _ _ _ _ home _; do
  [ "$name" = "$MAMBA_USER" ] && echo "home $home"
done </etc/passwd
:"#;

/// An image's configuration, and what it has.
#[derive(Debug)]
pub(super) struct Facts {
    config: Value,
    tools: BTreeSet<Need>,
    home: Option<String>,
}

impl Facts {
    pub(super) fn of(engine: Engine, image: &str) -> Result<Self, EngineError> {
        let words = ["image", "inspect", "--format", "{{json .Config}}", image];
        let text = engine.call_short(&words)?;
        let config = serde_json::from_str(&text).map_err(|source| {
            let command = format!("{} {}", engine.program(), words.join(" "));
            EngineError::Unreadable { command, source }
        })?;
        let options = ["--user", "0:0", "--entrypoint", "/bin/sh"];
        let ended = image::run(engine, image, &options, &["-c", SCRIPT], "")?;
        let mut facts = Self { config, tools: BTreeSet::new(), home: None };
        // By this status engines say that a program is not there.
        if ended.status.code() != Some(127) {
            facts.take(&ended.into_stdout()?);
        }
        Ok(facts)
    }

    fn take(&mut self, printed: &str) {
        self.tools.extend([Need::Nothing, Need::Sh]);
        for line in printed.lines() {
            match line {
                "bash" => drop(self.tools.insert(Need::Bash)),
                "su" => drop(self.tools.insert(Need::Su)),
                "useradd" => drop(self.tools.insert(Need::UserAdd)),
                "usermod" => drop(self.tools.insert(Need::UserMod)),
                _ => self.home = line.strip_prefix("home ").map(str::to_owned).or(self.home.take()),
            }
        }
    }

    /// The first thing that is needed and not there.
    pub(super) fn lacks(&self, needs: &[Need]) -> Option<Need> {
        needs.iter().copied().find(|need| !self.tools.contains(need))
    }

    /// A variable of the configuration.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let list = self.config.get("Env")?.as_array()?;
        list.iter().filter_map(Value::as_str).find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
    }

    /// A field of the configuration; none where it is not there or null.
    pub(super) fn setting(&self, field: &str) -> Option<&Value> {
        self.config.get(field).filter(|value| !value.is_null())
    }

    /// The account's name.
    pub(super) fn user(&self) -> &str {
        self.variable("MAMBA_USER").filter(|user| !user.is_empty()).unwrap_or("mambauser")
    }

    /// The root prefix.
    pub(super) fn prefix(&self) -> &str {
        self.variable("MAMBA_ROOT_PREFIX").filter(|path| path.starts_with('/')).unwrap_or("/opt/conda")
    }

    /// The account's ids, as `--chown` takes them.
    pub(super) fn owner(&self) -> String {
        let id = |name: &str| self.variable(name).and_then(|id| id.parse().ok()).unwrap_or(0_u32);
        format!("{}:{}", id("MAMBA_USER_ID"), id("MAMBA_USER_GID"))
    }

    /// The programs of the probe.
    pub(super) fn programs(&self) -> Programs<'_> {
        probe::programs(self.user())
    }

    /// Words with everything filled in.
    pub(super) fn fill(&self, words: &[&str]) -> Vec<String> {
        let usual = || format!("/home/{}", self.user());
        let home = self.home.clone().filter(|home| !home.is_empty()).unwrap_or_else(usual);
        let words = fill(words, &self.programs()).into_iter();
        words
            .map(|word| {
                word.replace("{prefix}", self.prefix()).replace("{home}", &home).replace("{channel}", CHANNEL)
            })
            .collect()
    }

    /// A text with everything filled in.
    pub(super) fn text(&self, text: &str) -> String {
        self.fill(&[text]).concat()
    }
}

#[cfg(test)]
impl Facts {
    /// Those of an image with this configuration and everything in it.
    pub(super) fn example(config: Value) -> Self {
        let mut facts = Self { config, tools: BTreeSet::new(), home: None };
        facts.take("bash\nsu\nuseradd\nusermod\nhome /srv/kai\n");
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_filled_with_what_the_image_says() {
        let env =
            ["MAMBA_USER=kai", "MAMBA_USER_ID=1000", "MAMBA_USER_GID=100", "MAMBA_ROOT_PREFIX=/srv/conda"];
        let facts = Facts::example(json!({ "Env": env }));
        assert_eq!(facts.text("{user} {home} {prefix}"), "kai /srv/kai /srv/conda");
        assert_eq!(facts.owner(), "1000:100");
        assert_eq!(facts.lacks(&[Need::Sh, Need::UserMod]), None);
    }

    #[test]
    fn an_image_that_says_nothing_is_taken_for_a_usual_one() {
        let facts = Facts { config: json!({}), tools: BTreeSet::new(), home: None };
        assert_eq!(facts.text("{user} {home} {prefix}"), "mambauser /home/mambauser /opt/conda");
        assert_eq!(facts.owner(), "0:0");
        assert_eq!(facts.lacks(&[Need::Sh]), Some(Need::Sh));
        assert_eq!(facts.setting("Cmd"), None);
    }
}
