//! Which channels a call uses: section 3 of the reference, "Precedence" and "Channels".

use crate::load::Config;
use crate::merge::Source;
use crate::parse::distinct;

/// What is used where no channel is named anywhere.
pub const DEFAULT_CHANNEL: &str = "conda-forge";

/// In a list of channels: use those named in the call and its files, and no configured ones.
const NO_DEFAULTS: &str = "nodefaults";

impl Config {
    /// The channels in order: options, then `from_file` (those of environment files), then variables and rc files; the
    /// last two not with `override_channels` (`--override-channels`) or where `nodefaults` is named. conda-forge if that
    /// leaves none. Channels may hold credentials.
    pub fn channels(&self, from_file: &[String], override_channels: bool) -> Vec<String> {
        let (mut called, mut configured) = (Vec::new(), Vec::new());
        if let Some(resolved) = self.get("channels") {
            for (channel, source) in resolved.value.as_list().iter().zip(&resolved.parts) {
                if *source == Source::Cli { &mut called } else { &mut configured }.push(channel.clone());
            }
        }
        called.extend_from_slice(from_file);
        if !override_channels && !called.iter().any(|channel| channel == NO_DEFAULTS) {
            called.append(&mut configured);
        }
        let mut channels = distinct(called.into_iter().filter(|channel| channel != NO_DEFAULTS));
        if channels.is_empty() {
            channels.push(DEFAULT_CHANNEL.to_owned());
        }
        channels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::memory::Memory;
    use crate::{Inputs, Value};
    use std::path::Path;

    fn channels(option: &[&str], variable: &str, rc: &str, file: &[&str], override_channels: bool) -> String {
        let environment = [("CONDA_CHANNELS".to_owned(), variable.to_owned())].into();
        let files = Memory::new([("/home/me/.condarc", rc)]);
        let option = (!option.is_empty()).then(|| ("channels", Value::list(option.iter().copied())));
        let inputs = Inputs {
            cli: option.into_iter().collect(),
            environment: &environment,
            home: Some("/home/me".into()),
            root_prefix: None,
            target_prefix: None,
            rc_files: Vec::new(),
            no_rc: false,
            no_env: false,
            cwd: Path::new("/here"),
            files: &files,
        };
        let file: Vec<String> = file.iter().map(|channel| (*channel).to_owned()).collect();
        Config::load(&inputs).unwrap().config.channels(&file, override_channels).join(" ")
    }

    #[test]
    fn the_order_and_what_leaves_some_out() {
        let rc = "channels: [rc, file]";
        assert_eq!(channels(&["cli"], "env", rc, &["file"], false), "cli file env rc");
        assert_eq!(channels(&["cli"], "env", rc, &["file"], true), "cli file");
        assert_eq!(channels(&["cli"], "env", rc, &["nodefaults", "file"], false), "cli file");
        assert_eq!(channels(&["nodefaults"], "env", rc, &[], false), "conda-forge");
        assert_eq!(channels(&[], "env,nodefaults", rc, &["file"], false), "file env rc");
        assert_eq!(channels(&[], "", "", &[], false), "conda-forge");
        assert_eq!(channels(&[], "", rc, &[], true), "conda-forge");
    }
}
