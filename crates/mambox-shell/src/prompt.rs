//! How a prompt tells what is active.

use mambox_activate::Environment;

/// What micromamba puts into the prompt unless it is configured otherwise (`env_prompt`).
pub const DEFAULT_ENV_PROMPT: &str = "({default_env}) ";

/// How the prompt changes with the active environment; micromamba's keys of the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Whether it changes at all. Where not, `CONDA_PROMPT_MODIFIER` is empty.
    pub changeps1: bool,
    /// The text in front of it, with `{default_env}`, `{stacked_env}`, `{prefix}` and `{name}` to fill in.
    pub env_prompt: String,
}

impl Default for Prompt {
    fn default() -> Self {
        Self { changeps1: true, env_prompt: DEFAULT_ENV_PROMPT.into() }
    }
}

impl Prompt {
    /// The text for an environment.
    pub(crate) fn modifier(&self, prefix: &str, default_env: &str) -> String {
        if !self.changeps1 {
            return String::new();
        }
        let name = prefix.rsplit('/').next().unwrap_or(prefix);
        let template =
            self.env_prompt.replace("{default_env}", default_env).replace("{stacked_env}", default_env);
        template.replace("{prefix}", prefix).replace("{name}", name)
    }

    /// `PS1` with the new text in front instead of the old one; `None` where it is not ours to change: the
    /// shell has none, or it draws its prompt with powerline, which asks the variables itself.
    pub(crate) fn ps1(&self, before: &Environment, after: &Environment) -> Option<String> {
        let ps1 = before.get("PS1").filter(|ps1| self.changeps1 && !ps1.contains("POWERLINE_COMMAND"))?;
        let modifier =
            |environment: &Environment| environment.get("CONDA_PROMPT_MODIFIER").cloned().unwrap_or_default();
        let (old, new) = (modifier(before), modifier(after));
        let mut plain = ps1.clone();
        if !old.is_empty() {
            plain = plain.replace(&harmless(&old), "").replace(&old, "");
        }
        Some(harmless(&new) + &plain)
    }
}

/// The name of a folder must not run a command: shells expand prompts.
fn harmless(modifier: &str) -> String {
    modifier.replace(['$', '`', '\\', '%', '!'], "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(entries: &[(&str, &str)]) -> Environment {
        entries.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn the_new_text_takes_the_place_of_the_old() {
        let prompt = Prompt::default();
        let ps1 = |ps1: &str, old: &str, new: &str| {
            let before = environment(&[("PS1", ps1), ("CONDA_PROMPT_MODIFIER", old)]);
            prompt.ps1(&before, &environment(&[("CONDA_PROMPT_MODIFIER", new)]))
        };
        assert_eq!(ps1(r"\u\$ ", "", "(py) ").unwrap(), r"(py) \u\$ ");
        assert_eq!(ps1("(py) $ ", "(py) ", "(r) ").unwrap(), "(r) $ ");
        assert_eq!(ps1("(py) $ ", "(py) ", "").unwrap(), "$ ");
        assert_eq!(ps1("$ ", "", "(/a/$(id)) ").unwrap(), "(/a/?(id)) $ ");
        assert_eq!(ps1("(/a/?(id)) $ ", "(/a/$(id)) ", "").unwrap(), "$ ");
        assert_eq!(ps1("$(POWERLINE_COMMAND)", "", "(py) "), None);
        assert_eq!(prompt.ps1(&environment(&[]), &environment(&[])), None);
    }

    /// Section 3 of the reference, keys `changeps1` and `env_prompt`.
    #[test]
    fn a_template_may_name_the_environment_in_several_ways() {
        let prompt = Prompt { changeps1: true, env_prompt: "[{name}|{prefix}|{default_env}]".into() };
        assert_eq!(prompt.modifier("/c/envs/py", "py"), "[py|/c/envs/py|py]");
        assert_eq!(Prompt { changeps1: false, ..prompt }.modifier("/c/envs/py", "py"), "");
    }
}
