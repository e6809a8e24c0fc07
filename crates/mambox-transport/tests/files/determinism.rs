//! The same image is the same bytes.

use crate::common::{Place, image, index};

#[tokio::test]
async fn archives_do_not_depend_on_place_time_or_threads() {
    let (one, mut two) = (Place::new(), Place::new());
    two.transport.concurrency = 1;
    two.transport.cache_dir = None;
    for output in ["oci-archive:{}a.tar", "{}a.tar", "docker-archive:{}a.tar", "rootfs:{}a.tar"] {
        let names: &[&str] = if output.starts_with("rootfs") { &[] } else { &["me/x:1"] };
        one.write(image(), output, names).await.unwrap();
        two.write(image(), output, names).await.unwrap();
        let bytes = |place: &Place| std::fs::read(place.path("a.tar")).unwrap();
        assert!(bytes(&one) == bytes(&two), "{output}");
    }
    one.write(index(), "oci:{}l", &[]).await.unwrap();
    two.write(index(), "oci:{}l", &[]).await.unwrap();
    assert_eq!(
        mambox_testkit::read_tree(one.path("l")).keys().collect::<Vec<_>>(),
        mambox_testkit::read_tree(two.path("l")).keys().collect::<Vec<_>>()
    );
}
