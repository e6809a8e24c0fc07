//! What is written is read back.

use mambox_oci::validate;
use mambox_testkit::listing;

use crate::common::{Place, diff_ids, image, index};

#[tokio::test]
async fn layouts_and_archives_keep_the_digest() {
    let place = Place::new();
    let image = image();
    for output in
        ["oci:{}layout", "oci:{}tagged:v1", "oci-archive:{}a.tar", "oci-archive:{}b.tar:v1", "{}hybrid.tar"]
    {
        let written = place.write(image.clone(), output, &[]).await.unwrap();
        assert_eq!(written, image.digest(), "{output}");
        let back = place.read(output).await.unwrap();
        assert_eq!(back.digest(), image.digest(), "{output}");
        assert_eq!(validate(&back), [], "{output}");
    }
    for found in ["{}layout", "{}a.tar", "docker-archive:{}hybrid.tar", "oci-archive:{}hybrid.tar"] {
        assert_eq!(diff_ids(&place.read(found).await.unwrap()), diff_ids(&image), "{found}");
    }
}

#[tokio::test]
async fn a_docker_archive_keeps_the_layers_and_finds_them_by_any_spelling_of_the_name() {
    let place = Place::new();
    let image = image();
    place.write(image.clone(), "docker-archive:{}x.tar:me/x:1", &["debian:13"]).await.unwrap();
    for name in ["", ":me/x:1", ":docker.io/me/x:1", ":debian:13", ":docker.io/library/debian:13"] {
        let back = place.read(&format!("docker-archive:{{}}x.tar{name}")).await.unwrap();
        assert_eq!(back.manifest().layers, image.manifest().layers, "{name}");
        assert_eq!(back.config(), image.config());
        assert_eq!(validate(&back), []);
    }
    insta::assert_snapshot!(place.read_error("docker-archive:{}x.tar:other").await,
        @"x.tar has no image named 'other'; it holds docker.io/me/x:1, docker.io/library/debian:13");
}

#[tokio::test]
async fn several_platforms_are_one_index() {
    let place = Place::new();
    let index = index();
    for output in ["oci:{}layout", "oci-archive:{}a.tar", "{}hybrid.tar"] {
        assert_eq!(place.write(index.clone(), output, &["me/x:1"]).await.unwrap(), index.digest());
        for (image, platform) in index.images().iter().zip(["linux/amd64", "linux/arm64/v8"]) {
            let back = place.read_for(output, platform).await.unwrap();
            assert_eq!(back.digest(), image.digest(), "{output} {platform}");
        }
    }
    insta::assert_snapshot!(place.message(place.read_for("{}hybrid.tar", "linux/s390x").await),
        @"hybrid.tar has no image for linux/s390x; it has linux/amd64, linux/arm64");
    let docker = place.read("docker-archive:{}hybrid.tar").await.unwrap();
    assert_eq!(docker.platform().to_string(), "linux/amd64", "manifest.json holds one platform");
    insta::assert_snapshot!(place.message(place.write(index, "docker-archive:{}d.tar", &[]).await),
        @"docker-archive:d.tar cannot hold images of several platforms; build one platform, or write FILE.tar, oci-archive: or oci:");
}

#[tokio::test]
async fn a_folder_that_is_missing_is_made() {
    let place = Place::new();
    for output in ["{}a/b/x.tar", "oci-archive:{}c/x.tar", "docker-archive:{}d/x.tar", "oci:{}e/f/layout"] {
        place.write(image(), output, &[]).await.unwrap();
        assert_eq!(place.read(output).await.unwrap().layers().len(), image().layers().len(), "{output}");
    }
}

#[tokio::test]
async fn a_packed_archive_is_read_all_the_same() {
    let place = Place::new();
    let image = image();
    place.write(image.clone(), "{}x.tar", &[]).await.unwrap();
    let tar = std::fs::read(place.path("x.tar")).unwrap();
    place.file("x.tar.zst", zstd::encode_all(tar.as_slice(), 1).unwrap());
    assert_eq!(place.read("{}x.tar.zst").await.unwrap().digest(), image.digest());
    assert_eq!(place.read("oci-archive:{}x.tar.zst").await.unwrap().digest(), image.digest());
}

#[tokio::test]
async fn an_archive_may_be_replaced_by_what_is_built_on_it() {
    let place = Place::new();
    place.write(image(), "{}x.tar", &[]).await.unwrap();
    let base = place.read("{}x.tar").await.unwrap();
    let more = base.with_layers(&base.layers()[..1]).unwrap();
    place.write(more.clone(), "{}x.tar", &[]).await.unwrap();
    assert_eq!(validate(&base), [], "the old archive's bytes are still the old ones");
    assert_eq!(place.read("{}x.tar").await.unwrap().digest(), more.digest());
}

#[tokio::test]
async fn the_members_of_archives() {
    let place = Place::new();
    place.write(image(), "{}hybrid.tar", &["me/x:1"]).await.unwrap();
    insta::assert_snapshot!(listing(&std::fs::read(place.path("hybrid.tar")).unwrap()), @"
    drwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 blobs/
    drwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 blobs/sha256/
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 122 blobs/sha256/196d0d735bcb0d0343a56c0e068697cd6bc96b00ef57ab24c79304c698953853
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 312 blobs/sha256/648ac995670932cfe2ff73353077f3a7250a7d636059dbac20397de04ca1d94a
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 555 blobs/sha256/6804085dd9f8e90f221acac0c74766a5dbee25ca0617fefb0c3d88f25e2e8424
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 141 blobs/sha256/853f9f8ca8584a1dbf6f145066440bb5743c91eeae8777d2e2abc1714faba910
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 342 index.json
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 295 manifest.json
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 30 oci-layout
    ");
    insta::assert_snapshot!(text_of(&place, "hybrid.tar", "index.json"), @r#"{"manifests":[{"annotations":{"io.containerd.image.name":"docker.io/me/x:1","org.opencontainers.image.ref.name":"1"},"digest":"sha256:6804085dd9f8e90f221acac0c74766a5dbee25ca0617fefb0c3d88f25e2e8424","mediaType":"application/vnd.oci.image.manifest.v1+json","size":555}],"mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#);
    insta::assert_snapshot!(text_of(&place, "hybrid.tar", "manifest.json"), @r#"[{"Config":"blobs/sha256/648ac995670932cfe2ff73353077f3a7250a7d636059dbac20397de04ca1d94a","Layers":["blobs/sha256/853f9f8ca8584a1dbf6f145066440bb5743c91eeae8777d2e2abc1714faba910","blobs/sha256/196d0d735bcb0d0343a56c0e068697cd6bc96b00ef57ab24c79304c698953853"],"RepoTags":["docker.io/me/x:1"]}]"#);
    place.write(image(), "docker-archive:{}docker.tar", &["me/x:1"]).await.unwrap();
    insta::assert_snapshot!(listing(&std::fs::read(place.path("docker.tar")).unwrap()), @"
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 122 196d0d735bcb0d0343a56c0e068697cd6bc96b00ef57ab24c79304c698953853.tar.gz
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 312 648ac995670932cfe2ff73353077f3a7250a7d636059dbac20397de04ca1d94a.json
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 141 853f9f8ca8584a1dbf6f145066440bb5743c91eeae8777d2e2abc1714faba910.tar.gz
    -rw-r--r-- 0:0 1970-01-01T00:00:00Z 275 manifest.json
    ");
}

fn text_of(place: &Place, archive: &str, member: &str) -> String {
    let tar = std::fs::read(place.path(archive)).unwrap();
    mambox_testkit::extract_map(&tar)[member].text().to_owned()
}
