//! How our layers are known: the words in an image's history.

use mambox_oci::{History, Image, Layer};

/// Account, home, certificates.
pub(crate) const FOUNDATION: &str = "mambox: account, home and certificates";
/// Packages; the comment lists them.
pub(crate) const PACKAGES: &str = "mambox: packages";
/// What link scripts changed; the comment lists their packages.
pub(crate) const LINK_SCRIPTS: &str = "mambox: link scripts";
/// The program that an image's entrypoint is.
pub(crate) const ENTRYPOINT: &str = "mambox: entrypoint";
/// The environment's records, with lock and recipe.
pub(crate) const ENVIRONMENT: &str = "mambox: environment";
/// Files of `--copy`.
pub(crate) const FILES: &str = "mambox: files of the application";

/// A history entry of ours.
pub fn history(mark: &str, created: Option<String>, comment: Option<String>) -> History {
    History { created, created_by: Some(mark.into()), comment, empty_layer: false }
}

/// Each layer with its history entry, bottom first. A history that does not fit the layers describes none.
pub(crate) fn described(image: &Image) -> Vec<(&Layer, History)> {
    let steps: Vec<History> = image.config().history().into_iter().filter(|step| !step.empty_layer).collect();
    let fits = steps.len() == image.layers().len();
    let step = |index: usize| if fits { steps[index].clone() } else { History::default() };
    image.layers().iter().enumerate().map(|(index, layer)| (layer, step(index))).collect()
}

/// What a layer is, for people.
pub(crate) fn name(step: &History) -> String {
    match (step.created_by.as_deref(), &step.comment) {
        (Some(PACKAGES | LINK_SCRIPTS), Some(what)) => what.clone(),
        (Some(FOUNDATION | ENTRYPOINT | ENVIRONMENT | FILES), _) => {
            step.created_by.as_deref().unwrap_or_default().trim_start_matches("mambox: ").into()
        }
        _ => "base".into(),
    }
}
