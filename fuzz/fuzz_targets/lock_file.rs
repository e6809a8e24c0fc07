//! Any text as a lock file; what was understood reads the same when written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_env::{LockFile, LockSelection};

fuzz_target!(|text: &str| {
    let Ok(lock) = LockFile::from_text(text, "pixi.lock", &LockSelection::default()) else { return };
    if let Ok(written) = lock.to_yaml() {
        let selection =
            LockSelection { environment: lock.environment().to_owned(), ..LockSelection::default() };
        let again =
            LockFile::from_text(&written, "written.lock", &selection).expect("what we write, we read");
        assert_eq!(again.to_yaml().expect("written once already"), written);
    }
});
