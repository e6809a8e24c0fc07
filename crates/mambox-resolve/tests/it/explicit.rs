//! Locks out of lists of addresses.

use mambox_env::ExplicitFile;
use mambox_progress::Silent;
use mambox_testkit::{ArchiveFormat, Auth, BuiltPackage, HttpServer, LocalChannel, PackageBuilder};
use rattler_conda_types::Subdir;

use crate::lab::{Lab, names, package};

async fn explicit(lab: &Lab, text: &str) -> Result<mambox_env::Lock, String> {
    let file = ExplicitFile::from_text(text, "list.txt", None).unwrap();
    lab.resolver().explicit(&file.packages, Subdir::Linux64, &Silent).await.map_err(|error| lab.stable(error))
}

fn line(base: &str, package: &BuiltPackage, hash: &str) -> String {
    format!(
        "@EXPLICIT\n{}/{}/{}{hash}\n",
        base.trim_end_matches('/'),
        package.record.subdir,
        package.file_name
    )
}

#[tokio::test]
async fn archives_say_themselves_what_they_depend_on() {
    let old = PackageBuilder::new("lib", "1.0").format(ArchiveFormat::TarBz2).file("lib/x", "x").build();
    let app = package("app", "2.0", &["lib"]);
    let channel = LocalChannel::with(&[old.clone(), app.clone()]);
    let base = channel.url().to_string();
    let text = line(&base, &app, "") + &line(&base, &old, "").replace("@EXPLICIT\n", "");
    let lock = explicit(&Lab::new(&[]), &text).await.unwrap();
    assert_eq!(names(&lock), "lib 1.0, app 2.0");
    assert_eq!(lock.packages()[1].record.depends, ["lib"]);
    assert_eq!(lock.packages()[1].record.sha256, app.record.sha256);
    assert_eq!(lock.packages()[1].record.size, app.record.size);
    // Channels state it, and so does every record of a solved lock.
    assert_eq!(lock.packages()[1].record.md5, app.record.md5);
    assert_eq!(lock.channels(), [base.trim_end_matches('/')]);
}

#[tokio::test]
async fn hashes_of_the_list_are_checked() {
    let lib = package("lib", "1.0", &[]);
    let channel = LocalChannel::with([&lib]);
    let base = channel.url().to_string();
    let good = format!("#{}", hex::encode(lib.record.md5.unwrap()));
    explicit(&Lab::new(&[]), &line(&base, &lib, &good)).await.unwrap();
    let bad = format!("#sha256:{}", "0".repeat(64));
    let message = explicit(&Lab::new(&[]), &line(&base, &lib, &bad)).await.unwrap_err();
    assert!(message.starts_with("lib-1.0-0.conda has the wrong sha256: expected 0000"), "{message}");
}

#[tokio::test]
async fn what_is_no_package_is_named() {
    let lib = package("lib", "1.0", &[]);
    let channel = LocalChannel::with([&lib]);
    let text = line(channel.url().as_str(), &lib, "");
    let archive = channel.archive(&lib);
    std::fs::write(&archive, "<html>").unwrap();
    insta::assert_snapshot!(explicit(&Lab::new(&[]), &text).await.unwrap_err(), @"lib-1.0-0.conda is no conda package: it is truncated, or something else altogether (invalid zip archive: invalid Zip archive: Could not find EOCD)");
    std::fs::write(&archive, &lib.bytes[..lib.bytes.len() / 2]).unwrap();
    insta::assert_snapshot!(explicit(&Lab::new(&[]), &text).await.unwrap_err(), @"lib-1.0-0.conda is no conda package: it is truncated, or something else altogether (invalid zip archive: invalid Zip archive: Could not find EOCD)");
}

#[tokio::test]
async fn credentials_of_the_list_serve_and_stay_out_of_the_lock() {
    let lib = package("lib", "1.0", &[]);
    let channel = LocalChannel::with([&lib]);
    let server = HttpServer::serve_dir(channel.path());
    server.require(Auth::PathToken("s3cr3t".to_owned()));
    let text = line(&format!("{}t/s3cr3t", server.url()), &lib, "");
    let lab = Lab::new(&[]);
    let lock = explicit(&lab, &text).await.unwrap();
    assert!(!format!("{lock:?}").contains("s3cr3t"));
    server.require(Auth::PathToken("another".to_owned()));
    let message = explicit(&Lab::new(&[]), &text).await.unwrap_err();
    assert!(message.contains("access denied") && !message.contains("s3cr3t"), "{message}");
}
