//! `--slim`: what is left out, what is told of it, and the imports afterwards.
#![cfg(target_os = "linux")]

mod common;

use common::{digest, mambox, ok, read_archive};
use mambox_testkit::{LocalChannel, PackageBuilder, TestEnv};

const PLATFORM: &str = "linux/amd64";

/// Two packages with something for most policies.
fn ready() -> (TestEnv, LocalChannel) {
    let library = PackageBuilder::new("libgreet", "1.2.3")
        .file("include/greet.h", "int greet;\n")
        .file("lib/libgreet.a", "archive")
        .file("lib/libgreet.so.1", "library\n")
        .file("share/doc/greet/NEWS", "news\n")
        .file("share/doc/greet/COPYING", "licence\n");
    let program = PackageBuilder::new("greet", "2.0")
        .depends("libgreet")
        .executable("bin/greet", "#!/bin/sh\n")
        .file("share/man/man1/greet.1", "a page\n");
    (mambox(), LocalChannel::with(&[library.build(), program.build()]))
}

fn build<'a>(channel: &'a LocalChannel, further: &[&'a str]) -> Vec<&'a str> {
    let channel = channel.path().to_str().expect("UTF-8");
    let words =
        ["build", "-p", "greet", "--channel", channel, "--base", "rootfs:base.tar", "--platform", PLATFORM];
    [&words, ["--jobs", "1"].as_slice(), further].concat()
}

/// The lines of the summary that concern policies.
fn left_out(summary: &str) -> String {
    let from = summary.lines().skip_while(|line| !line.starts_with("left out"));
    let lines: Vec<&str> = from.take_while(|line| !line.starts_with("wrote")).collect();
    lines.join("\n")
}

#[test]
fn files_are_left_out_and_told_also_of_cached_layers() {
    let (env, channel) = ready();
    let run = ok(&env, &build(&channel, &["--slim", "all,-tests", "-o", "slim.tar"]));
    insta::assert_snapshot!(left_out(&run.stdout), @r"
    left out  debug: nothing
              docs: 12 B in 2 files
              headers: 11 B in 1 file
              pyc-levels: nothing
              static-libs: 7 B in 1 file
    ");
    let again = ok(&env, &build(&channel, &["--slim", "all,-tests"]));
    assert_eq!(left_out(&again.stdout), left_out(&run.stdout), "layers come from the cache");
    assert!(!ok(&env, &build(&channel, &[])).stdout.contains("left out"), "nothing is, unless asked for");

    let image = read_archive(&env.work().join("slim.tar"));
    let ours = image.tree.keys().filter_map(|path| path.strip_prefix("opt/conda/"));
    let leaves: Vec<&str> = ours.filter(|path| path.contains("greet") && path.contains('.')).collect();
    insta::assert_snapshot!(leaves.join("\n"), @r"
    conda-meta/greet-2.0-0.json
    conda-meta/libgreet-1.2.3-0.json
    lib/libgreet.so.1
    ");
    let recipe = image.tree["opt/conda/conda-meta/mambox/recipe.json"].text();
    assert!(recipe.contains(r#""slim":["debug","docs","headers","pyc-levels","static-libs"]"#), "{recipe}");
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_policies_nor_on_the_cache() {
    let (env, channel) = ready();
    let one = digest(&env, &build(&channel, &["--slim", "docs,headers", "--cache-dir", "one"]));
    let other = digest(&env, &build(&channel, &["--slim", "headers,docs", "--cache-dir", "two"]));
    let third = digest(&env, &build(&channel, &["--slim", "all,-debug,-pyc-levels,-static-libs,-tests"]));
    let unchecked = digest(&env, &build(&channel, &["--slim", "docs,headers", "--slim-check", "off"]));
    assert_eq!([&other, &third, &unchecked], [&one; 3]);
    assert_ne!(digest(&env, &build(&channel, &["--slim", "docs"])), one);
    assert_eq!(digest(&env, &build(&channel, &["--slim", "none"])), digest(&env, &build(&channel, &[])));
}

#[test]
fn the_project_file_chooses_and_the_command_line_wins() {
    let (env, channel) = ready();
    let text = format!("channels:\n  - {}\ndependencies:\n  - greet\n", channel.url());
    env.write("environment.yml", text);
    let words = ["build", "environment.yml", "--base", "rootfs:base.tar", "--platform", PLATFORM];
    let full = digest(&env, &words);
    env.write("mambox.toml", "slim = [\"all\", \"-docs\"]\n");
    let slim = digest(&env, &words);
    assert_ne!(slim, full);
    assert_eq!(digest(&env, &[&words, ["--slim", "none"].as_slice()].concat()), full);
    env.write("mambox.toml", "slim = \"all,-docs\"\n");
    assert_eq!(digest(&env, &words), slim);
}

#[test]
fn images_say_what_was_left_out_and_are_made_again() {
    let (env, channel) = ready();
    ok(&env, &build(&channel, &["--slim", "docs,headers", "-o", "slim.tar"]));
    ok(&env, &build(&channel, &["-o", "full.tar"]));
    let channel = channel.path().to_str().expect("UTF-8");
    let verified = ok(&env, &["verify", "slim.tar", "--channel", channel]);
    assert!(verified.stdout.contains("the same to the byte"), "{verified}");
    let inspected = ok(&env, &["inspect", "slim.tar"]);
    assert!(inspected.stdout.contains("  left out  docs,headers\n"), "{inspected}");
    let difference = ok(&env, &["diff", "full.tar", "slim.tar"]);
    assert!(difference.stdout.contains("  slim: none → docs,headers\n"), "{difference}");
}

#[test]
fn inspect_tells_why_an_image_is_big() {
    let (env, channel) = ready();
    ok(&env, &build(&channel, &["-o", "full.tar"]));
    let run = ok(&env, &["inspect", "full.tar", "--sizes"]);
    let policies: Vec<&str> = run.stdout.lines().filter(|line| line.contains("--slim")).collect();
    insta::assert_snapshot!(policies.join("\n"), @r"
        12 B   0.0 %  documentation            --slim docs leaves them out
        11 B   0.0 %  headers                  --slim headers leaves them out
         7 B   0.0 %  static libraries         --slim static-libs leaves them out
    ");
    let headings = ["by kind", "largest packages", "largest files"];
    assert!(headings.iter().all(|heading| run.stdout.lines().any(|line| line == *heading)), "{run}");
    assert!(run.stdout.contains("/opt/conda/conda-meta/greet-2.0-0.json"), "{run}");
    let json = ok(&env, &["inspect", "full.tar", "--sizes", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["sizes"]["packages"].as_array().expect("a list").len(), 2);
    assert!(
        json["sizes"]["kinds"].as_array().expect("a list").iter().any(|kind| kind["policy"] == "headers")
    );
    let plain = ok(&env, &["inspect", "full.tar", "--json"]).stdout;
    assert!(!plain.contains("\"sizes\""), "only when asked for");
}

#[test]
fn a_wrong_name_is_answered_with_the_right_ones() {
    let (env, channel) = ready();
    let run = env.run(build(&channel, &["--slim", "locales"]));
    insta::assert_snapshot!(run.stderr, @r"
    error: invalid value 'locales' for '--slim <POLICIES>': 'locales' is no slim policy; write all, none, or some of debug, docs, headers, pyc-levels, static-libs, tests

    For more information, try '--help'.
    ");
    let run = env.run(build(&channel, &["--slim=-docs"]));
    insta::assert_snapshot!(run.stderr, @r"
    error: invalid value '-docs' for '--slim <POLICIES>': '-docs' takes away from nothing; write all,-docs

    For more information, try '--help'.
    ");
}
