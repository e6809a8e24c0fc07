//! Any bytes as a package archive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_layer::Archive;

fuzz_target!(|bytes: &[u8]| {
    for name in ["fuzz-1.0-0.conda", "fuzz-1.0-0.tar.bz2"] {
        if let Ok(archive) = Archive::from_bytes(name, bytes.to_vec()) {
            let _ = archive.metadata();
        }
    }
});
