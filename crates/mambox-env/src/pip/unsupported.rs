//! Packages that only pip could install.

use thiserror::Error;

use crate::redact::for_message;

/// How many requirements a message lists.
const SHOWN: usize = 10;

/// A request for pip packages, which are not supported yet and must never be dropped silently.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{file} asks for packages from pip, which is not supported yet: {}. Use the conda packages of the same \
     names where they exist, or install these in a later Dockerfile step (FROM the built image, RUN pip install …)",
    shown(.requirements)
)]
pub struct PipUnsupported {
    /// The file that asks for them
    pub file: String,
    /// The requirements as written
    pub requirements: Vec<String>,
}

/// Fails when there are requirements for pip.
///
/// # Errors
/// [`PipUnsupported`], naming the file and the requirements.
pub fn check_no_pip(file: &str, requirements: &[String]) -> Result<(), PipUnsupported> {
    if requirements.is_empty() {
        return Ok(());
    }
    Err(PipUnsupported { file: file.to_owned(), requirements: requirements.to_vec() })
}

fn shown(requirements: &[String]) -> String {
    let mut text = requirements.iter().take(SHOWN).map(|one| for_message(one)).collect::<Vec<_>>().join(", ");
    if requirements.len() > SHOWN {
        text.push_str(&format!(" and {} more", requirements.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_for_pip_is_fine() {
        assert_eq!(check_no_pip("environment.yml", &[]), Ok(()));
    }

    #[test]
    fn the_message_names_file_requirements_and_the_next_step() {
        let wanted = ["rich==14".to_owned(), "git+https://s3cret@host/x.git@main".to_owned()];
        let error = check_no_pip("environment.yml", &wanted).unwrap_err();
        insta::assert_snapshot!(error, @"environment.yml asks for packages from pip, which is not supported yet: rich==14, git+https://host/x.git@main. Use the conda packages of the same names where they exist, or install these in a later Dockerfile step (FROM the built image, RUN pip install …)");
    }

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<String> = (0..12).map(|n| format!("p{n}")).collect();
        assert!(check_no_pip("e.yml", &many).unwrap_err().to_string().contains("p9 and 2 more."));
    }
}
