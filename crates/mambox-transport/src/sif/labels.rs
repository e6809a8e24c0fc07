//! Labels as Apptainer keeps them.

use mambox_oci::Image;
use serde_json::{Map, Value};

/// The image's labels and those that Apptainer adds, sorted by name. Those of time and of Apptainer's version are
/// left out: the one would change with each conversion, the other would not be true.
pub(super) fn of(image: &Image, from: &str) -> Vec<(String, String)> {
    let mut labels = image.config().labels();
    for (name, value) in [
        ("org.label-schema.schema-version", "1.0"),
        ("org.label-schema.build-arch", &image.platform().architecture),
        ("org.label-schema.usage.singularity.deffile.bootstrap", "oci"),
        ("org.label-schema.usage.singularity.deffile.from", from),
    ] {
        labels.insert(name.into(), value.into());
    }
    labels.into_iter().collect()
}

/// The labels as a JSON object.
pub(super) fn value(labels: &[(String, String)]) -> Value {
    let pairs = labels.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// The text of `labels.json`.
pub(super) fn json(labels: &[(String, String)]) -> String {
    // A map of texts cannot fail to serialize.
    serde_json::to_string_pretty(&value(labels)).unwrap_or_default() + "\n"
}
