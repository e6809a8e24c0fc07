//! The bytes of a compressed layer depend on its tar alone, and every reader takes them.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

use mambox_oci::codec::{Compressors, Encoded, Encoder};
use mambox_oci::{Compression, DiffId, Digest};
use proptest::prelude::*;

/// Bytes of a tar that are compressed as one, for gzip and for zstd.
const BLOCKS: [(Compression, usize); 2] = [(Compression::GZIP, 512 << 10), (Compression::ZSTD, 4 << 20)];

/// Bytes that compress to about a half.
fn tar(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&(state & 0x0f0f_00ff_0f0f_0f0f).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Writes the tar in pieces of these lengths, over and over.
fn write(mut encoder: Encoder<Vec<u8>>, tar: &[u8], pieces: &[usize]) -> (Vec<u8>, Encoded) {
    let mut rest = tar;
    for piece in pieces.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at(rest.len().min(*piece));
        encoder.write_all(now).unwrap();
        rest = later;
    }
    encoder.finish().unwrap()
}

fn alone(compression: Compression, tar: &[u8]) -> (Vec<u8>, Encoded) {
    write(Encoder::new(compression, Vec::new()).unwrap(), tar, &[tar.len().max(1)])
}

fn decoded(compression: Compression, blob: &[u8]) -> Vec<u8> {
    let mut back = Vec::new();
    let decoder = Compression::decoder(&compression.media_type(), blob).unwrap();
    decoder.unwrap().read_to_end(&mut back).unwrap();
    back
}

#[test]
fn every_length_round_trips_and_both_digests_are_true() {
    let tar = tar(2 * BLOCKS[1].1 + 1);
    for (compression, block) in BLOCKS.into_iter().chain([(Compression::None, 1 << 16)]) {
        for length in [0, 1, block - 1, block, block + 1, 2 * block, 2 * block + 1] {
            let tar = &tar[..length];
            let (blob, encoded) = alone(compression, tar);
            assert_eq!(encoded.diff_id, DiffId(Digest::of(tar)));
            assert_eq!(encoded.tar_size, length as u64);
            assert_eq!((encoded.digest, encoded.size), (Digest::of(&blob), blob.len() as u64));
            assert!(decoded(compression, &blob) == tar, "{compression}, {length} bytes");
        }
    }
}

#[test]
fn threads_do_not_show() {
    let tar = tar(9 << 20);
    for (text, length) in [("gzip:1", 2 << 20), ("gzip:6", 2 << 20), ("gzip:9", 1 << 20), ("zstd:3", 9 << 20)]
    {
        let (compression, tar): (Compression, _) = (text.parse().unwrap(), &tar[..length - 5]);
        let expected = alone(compression, tar);
        for threads in [0, 1, 2, 3, 8] {
            let helpers = Compressors::new(threads);
            let encoder = || Encoder::with_helpers(compression, Vec::new(), &helpers).unwrap();
            // Two layers at once, so that each takes of the other's share.
            std::thread::scope(|scope| {
                let layer = || write(encoder(), tar, &[100_000, 1, 512, 7_000_000]);
                let layers = [(); 2].map(|()| scope.spawn(layer));
                for layer in layers {
                    assert!(layer.join().unwrap() == expected, "{text}, {threads} threads");
                }
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn neither_do_writes(length in 0_usize..5 << 18, pieces in prop::collection::vec(1_usize..1 << 20, 1..6)) {
        let tar = tar(length);
        let helpers = Compressors::new(2);
        for compression in [Compression::GZIP, Compression::Gzip(1), Compression::ZSTD] {
            let encoder = Encoder::with_helpers(compression, Vec::new(), &helpers).unwrap();
            prop_assert!(write(encoder, &tar, &pieces) == alone(compression, &tar));
        }
    }
}

#[test]
fn a_small_gzip_layer_is_what_the_plain_encoder_makes() {
    for (level, length) in [(1, 0), (6, 1), (6, 512 << 10), (9, 300_000)] {
        let tar = tar(length);
        let mut plain = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(level));
        plain.write_all(&tar).unwrap();
        assert!(alone(Compression::Gzip(level), &tar).0 == plain.finish().unwrap(), "{length} bytes");
    }
}

#[test]
fn a_gzip_layer_is_one_member() {
    let tar = tar(3 << 20);
    let (blob, _) = alone(Compression::GZIP, &tar);
    let mut back = Vec::new();
    let mut decoder = flate2::bufread::GzDecoder::new(blob.as_slice());
    decoder.read_to_end(&mut back).unwrap();
    assert!(back == tar);
    assert!(decoder.into_inner().is_empty(), "a reader of one member leaves nothing");
}

#[test]
fn a_sink_that_fails_ends_it_with_its_own_error() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let helpers = Compressors::new(2);
    for (compression, block) in BLOCKS {
        let mut encoder = Encoder::with_helpers(compression, Full(block), &helpers).unwrap();
        let tar = tar(block);
        // It would go on for ever; a few blocks may be under way when the first does not fit.
        let written = (0..20).find_map(|_| encoder.write_all(&tar).err());
        assert_eq!(written.unwrap().kind(), io::ErrorKind::StorageFull);
        // The others are not hindered.
        let other = Encoder::with_helpers(compression, Vec::new(), &helpers).unwrap();
        assert!(write(other, &tar, &[4096]) == alone(compression, &tar));
    }
}

#[test]
fn the_programs_of_both_formats_test_them() {
    let tar = tar((9 << 20) + 1);
    for (compression, program) in [(Compression::GZIP, "gzip"), (Compression::ZSTD, "zstd")] {
        let (blob, _) = alone(compression, &tar);
        let child = Command::new(program).arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            println!("skipped: no {program} here");
            continue;
        };
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(&blob));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success() && output.stdout == tar, "{program}");
    }
}
