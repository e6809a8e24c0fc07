//! Any bytes as an archive of unknown kind; of what is found in it, every layer is read.
#![no_main]

use std::io::{Read, Write};

use libfuzzer_sys::fuzz_target;
use mambox_oci::Platform;
use mambox_progress::Silent;
use mambox_transport::{Reference, Transport, read};

/// A layer may be a bomb; the reader bounds what it reads itself, we bound what we ask for.
const MAX_READ: u64 = 64 << 20;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::Builder::new().suffix(".tar").tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    let reference = Reference::Path(file.path().to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (platform, transport) = (Platform::linux("amd64"), Transport::default());
    if let Ok(image) = runtime.block_on(read(&reference, &platform, &transport, &Silent)) {
        for layer in image.layers() {
            if let Ok(tar) = layer.open_tar() {
                let _ = std::io::copy(&mut tar.take(MAX_READ), &mut std::io::sink());
            }
        }
    }
});
