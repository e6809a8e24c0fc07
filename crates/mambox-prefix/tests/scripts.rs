//! Link scripts (section 4 of the micromamba reference, "Link").
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Builder, Told, World, options};
use mambox_prefix::{Event, Options, TransactionError};

#[test]
fn scripts_see_the_package_and_the_prefix_and_run_in_time() {
    let world = World::new();
    let package = Builder::new("tool", "2.0")
        .file("lib/data", "")
        .script(
            "bin/.tool-post-link.sh",
            "echo \"$PREFIX|$ROOT_PREFIX|$PKG_NAME|$PKG_VERSION|$PKG_BUILDNUM|$EXTRA\" > \"$PREFIX/linked\"\n\
             test -e \"$PREFIX/lib/data\" && ls \"$PREFIX/conda-meta\" >> \"$PREFIX/linked\"\n\
             cat > \"$PREFIX/stdin\"\n\
             echo 'read the manual' > \"$PREFIX/.messages.txt\"\n",
        )
        .script("bin/.tool-pre-unlink.sh", "test -e \"$PREFIX/lib/data\" && touch \"$PREFIX/unlinked\"\n")
        .script("bin/.tool-post-unlink.sh", "touch \"$PREFIX/never\"\n")
        .build(&world.cache);
    let options = Options {
        environment: [("PATH".into(), "/usr/bin:/bin".into()), ("EXTRA".into(), "more".into())].into(),
        ..options()
    };
    let told = Told::default();
    world.try_change(&[], &[package], &options, &told).unwrap();
    let linked = world.read("linked").replace(world.prefix.path().to_str().unwrap(), "PREFIX");
    insta::assert_snapshot!(linked, @"
    PREFIX|/opt/conda|tool|2.0|0|more
    tool-2.0-0.json
    ");
    assert_eq!(world.read("stdin"), "", "the script's input is empty");
    insta::assert_debug_snapshot!(told.0.lock().unwrap(), @r#"
    [
        Linking {
            dist: "tool-2.0-0",
        },
        Script {
            dist: "tool-2.0-0",
            kind: "post-link",
        },
        Message {
            dist: "tool-2.0-0",
            text: "read the manual",
        },
    ]
    "#);
    assert!(!world.exists(".messages.txt"));
    world.change(&["tool"], &[]);
    assert!(world.exists("unlinked") && !world.exists("never"));
}

#[test]
fn a_script_that_fails_is_told_and_ignored() {
    let world = World::new();
    let package = Builder::new("tool", "2.0")
        .script("bin/.tool-post-link.sh", "echo oh no >&2\nexit 3\n")
        .build(&world.cache);
    let told = world.install(&[package]);
    insta::assert_snapshot!(told.warnings(), @"
    the post-link script of tool-2.0-0 failed (exit status: 3) and was ignored
    oh no
    ");
    assert!(world.exists("conda-meta/tool-2.0-0.json"));
}

#[test]
fn scripts_can_be_left_out() {
    let world = World::new();
    let package = Builder::new("tool", "2.0")
        .script("bin/.tool-post-link.sh", "touch $PREFIX/ran\n")
        .build(&world.cache);
    let options = Options { run_link_scripts: false, ..options() };
    world.try_change(&[], &[package], &options, &Told::default()).unwrap();
    assert!(!world.exists("ran"));
}

#[test]
fn a_script_that_cannot_be_started_takes_everything_back() {
    let world = World::new();
    let other = Builder::new("other", "1.0").file("f", "").build(&world.cache);
    // A NUL in a variable is what no process can be started with.
    let package = Builder::new("tool", "2.0").script("bin/.tool-post-link.sh", "").build(&world.cache);
    let options = Options { environment: [("X".into(), "a\0b".into())].into(), ..options() };
    let error = world.try_change(&[], &[other, package], &options, &Told::default()).unwrap_err();
    assert!(matches!(error, TransactionError::Script { .. }), "{error}");
    assert!(!world.prefix.path().exists(), "{}", world.listing());
}

#[test]
fn cancelling_ends_a_script() {
    let world = World::new();
    let package =
        Builder::new("tool", "2.0").script("bin/.tool-post-link.sh", "sleep 60\n").build(&world.cache);
    let cancel = std::sync::atomic::AtomicBool::new(false);
    struct OnScript<'a>(&'a std::sync::atomic::AtomicBool);
    impl mambox_prefix::Observer for OnScript<'_> {
        fn event(&self, event: Event) {
            if matches!(event, Event::Script { .. }) {
                self.0.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }
    let plan = mambox_prefix::Plan { remove: Vec::new(), install: vec![package] };
    let begin = std::time::Instant::now();
    let error =
        mambox_prefix::apply(&world.prefix, &plan, &options(), &cancel, &OnScript(&cancel)).unwrap_err();
    assert!(matches!(error, TransactionError::Cancelled), "{error}");
    assert!(begin.elapsed().as_secs() < 30);
    assert!(!world.prefix.path().exists(), "{}", world.listing());
}
