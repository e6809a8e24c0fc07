//! The tags of a repository.

use mambox_transport::Registry;

use crate::bench::{Bench, image};

#[tokio::test(flavor = "multi_thread")]
async fn all_tags_are_listed_and_a_repository_that_is_not_there_has_none() {
    let bench = Bench::new();
    for tag in ["2.8.1", "latest", "git-0123456"] {
        bench.push(image(&["one"]), &format!("base:{tag}")).await.unwrap();
    }
    let registry = Registry::new(bench.settings());
    let mut tags = registry.tags(&bench.name("base")).await.unwrap();
    tags.sort();
    assert_eq!(tags, ["2.8.1", "git-0123456", "latest"]);
    assert!(registry.tags(&bench.name("other")).await.unwrap().is_empty());
}
