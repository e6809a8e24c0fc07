//! Any text as an @EXPLICIT file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_env::ExplicitFile;

fuzz_target!(|text: &str| {
    let text = format!("@EXPLICIT\n{text}");
    if let Ok(file) = ExplicitFile::from_text(&text, "explicit.txt", None) {
        let _ = file.check_hashes("explicit.txt");
    }
});
