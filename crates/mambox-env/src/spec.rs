//! What a person asks for: an environment before it is solved.

use std::collections::BTreeMap;

use rattler_conda_types::MatchSpec;

use crate::{
    match_spec::{self, ParsedSpec},
    spec_error::{Place, SpecError},
};

/// An environment as requested: channels and match specs, not yet solved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnvSpec {
    /// The file's `name:`.
    pub name: Option<String>,
    /// Channels as written (names, URLs, paths), in order of priority, without `nodefaults`. A channel
    /// named in a spec (`channel::package`) is added at the end.
    pub channels: Vec<String>,
    /// Whether `nodefaults` stood among the channels: only the channels above count.
    pub nodefaults: bool,
    /// The match specs.
    pub specs: Vec<MatchSpec>,
    /// Requirements of the `pip:` section, as written.
    pub pip: Vec<String>,
    /// Environment variables that the activated environment sets.
    pub variables: BTreeMap<String, String>,
}

impl EnvSpec {
    /// Joins two requests; `self` has the higher rank: its channels come first, its name and variables win.
    #[must_use]
    pub fn merge(mut self, lower: Self) -> Self {
        lower.channels.iter().for_each(|channel| self.add_channel(channel));
        self.name = self.name.or(lower.name);
        self.nodefaults |= lower.nodefaults;
        self.specs.extend(lower.specs);
        self.pip.extend(lower.pip);
        for (name, value) in lower.variables {
            self.variables.entry(name).or_insert(value);
        }
        self
    }

    /// Adds a channel unless it is there; `nodefaults` sets the flag instead.
    pub fn add_channel(&mut self, channel: &str) {
        let channel = channel.trim();
        if channel == "nodefaults" {
            self.nodefaults = true;
        } else if !channel.is_empty() && !self.channels.iter().any(|known| known == channel) {
            self.channels.push(channel.to_owned());
        }
    }

    /// Adds a match spec from the command line, and its channel if it names one. `origin` is the option.
    ///
    /// # Errors
    /// [`SpecError::MatchSpec`], showing the spec and why it was refused.
    pub fn add_spec(&mut self, text: &str, origin: &str) -> Result<(), SpecError> {
        let place = Place { file: origin.to_owned(), line: None };
        self.add_parsed(match_spec::parse(text).map_err(|why| match_spec::refusal(place, text, why))?);
        Ok(())
    }

    pub(crate) fn add_parsed(&mut self, parsed: ParsedSpec) {
        if let Some(channel) = parsed.channel {
            self.add_channel(&channel);
        }
        self.specs.push(parsed.spec);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(channel: &str, package: &str, variable: &str) -> EnvSpec {
        let mut spec = EnvSpec { name: Some(package.to_owned()), ..EnvSpec::default() };
        spec.add_channel(channel);
        spec.add_channel("shared");
        spec.add_spec(package, "-p").unwrap();
        spec.variables.insert("V".to_owned(), variable.to_owned());
        spec
    }

    #[test]
    fn the_higher_rank_comes_first() {
        let joined = spec("a", "numpy", "1").merge(spec("nodefaults", "b::jq", "2"));
        assert_eq!(joined.channels, ["a", "shared", "b"]);
        assert!(joined.nodefaults);
        assert_eq!(joined.name.as_deref(), Some("numpy"));
        assert_eq!(joined.specs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["numpy", "b::jq"]);
        assert_eq!(joined.variables["V"], "1");
    }
}
