//! Content that carries the prefix placeholder.

/// The build prefix that prefix-carrying files of synthetic packages contain: 255 characters, as
/// conda-build pads it.
pub const PLACEHOLDER: &str = "/home/conda/feedstock_root/build_artifacts/synthetic_1700000000000/_h_env_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_p";

/// `template` with every `{prefix}` replaced by [`PLACEHOLDER`].
pub fn with_placeholder(template: &str) -> String {
    template.replace("{prefix}", PLACEHOLDER)
}

/// A binary blob with NUL-terminated strings in it, each preceded by bytes that are no UTF-8.
/// `{prefix}` in a string becomes [`PLACEHOLDER`]; it may occur several times in one string.
pub fn binary_blob(strings: &[&str]) -> Vec<u8> {
    let mut blob = b"\x7fBLOB\x00\xff\xfe".to_vec();
    for string in strings {
        blob.extend_from_slice(&[0x00, 0xde, 0xad, 0xbe, 0xef, 0x00]);
        blob.extend_from_slice(with_placeholder(string).as_bytes());
        blob.push(0);
    }
    blob.extend_from_slice(b"\xff\x00END\x00");
    blob
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholder_is_255_characters_long() {
        assert_eq!(PLACEHOLDER.len(), 255);
    }

    #[test]
    fn blob_is_no_text_and_holds_each_string_with_its_terminator() {
        let blob = binary_blob(&["{prefix}/lib:{prefix}/share"]);
        let needle = format!("{PLACEHOLDER}/lib:{PLACEHOLDER}/share\0");
        assert!(std::str::from_utf8(&blob).is_err());
        assert!(blob.windows(needle.len()).any(|window| window == needle.as_bytes()));
    }
}
