//! Bytes against seconds: `encoders THREADS ENCODER[,ENCODER…] FILE…`, as benches/encoders.sh runs it. Prints a Markdown table.
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a program for measuring")]

use std::io::{self, Write};
use std::time::{Duration, Instant};

use mambox_oci::Compression;
use mambox_oci::codec::{Compressors, Encoder};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let threads: usize = arguments.next().unwrap().parse().unwrap();
    let encoders = arguments.next().unwrap();
    let tars: Vec<Vec<u8>> = arguments.map(|path| std::fs::read(path).unwrap()).collect();
    let whole: usize = tars.iter().map(Vec::len).sum();
    let helpers = Compressors::new(threads);
    println!("| | of the tars | as one stream each | a thread's own time | with {threads} helpers |");
    println!("|---|---:|---:|---:|---:|");
    for encoder in encoders.split(',') {
        let compression: Compression = encoder.parse().unwrap();
        let stream: u64 = tars.iter().map(|tar| one_stream(compression, tar)).sum();
        let percent = |bytes: u64| 100.0 * bytes as f64 / whole as f64;
        let speed = |time: Duration| whole as f64 / 1e6 / time.as_secs_f64();
        let (size, alone, _) = best(&tars, || Encoder::new(compression, io::sink()).unwrap());
        let (_, _, helped) =
            best(&tars, || Encoder::with_helpers(compression, io::sink(), &helpers).unwrap());
        println!(
            "| {compression} | {:.2} % | {:.2} % | {:.0} MB/s | {:.0} MB/s |",
            percent(size),
            percent(stream),
            speed(alone),
            speed(helped)
        );
    }
}

/// The bytes of all tars, one after the other, and of two rounds the shortest times: this thread's own, and by the clock.
fn best(tars: &[Vec<u8>], encoder: impl Fn() -> Encoder<io::Sink>) -> (u64, Duration, Duration) {
    let round = || {
        let (begun, own) = (Instant::now(), own_time());
        let size = tars.iter().map(|tar| {
            let mut encoder = encoder();
            encoder.write_all(tar).unwrap();
            encoder.finish().unwrap().1.size
        });
        (size.sum(), own_time() - own, begun.elapsed())
    };
    let (one, other) = (round(), round());
    (one.0, one.1.min(other.1), one.2.min(other.2))
}

/// For how long this thread has had a processor, which other load on the machine disturbs little.
fn own_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// The bytes of a tar that is not cut into blocks.
fn one_stream(compression: Compression, tar: &[u8]) -> u64 {
    let blob = match compression {
        Compression::None => return tar.len() as u64,
        Compression::Gzip(level) => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
            encoder.write_all(tar).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd(level) => {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), level).unwrap();
            encoder.write_all(tar).unwrap();
            encoder.finish().unwrap()
        }
    };
    blob.len() as u64
}
