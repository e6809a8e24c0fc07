//! Text files with one match spec a line.

use crate::{
    env_yaml::check_size,
    match_spec,
    spec::EnvSpec,
    spec_error::{Place, SpecError},
};

impl EnvSpec {
    /// Reads a text file with one match spec a line; blank lines and lines that begin with `#` or `@` do not
    /// count, as in micromamba.
    ///
    /// # Errors
    /// When a line is no match spec, or there is none at all.
    pub fn from_spec_list(text: &str, file: &str) -> Result<Self, SpecError> {
        check_size(text, file)?;
        let mut spec = Self::default();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if !(line.is_empty() || line.starts_with(['#', '@'])) {
                let refusal = |why| match_spec::refusal(Place::line(file, index + 1), line, why);
                spec.add_parsed(match_spec::parse(line).map_err(refusal)?);
            }
        }
        if spec.specs.is_empty() {
            return Err(SpecError::Empty { file: file.to_owned() });
        }
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spec_a_line() {
        let text = "\u{feff}# tools\nnumpy >=2  # fast\r\n\nbioconda::samtools\n@ignored\n";
        let spec = EnvSpec::from_spec_list(text, "specs.txt").unwrap();
        let specs: Vec<String> = spec.specs.iter().map(ToString::to_string).collect();
        assert_eq!(specs, ["numpy >=2", "bioconda::samtools"]);
        assert_eq!(spec.channels, ["bioconda"]);
    }

    #[test]
    fn errors_name_the_line() {
        let error = EnvSpec::from_spec_list("numpy\n!!\n", "specs.txt").unwrap_err();
        insta::assert_snapshot!(error, @"specs.txt:2: '!!' is no valid match spec: missing package name");
        let error = EnvSpec::from_spec_list("# nothing\n", "specs.txt").unwrap_err();
        insta::assert_snapshot!(error, @"specs.txt lists no packages");
    }
}
