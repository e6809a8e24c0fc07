//! Any bytes as what a shell exports and as the document of an activation; what was understood reads the same when
//! written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_activate::{Document, parse_exports, parse_state};

fuzz_target!(|bytes: &[u8]| {
    let _ = parse_exports(bytes);
    let _ = parse_state(bytes);
    if let Ok(document) = Document::parse(bytes) {
        assert_eq!(Document::parse(document.to_json()).expect("what we write, we read"), document);
    }
});
