//! The data object that `apptainer inspect` reads instead of starting a container.

use serde_json::json;

use super::furnish::Texts;
use super::{labels, scripts};

/// The name by which Apptainer finds it.
pub(super) const NAME: &str = "inspect-metadata.json";

/// The object's text; texts in it end without a newline, as `inspect` adds one.
pub(super) fn metadata(texts: &Texts) -> String {
    let bare = |text: &str| text.trim_end().to_owned();
    json!({
        "data": {
            "attributes": {
                "environment": {
                    "/.singularity.d/env/10-docker2singularity.sh": bare(&texts.variables),
                    "/.singularity.d/env/90-environment.sh": bare(scripts::CUSTOM),
                },
                "labels": labels::value(&texts.labels),
                "runscript": bare(&texts.runscript),
                "deffile": bare(&texts.definition),
                "startscript": bare(scripts::START),
            }
        },
        "type": "container",
    })
    .to_string()
}
