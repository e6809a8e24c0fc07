//! Canonical JSON: one value, one text.

use serde::Serialize;
use serde_json::Value;

/// Writes `value` with sorted keys, no white space and no trailing newline.
///
/// Fails only for maps whose keys are no strings and for serializers that fail themselves.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&sorted(serde_json::to_value(value)?))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = serde_json::json!({"b": [{"z": 1, "a": 2}], "a": "é\n"});
        assert_eq!(canonical_json(&value).unwrap(), r#"{"a":"é\n","b":[{"a":2,"z":1}]}"#.as_bytes());
    }
}
