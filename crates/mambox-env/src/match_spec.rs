//! Match specs as people write them.

use std::str::FromStr;

use rattler_conda_types::{MatchSpec, ParseMatchSpecOptions, Subdir};

use crate::{
    portable::is_path,
    redact::for_message,
    spec_error::{Place, SpecError},
};

/// Longest match spec that is parsed, in bytes.
const MAX_SPEC: usize = 4096;

/// Where the parser looks for channels that are given by name.
const USUAL_ALIAS: &str = "https://conda.anaconda.org/";

/// A match spec, and the channel that it names, as written.
pub(crate) struct ParsedSpec {
    pub(crate) spec: MatchSpec,
    pub(crate) channel: Option<String>,
}

/// Parses a match spec of the command line (`origin` is then the option, such as `-p`).
///
/// # Errors
/// [`SpecError::MatchSpec`], showing the spec and why it was refused.
pub fn parse_match_spec(text: &str, origin: &str) -> Result<MatchSpec, SpecError> {
    match parse(text) {
        Ok(parsed) => Ok(parsed.spec),
        Err(why) => Err(refusal(Place { file: origin.to_owned(), line: None }, text, why)),
    }
}

pub(crate) fn refusal(place: Place, spec: &str, why: String) -> SpecError {
    SpecError::MatchSpec { place, spec: spec.to_owned(), why }
}

/// Fails with the reason alone; [`refusal`] makes an error of it.
pub(crate) fn parse(text: &str) -> Result<ParsedSpec, String> {
    if text.len() > MAX_SPEC {
        return Err(format!("it is longer than {MAX_SPEC} bytes"));
    }
    let channel = written_channel(text);
    // The parser would look such a path up from the current directory.
    if channel.is_some_and(|channel| is_path(channel) && !channel.starts_with('/')) {
        return Err("write a channel's folder as an absolute path, or list it among the channels".to_owned());
    }
    let spec = MatchSpec::from_str(text, ParseMatchSpecOptions::lenient())
        .map_err(|error| for_message(&error.to_string()))?;
    let channel = channel.map(str::to_owned).or_else(|| bracket_channel(&spec));
    Ok(ParsedSpec { spec, channel })
}

/// `channel/subdir::name` → `channel`.
fn written_channel(text: &str) -> Option<&str> {
    let before_brackets = text.split('[').next().unwrap_or(text);
    let (channel, _) = before_brackets.rsplit_once("::")?;
    // An old form has a namespace between two single colons; it was never used.
    let channel = channel.trim().trim_end_matches('/');
    let channel = match channel.rsplit_once('/') {
        Some((parent, subdir)) if Subdir::from_str(subdir).is_ok() => parent,
        _ => channel,
    };
    (!channel.is_empty()).then_some(channel)
}

/// `name[channel=…]`. The parser has put names below the usual alias already; only those are names again, since
/// it also names any other URL by its last part.
fn bracket_channel(spec: &MatchSpec) -> Option<String> {
    let channel = spec.channel.as_ref()?;
    let url = channel.base_url.as_str().trim_end_matches('/');
    Some(url.strip_prefix(USUAL_ALIAS).unwrap_or(url).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_of_a_spec_is_kept_as_written() {
        for (spec, channel) in [
            ("numpy", None),
            ("numpy >=2,<3", None),
            ("conda-forge::numpy=2", Some("conda-forge")),
            ("conda-forge/linux-64::numpy", Some("conda-forge")),
            ("https://host/chan::numpy", Some("https://host/chan")),
            ("https://host:8080/a/b/noarch::numpy", Some("https://host:8080/a/b")),
            ("/srv/chan::numpy", Some("/srv/chan")),
            ("numpy[channel=bioconda]", Some("bioconda")),
            ("numpy[channel=conda-forge/label/dev]", Some("conda-forge/label/dev")),
            ("numpy[channel='https://conda.anaconda.org/bioconda']", Some("bioconda")),
            ("numpy[channel='https://host/a/bioconda']", Some("https://host/a/bioconda")),
            ("numpy[channel='file:///srv/chan']", Some("file:///srv/chan")),
            ("::numpy", None),
        ] {
            let parsed = parse(spec).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(parsed.channel.as_deref(), channel, "{spec}");
            assert_eq!(parsed.spec.name.to_string(), "numpy", "{spec}");
        }
    }

    #[test]
    fn a_bad_spec_is_shown_with_its_reason() {
        let error = |spec| parse_match_spec(spec, "-p").unwrap_err().to_string();
        insta::assert_snapshot!(error("numpy >=2,"), @"-p: 'numpy >=2,' is no valid match spec: unable to parse version spec: >=2,");
        insta::assert_snapshot!(error(""), @"-p: '' is no valid match spec: missing package name");
        insta::assert_snapshot!(error("n*mpy"), @r#"-p: 'n*mpy' is no valid match spec: "n*mpy" looks like a glob but only exact package names are allowed, package names can only contain 0-9, a-z, A-Z, -, _, or ."#);
        insta::assert_snapshot!(error("numpy[version='1"), @"-p: 'numpy[version='1' is no valid match spec: invalid package name 'numpy[version': 'numpy[version' is not a valid package name. Package names can only contain 0-9, a-z, A-Z, -, _, or .");
        insta::assert_snapshot!(error("../chan::numpy"), @"-p: '../chan::numpy' is no valid match spec: write a channel's folder as an absolute path, or list it among the channels");
        insta::assert_snapshot!(error("https://me:secret@host/chan::numpy=="), @"-p: 'https://host/chan::numpy==' is no valid match spec: unable to parse version spec: ==");
    }
}
