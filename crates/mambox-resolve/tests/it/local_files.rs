//! Channels in folders: used in place, verified, hashed again only when they change.

use std::{fs, path::PathBuf};

use mambox_env::Lock;
use mambox_progress::Silent;
use mambox_testkit::LocalChannel;

use crate::lab::{Lab, files, package};

struct Folder {
    lab: Lab,
    channel: LocalChannel,
    lock: Lock,
    archive: PathBuf,
}

async fn folder() -> Folder {
    let built = package("lib", "1.0", &[]);
    let channel = LocalChannel::with([&built]);
    let archive = channel.archive(&built);
    // Old enough to be remembered.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    fs::File::options().append(true).open(&archive).unwrap().set_modified(old).unwrap();
    let lab = Lab::with_channel(&channel);
    let lock = lab.lock(&["lib"]).await.unwrap();
    Folder { lab, channel, lock, archive }
}

impl Folder {
    async fn fetch(&self, lock: &Lock, folders: &[PathBuf]) -> Result<PathBuf, String> {
        match self.lab.resolver().fetch_with(lock, folders, &Silent).await {
            Ok(fetched) => Ok(fetched[0].path.clone()),
            Err(error) => Err(self.lab.stable(error)),
        }
    }
}

#[tokio::test]
async fn archives_are_used_where_they_lie() {
    let folder = folder().await;
    assert_eq!(folder.fetch(&folder.lock, &[]).await.unwrap(), folder.archive);
    let copies = files(folder.lab.dir.path()).into_iter().filter(|file| file.ends_with(".conda")).count();
    assert_eq!(copies, 0);
}

#[tokio::test]
async fn a_changed_archive_is_noticed() {
    let folder = folder().await;
    folder.fetch(&folder.lock, &[]).await.unwrap();
    let mut bytes = fs::read(&folder.archive).unwrap();
    bytes[20] ^= 1;
    fs::write(&folder.archive, &bytes).unwrap();
    let message = folder.fetch(&folder.lock, &[]).await.unwrap_err();
    assert!(message.starts_with("lib-1.0-0.conda has the wrong sha256"), "{message}");
    assert!(message.contains("lock again"), "{message}");
}

#[tokio::test]
async fn a_cut_archive_is_told_by_its_size() {
    let folder = folder().await;
    let bytes = fs::read(&folder.archive).unwrap();
    fs::write(&folder.archive, &bytes[..100]).unwrap();
    let message = folder.fetch(&folder.lock, &[]).await.unwrap_err();
    insta::assert_snapshot!(message.replace(&bytes.len().to_string(), "SIZE"), @"lib-1.0-0.conda has the wrong size: expected SIZE bytes, but CHANNEL/noarch/lib-1.0-0.conda gave 100. The file is truncated: try again, or copy it anew if it is local");
}

#[tokio::test]
async fn a_missing_archive_is_named() {
    let folder = folder().await;
    fs::remove_file(&folder.archive).unwrap();
    insta::assert_snapshot!(folder.fetch(&folder.lock, &[]).await.unwrap_err(), @"lib-1.0-0.conda is not at CHANNEL/noarch/lib-1.0-0.conda, nor in the cache. Name the folder of its channel with -c, or lock again");
    fs::create_dir(&folder.archive).unwrap();
    insta::assert_snapshot!(folder.fetch(&folder.lock, &[]).await.unwrap_err(), @"cannot read CHANNEL/noarch/lib-1.0-0.conda: it is no file");
}

#[tokio::test]
async fn a_portable_lock_finds_its_packages_by_folder() {
    let folder = folder().await;
    let portable = folder.lock.portable();
    assert!(portable.packages()[0].url.as_str().starts_with("file:///channel/"));
    let message = folder.fetch(&portable, &[]).await.unwrap_err();
    assert!(message.contains("Name the folder of its channel with -c"), "{message}");
    let folders = folder.lab.resolver().channel_folders();
    assert_eq!(
        folders.iter().map(|path| path.join("")).collect::<Vec<_>>(),
        [folder.channel.path().join("")]
    );
    assert_eq!(folder.fetch(&portable, &folders).await.unwrap(), folder.archive);
}

#[tokio::test]
async fn a_folder_with_another_file_of_that_name_is_passed_over() {
    let folder = folder().await;
    let portable = folder.lock.portable();
    let other = LocalChannel::new();
    let impostor = other.path().join("noarch").join(folder.archive.file_name().unwrap());
    let size = fs::metadata(&folder.archive).unwrap().len() as usize;
    fs::write(&impostor, vec![0; size]).unwrap();
    let wrong_first = [other.path().to_owned(), folder.channel.path().to_owned()];
    assert_eq!(folder.fetch(&portable, &wrong_first).await.unwrap(), folder.archive);
    let message = folder.fetch(&portable, &wrong_first[..1]).await.unwrap_err();
    assert!(message.contains("wrong sha256"), "{message}");
}
