//! Any text as the name of an image and of an output; a name that was understood reads the same when written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_transport::{Output, Reference};

fuzz_target!(|text: &str| {
    if let Ok(reference) = text.parse::<Reference>() {
        assert_eq!(reference.to_string().parse::<Reference>().expect("what we write, we read"), reference);
    }
    let _ = text.parse::<Output>();
});
