//! Layouts that are added to, and choices among what one holds.

use mambox_oci::{Compression, Image, Platform};
use mambox_progress::{Event, Outcome, Recorder};

use crate::common::{Place, image, image_for, index, names};

#[tokio::test]
async fn a_layout_is_added_to_and_a_tag_replaced() {
    let place = Place::new();
    let (first, second) = (image(), Image::scratch(&Platform::linux("amd64")));
    place.write(first.clone(), "oci:{}l:one", &[]).await.unwrap();
    place.write(second.clone(), "oci:{}l:two", &[]).await.unwrap();
    assert_eq!(place.read("oci:{}l:one").await.unwrap().digest(), first.digest());
    assert_eq!(place.read("oci:{}l:two").await.unwrap().digest(), second.digest());
    insta::assert_snapshot!(place.read_error("oci:{}l").await,
        @"l holds several images; add the name of one after a colon; it holds one, two");
    insta::assert_snapshot!(place.read_error("oci:{}l:three").await,
        @"l has no image named 'three'; it holds one, two");
    place.write(second.clone(), "oci:{}l:one", &[]).await.unwrap();
    assert_eq!(place.read("oci:{}l:one").await.unwrap().digest(), second.digest());
    assert_eq!(place.read("oci:{}l").await.unwrap().digest(), second.digest(), "two names of one image");
}

#[tokio::test]
async fn a_rebuild_writes_nothing() {
    let place = Place::new();
    place.write(index(), "oci:{}l", &["me/x:1"]).await.unwrap();
    let changed = || std::fs::metadata(place.path("l/index.json")).unwrap().modified().unwrap();
    let before = (changed(), names(&place.path("l")));
    let recorder = Recorder::default();
    let output = format!("oci:{}", place.path("l").display()).parse().unwrap();
    let names_given = ["me/x:1".to_owned()];
    mambox_transport::write(&index().into(), &output, &names_given, &place.transport, &recorder)
        .await
        .unwrap();
    assert_eq!((changed(), names(&place.path("l"))), before);
    let reused = |event: &Event| matches!(event, Event::End { outcome: Outcome::Reused, .. });
    assert!(recorder.events().iter().any(reused));
}

#[tokio::test]
async fn names_become_annotations_and_references() {
    let place = Place::new();
    place.write(image(), "oci:{}l", &["me/x:1", "ghcr.io/me/y:1"]).await.unwrap();
    for name in ["1", "ghcr.io/me/y:1", "docker.io/me/x:1", "me/x:1"] {
        assert_eq!(
            place.read(&format!("oci:{{}}l:{name}")).await.unwrap().digest(),
            image().digest(),
            "{name}"
        );
    }
    insta::assert_snapshot!(std::fs::read_to_string(place.path("l/index.json")).unwrap(), @r#"{"manifests":[{"annotations":{"io.containerd.image.name":"docker.io/me/x:1","org.opencontainers.image.ref.name":"1"},"digest":"sha256:6804085dd9f8e90f221acac0c74766a5dbee25ca0617fefb0c3d88f25e2e8424","mediaType":"application/vnd.oci.image.manifest.v1+json","size":555},{"annotations":{"io.containerd.image.name":"ghcr.io/me/y:1","org.opencontainers.image.ref.name":"ghcr.io/me/y:1"},"digest":"sha256:6804085dd9f8e90f221acac0c74766a5dbee25ca0617fefb0c3d88f25e2e8424","mediaType":"application/vnd.oci.image.manifest.v1+json","size":555}],"mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#);
}

#[tokio::test]
async fn a_layouts_own_tag_and_one_name_are_one_entry() {
    let place = Place::new();
    place.write(image(), "oci:{}l:v1", &["me/x:1"]).await.unwrap();
    let json = std::fs::read_to_string(place.path("l/index.json")).unwrap();
    assert_eq!(json.matches("ref.name").count(), 1, "{json}");
    for name in ["v1", "me/x:1"] {
        assert!(place.read(&format!("oci:{{}}l:{name}")).await.is_ok());
    }
}

#[tokio::test]
async fn a_folder_of_something_else_is_not_touched() {
    let place = Place::new();
    place.file("work/notes.txt", "mine");
    insta::assert_snapshot!(place.message(place.write(image(), "oci:{}work", &[]).await),
        @"work is a folder with other content than an OCI layout; name a new or empty folder, or a layout to add to");
    insta::assert_snapshot!(place.message(place.write(image(), "rootfs:{}work", &[]).await),
        @"work is a folder with something in it; name a new or empty folder");
    assert_eq!(names(&place.path("work")), ["notes.txt"]);
    insta::assert_snapshot!(place.read_error("{}work").await,
        @"work is a folder that looks like none of them; use an OCI layout, an archive, or a root file system (rootfs:DIR for any folder)");
}

#[tokio::test]
async fn the_wrong_platform_is_named() {
    let place = Place::new();
    place.write(image_for("arm64", Compression::None), "{}x.tar", &[]).await.unwrap();
    insta::assert_snapshot!(place.read_error("{}x.tar").await, @"x.tar has no image for linux/amd64; it has linux/arm64");
    insta::assert_snapshot!(place.read_error("docker-archive:{}x.tar").await, @"x.tar has no image for linux/amd64; it has linux/arm64");
}

#[tokio::test]
async fn a_dropped_future_leaves_nothing() {
    let place = Place::new();
    let path = place.path("x.tar");
    let output = path.display().to_string().parse().unwrap();
    let contents = image().into();
    let silent = mambox_progress::Silent;
    let mut writing = Box::pin(mambox_transport::write(&contents, &output, &[], &place.transport, &silent));
    let waker = futures::task::noop_waker();
    // Started, and dropped before it could be told that it is done.
    let _ = writing.as_mut().poll(&mut std::task::Context::from_waker(&waker));
    drop(writing);
    // The thread that wrote has either given up or was faster; nothing else is there.
    for _ in 0..200 {
        let left = std::fs::read_dir(place.path("")).unwrap().count();
        if left == usize::from(path.exists()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("something was left: {:?}", names(&place.path("")));
}
