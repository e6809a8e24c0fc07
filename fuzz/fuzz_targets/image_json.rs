//! Any bytes as manifest, index and configuration; what was understood reads the same when written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_oci::{ImageConfig, IndexManifest, Manifest};

fuzz_target!(|bytes: &[u8]| {
    let _ = (Manifest::parse(bytes).is_ok(), IndexManifest::parse(bytes).is_ok());
    if let Ok(config) = ImageConfig::parse(bytes) {
        let again = ImageConfig::parse(&config.to_bytes()).expect("what we write, we read");
        assert_eq!(again.to_bytes(), config.to_bytes());
        let _ = (config.env(), config.entrypoint(), config.labels(), config.history(), config.platform());
    }
});
