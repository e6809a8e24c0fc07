//! Layers that an output cannot hold.

use mambox_oci::{Compression, MediaType, validate};
use mambox_progress::Silent;
use mambox_transport::recode;

use crate::common::{Place, diff_ids, image_for, layer};

#[tokio::test]
async fn zstd_becomes_gzip_for_docker_and_the_rest_stays() {
    let place = Place::new();
    let gzip = layer(Compression::GZIP, &[mambox_testkit::TarEntry::file("x", "x")]);
    let image = image_for("amd64", Compression::ZSTD).with_layers(std::slice::from_ref(&gzip)).unwrap();
    for output in ["{}x.tar", "docker-archive:{}y.tar"] {
        let digest = place.write(image.clone(), output, &[]).await.unwrap();
        assert_ne!(digest, image.digest());
        let back = place.read(output).await.unwrap();
        assert_eq!(diff_ids(&back), diff_ids(&image));
        assert!(back.manifest().layers.iter().all(|layer| layer.media_type == MediaType::OciLayerGzip));
        assert_eq!(&back.manifest().layers[2], gzip.descriptor());
        assert_eq!(validate(&back), []);
    }
    let digest = place.write(image.clone(), "oci-archive:{}z.tar", &[]).await.unwrap();
    assert_eq!(digest, image.digest(), "an OCI archive holds zstd");
}

#[tokio::test]
async fn recoding_is_remembered() {
    let place = Place::new();
    let image = image_for("amd64", Compression::GZIP);
    let none = |_: &MediaType| false;
    let recoded = recode(&image, Compression::ZSTD, none, &place.transport, &Silent).await.unwrap();
    let stamp = |image: &mambox_oci::Image| {
        let path = image.layers()[0].blob().path().unwrap().to_path_buf();
        std::fs::metadata(path).unwrap().modified().unwrap()
    };
    let again = recode(&image, Compression::ZSTD, none, &place.transport, &Silent).await.unwrap();
    assert_eq!((recoded.digest(), stamp(&recoded)), (again.digest(), stamp(&again)));
}
