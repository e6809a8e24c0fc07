//! Solving: what is chosen, and what is said when nothing can be.

use mambox_env::VirtualPackageFacts;
use mambox_progress::{Event, Recorder, Silent, Stage};
use mambox_resolve::ChannelPriority;
use mambox_testkit::{LocalChannel, PackageBuilder};

use crate::lab::{Lab, debian, env, names, package, small_channel};

#[tokio::test]
async fn the_newest_versions_that_fit_are_locked_dependencies_first() {
    let channel = small_channel();
    let lab = Lab::with_channel(&channel);
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"lib 2.0, app 1.0");
    insta::assert_snapshot!(lab.locked(&["app", "lib <2"]).await, @"lib 1.0, app 1.0");
    insta::assert_snapshot!(lab.locked(&[]).await, @"");
}

#[tokio::test]
async fn the_lock_names_the_channel_and_every_hash() {
    let channel = small_channel();
    let lab = Lab::with_channel(&channel);
    let lock = lab.lock(&["app"]).await.unwrap();
    assert_eq!(lock.channels(), [channel.url().as_str()]);
    assert!(lock.packages().iter().all(|package| package.record.sha256.is_some()));
}

#[tokio::test]
async fn strict_priority_takes_a_name_from_one_channel_only() {
    let first = LocalChannel::with(&[package("lib", "1.0", &[])]);
    let second = LocalChannel::with(&[package("lib", "2.0", &[])]);
    let mut lab = Lab::new(&[first.path().to_str().unwrap(), second.path().to_str().unwrap()]);
    assert_eq!(lab.locked(&["lib"]).await, "lib 1.0");
    let strict = lab.locked(&["lib >=2"]).await.replace(second.url().as_str(), "SECOND");
    insta::assert_snapshot!(strict, @r"
    the environment cannot be solved for linux-64:
    The following packages are incompatible
    └─ lib >=2 cannot be installed because there are no viable options:
       └─ lib 2.0 is excluded because due to strict channel priority not using this option from: 'file://CHANNEL/'
    Virtual packages:
      __archspec x86_64 (of linux-64)
      __glibc 2.36 (of the base image)
      __linux 4.18 (assumed)
      __unix (of linux-64)
    Hint: a channel of lower priority has a version that fits; change the order of the channels, or use --channel-priority flexible
    ");
    lab.settings.channels.priority = ChannelPriority::Flexible;
    assert_eq!(lab.locked(&["lib"]).await, "lib 1.0");
    assert_eq!(lab.locked(&["lib >=2"]).await, "lib 2.0");
    lab.settings.channels.priority = ChannelPriority::Disabled;
    assert_eq!(lab.locked(&["lib"]).await, "lib 2.0");
}

#[tokio::test]
async fn the_members_of_a_multichannel_rank_as_one() {
    let first = LocalChannel::with(&[package("lib", "1.0", &[])]);
    let second = LocalChannel::with(&[package("lib", "2.0", &[])]);
    let mut lab = Lab::new(&["both"]);
    let members = [&first, &second].map(|channel| channel.path().to_str().unwrap().to_owned());
    lab.settings.channels.multi.insert("both".to_owned(), members.to_vec());
    assert_eq!(lab.locked(&["lib"]).await, "lib 2.0");
}

#[tokio::test]
async fn a_spec_may_name_its_channel() {
    let first = LocalChannel::with(&[package("lib", "1.0", &[])]);
    let mut other = LocalChannel::named("other");
    other.add(&package("lib", "2.0", &[])).add(&package("tool", "1.0", &[]));
    let mut lab = Lab::new(&[first.path().to_str().unwrap()]);
    let parent = other.path().parent().unwrap().to_str().unwrap().to_owned();
    let name = other.path().file_name().unwrap().to_str().unwrap().to_owned();
    lab.settings.channels.custom.insert(name.clone(), parent);
    assert_eq!(lab.locked(&[&format!("{name}::tool"), "lib"]).await, "lib 1.0, tool 1.0");
}

#[tokio::test]
async fn a_spec_may_give_its_channels_url() {
    let first = LocalChannel::with(&[package("lib", "1.0", &[]), package("tool", "1.0", &[])]);
    let other = LocalChannel::with(&[package("tool", "2.0", &[])]);
    let lab = Lab::with_channel(&first);
    let from = |channel: &LocalChannel| format!("tool[channel=\"{}\"]", channel.url());
    assert_eq!(lab.locked(&[&from(&other), "lib"]).await, "lib 1.0, tool 2.0");
    assert_eq!(lab.locked(&[&from(&first), "lib"]).await, "lib 1.0, tool 1.0");
}

#[tokio::test]
async fn unknown_names_come_with_similar_ones() {
    let channel = LocalChannel::with(&[package("numpy", "2.0", &[]), package("python-dateutil", "1.0", &[])]);
    let lab = Lab::with_channel(&channel);
    insta::assert_snapshot!(lab.locked(&["numpi"]).await, @"there is no package 'numpi' for linux-64 in CHANNEL. Similar: numpy");
    insta::assert_snapshot!(lab.locked(&["dateutil"]).await, @"there is no package 'dateutil' for linux-64 in CHANNEL. Similar: python-dateutil");
    insta::assert_snapshot!(lab.locked(&["quetz"]).await, @"there is no package 'quetz' for linux-64 in CHANNEL. Check the name, or add the channel that has it (-c)");
    insta::assert_snapshot!(Lab::with_channel(&LocalChannel::new()).locked(&["quetz"]).await, @"there is no package 'quetz' for linux-64 in CHANNEL. They have nothing at all for linux-64: check --platform and the channels");
}

#[tokio::test]
async fn a_version_that_does_not_exist_is_told_with_those_that_do() {
    let channel = small_channel();
    insta::assert_snapshot!(Lab::with_channel(&channel).locked(&["lib >=3"]).await, @r"
    the environment cannot be solved for linux-64:
    No candidates were found for lib >=3.
    Virtual packages:
      __archspec x86_64 (of linux-64)
      __glibc 2.36 (of the base image)
      __linux 4.18 (assumed)
      __unix (of linux-64)
    Hint: the channels have lib 2.0, 1.0
    ");
}

#[tokio::test]
async fn conflicts_are_explained() {
    let channel = LocalChannel::with(&[
        package("one", "1.0", &["lib <2"]),
        package("two", "1.0", &["lib >=2"]),
        package("lib", "1.0", &[]),
        package("lib", "2.0", &[]),
    ]);
    insta::assert_snapshot!(Lab::with_channel(&channel).locked(&["one", "two"]).await, @r"
    the environment cannot be solved for linux-64:
    The following packages are incompatible
    ├─ two * can be installed with any of the following options:
    │  └─ two 1.0 would require
    │     └─ lib >=2, which can be installed with any of the following options:
    │        └─ lib 2.0
    └─ one * cannot be installed because there are no viable options:
       └─ one 1.0 would require
          └─ lib <2, which cannot be installed because there are no viable options:
             └─ lib 1.0, which conflicts with the versions reported above.
    Virtual packages:
      __archspec x86_64 (of linux-64)
      __glibc 2.36 (of the base image)
      __linux 4.18 (assumed)
      __unix (of linux-64)
    ");
}

#[tokio::test]
async fn missing_virtual_packages_are_named_with_their_origin() {
    let channel = LocalChannel::with(&[
        package("gpu", "1.0", &["__cuda >=12"]),
        package("modern", "1.0", &["__glibc >=2.40"]),
    ]);
    let lab = Lab::with_channel(&channel);
    insta::assert_snapshot!(lab.locked(&["gpu"]).await, @r"
    the environment cannot be solved for linux-64:
    gpu * cannot be installed because there are no viable options:
    └─ gpu 1.0 would require
       └─ __cuda >=12, for which no candidates were found.
    Virtual packages:
      __archspec x86_64 (of linux-64)
      __glibc 2.36 (of the base image)
      __linux 4.18 (assumed)
      __unix (of linux-64)
    Hint: the base image has no CUDA_VERSION; choose a base with CUDA, or state what the machines that run the image will have: --cuda 12.4
    ");
    insta::assert_snapshot!(lab.locked(&["modern"]).await, @r"
    the environment cannot be solved for linux-64:
    modern * cannot be installed because there are no viable options:
    └─ modern 1.0 would require
       └─ __glibc >=2.40, for which no candidates were found.
    Virtual packages:
      __archspec x86_64 (of linux-64)
      __glibc 2.36 (of the base image)
      __linux 4.18 (assumed)
      __unix (of linux-64)
    Hint: packages want another glibc than 2.36; choose a base image with a newer one, or older packages
    ");

    let mut facts = VirtualPackageFacts { libc: mambox_env::Libc::Musl(None), ..debian() };
    facts.overrides.insert("CONDA_OVERRIDE_CUDA".to_owned(), "11.8".to_owned());
    let error = lab.resolver().lock(&env(&["gpu", "modern"]), &facts, &Silent).await.unwrap_err();
    insta::assert_snapshot!(lab.stable(error), @r"
    the environment cannot be solved for linux-64:
    modern * cannot be installed because there are no viable options:
    └─ modern 1.0 would require
       └─ __glibc >=2.40, for which no candidates were found.
    Virtual packages:
      __archspec x86_64 (of linux-64)
      __cuda 11.8 (from CONDA_OVERRIDE_CUDA or its option)
      __linux 4.18 (assumed)
      __unix (of linux-64)
    Hint: there is no __glibc, because the base image has musl, not glibc. Choose a base with glibc such as debian:13-slim, or state the version with CONDA_OVERRIDE_GLIBC if one is added later
    ");
}

#[tokio::test]
async fn a_virtual_package_of_the_image_serves() {
    let channel = LocalChannel::with(&[package("gpu", "1.0", &["__cuda >=12"])]);
    let facts = VirtualPackageFacts { cuda: mambox_env::parse_cuda_version("12.4.1"), ..debian() };
    let lock = Lab::with_channel(&channel).resolver().lock(&env(&["gpu"]), &facts, &Silent).await.unwrap();
    assert_eq!(names(&lock), "gpu 1.0");
}

#[tokio::test]
async fn patterns_are_refused() {
    let mut env = env(&["lib"]);
    env.specs[0].name = "lib*".parse().unwrap();
    let channel = small_channel();
    let error = Lab::with_channel(&channel).resolver().lock(&env, &debian(), &Silent).await.unwrap_err();
    insta::assert_snapshot!(error, @"'lib*' is a pattern; name the package itself");
}

#[tokio::test]
async fn a_spec_may_be_a_url() {
    let tool = package("tool", "1.0", &["lib"]);
    let elsewhere = LocalChannel::with([&tool]);
    let channel = small_channel();
    let lab = Lab::with_channel(&channel);
    let mut env = env(&["tool"]);
    env.specs[0].url = Some(url::Url::from_file_path(elsewhere.archive(&tool)).unwrap());
    let lock = lab.resolver().lock(&env, &debian(), &Silent).await.unwrap();
    assert_eq!(names(&lock), "lib 2.0, tool 1.0");
}

#[tokio::test]
async fn packages_for_another_platform_do_not_count() {
    let arm = PackageBuilder::new("lib", "9.0").subdir("linux-aarch64").file("lib/x", "").build();
    let channel = LocalChannel::with(&[arm, package("lib", "1.0", &[])]);
    assert_eq!(Lab::with_channel(&channel).locked(&["lib"]).await, "lib 1.0");
}

#[tokio::test]
async fn progress_names_each_subdir_and_the_solve() {
    let channel = small_channel();
    let lab = Lab::with_channel(&channel);
    let recorder = Recorder::default();
    lab.resolver().lock(&env(&["app"]), &debian(), &recorder).await.unwrap();
    let mut begun: Vec<(Stage, String)> = recorder
        .events()
        .into_iter()
        .filter_map(
            |event| if let Event::Begin { stage, name, .. } = event { Some((stage, name)) } else { None },
        )
        .collect();
    begun.sort_by(|a, b| a.1.cmp(&b.1));
    let lines: Vec<String> =
        begun.iter().map(|(stage, name)| format!("{stage:?} {}", lab.stable(name))).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Repodata CHANNEL/linux-64
    Repodata CHANNEL/noarch
    Solve linux-64
    ");
}

/// A build awaits these on several threads.
#[test]
fn everything_can_be_sent() {
    fn sendable<T: Send>(_: impl FnOnce(&'static mambox_resolve::Resolver) -> T) {}
    fn shared<T: Send + Sync>() {}
    shared::<mambox_resolve::Resolver>();
    static SPEC: std::sync::LazyLock<mambox_env::EnvSpec> = std::sync::LazyLock::new(|| env(&[]));
    static FACTS: std::sync::LazyLock<VirtualPackageFacts> = std::sync::LazyLock::new(debian);
    sendable(|resolver| resolver.lock(&SPEC, &FACTS, &Silent));
}
