//! Several environments in one image.

mod common;

use common::{channel, digest, mambox, ok, read_archive};
use mambox_testkit::{StaticElf, TestEnv};
use serde_json::Value;

/// Two environment files on the usual base, and a program that stands for mambox-init.
fn ready() -> (TestEnv, mambox_testkit::LocalChannel) {
    let (env, channel) = (mambox(), channel());
    for (name, package) in [("web", "greet"), ("batch", "greet-data")] {
        let channel = channel.url();
        let text =
            format!("channels:\n  - {channel}\ndependencies:\n  - {package}\nvariables:\n  ROLE: {name}\n");
        env.write(&format!("{name}.yml"), text);
    }
    env.write("init", StaticElf::message("stands for mambox-init\n"));
    (env.var("MAMBOX_INIT", "init"), channel)
}

fn build<'a>(environments: &[&'a str], further: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["build", "--base", "rootfs:base.tar", "--platform", "linux/amd64", "--jobs", "1"];
    environments.iter().for_each(|environment| words.extend(["--multi", environment]));
    words.extend(further);
    words
}

#[test]
fn the_first_is_active_and_the_others_can_be_chosen() {
    let (env, channel) = ready();
    ok(&env, &build(&["web=web.yml", "batch=batch.yml"], &["-o", "image.tar", "--cmd", "greet"]));
    let image = read_archive(&env.work().join("image.tar"));
    let config = &image.config["config"];
    let variables: Vec<&str> = config["Env"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    insta::assert_snapshot!(variables.join("\n"), @r"
    PATH=/opt/conda/envs/web/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    CONDA_PREFIX=/opt/conda/envs/web
    CONDA_SHLVL=1
    CONDA_DEFAULT_ENV=web
    CONDA_PROMPT_MODIFIER=(web) 
    GREETING=hello
    ROLE=web
    LANG=C.UTF-8
    ENV_NAME=web
    MAMBA_ROOT_PREFIX=/opt/conda
    ");
    insta::assert_snapshot!(format!("{} {}", config["Entrypoint"], config["Cmd"]), @r#"["/usr/local/bin/_entrypoint.sh"] ["greet"]"#);
    for file in ["web/bin/greet", "batch/share/greet/de", "web/conda-meta/history", "batch/conda-meta/state"]
    {
        assert!(image.tree.contains_key(&format!("opt/conda/envs/{file}")), "{file}");
    }
    assert!(!image.tree.contains_key("opt/conda/envs/batch/bin/greet"));
    let text = image.tree["opt/conda/envs/web/etc/greet.conf"].text();
    assert_eq!(text, "prefix=/opt/conda/envs/web\n");
    let packages = ok(&env, &["inspect", "image.tar"]).stdout;
    assert!(packages.contains("batch/greet-data") && packages.contains("web/libgreet"), "{packages}");
    let run = ok(&env, &["verify", "image.tar", "--channel", channel.path().to_str().unwrap()]);
    insta::assert_snapshot!(run.stdout, @r"
      intact      [SHORT]  base
      reproduced  [SHORT]  account, home and certificates
      reproduced  [SHORT]  greet-data-1.0-0
      reproduced  [SHORT]  environment
      reproduced  [SHORT]  greet-2.0-0
      reproduced  [SHORT]  libgreet-1.2.3-0
      reproduced  [SHORT]  entrypoint
      reproduced  [SHORT]  environment
    yes: the image was made again from its lock, the same to the byte
    [DIGEST]
    ");
}

/// Their order does not count but for the first, which is active.
#[test]
fn the_order_of_the_others_does_not_matter() {
    let (env, _channel) = ready();
    let all = |order: &[&str]| digest(&env, &build(order, &[]));
    let one = all(&["web=web.yml", "batch=batch.yml", "base=web.yml"]);
    assert_eq!(all(&["web=web.yml", "base=web.yml", "batch=batch.yml"]), one);
    assert_ne!(all(&["batch=batch.yml", "base=web.yml", "web=web.yml"]), one);
}

#[test]
fn names_that_cannot_be_are_refused() {
    let (env, _channel) = ready();
    let refusal = |environments: &[&str]| env.run(build(environments, &[])).stderr;
    insta::assert_snapshot!(refusal(&["web=web.yml", "web=batch.yml"]), @r"
    error: --multi names 'web' twice
      help: give each environment a name of its own
    ");
    insta::assert_snapshot!(refusal(&["../web=web.yml"]), @r"
    error: invalid value '../web=web.yml' for '--multi <NAME=FILE|URL>': the name '../web' must consist of letters, digits, '_', '-' and '.'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refusal(&["web.yml"]), @r"
    error: invalid value 'web.yml' for '--multi <NAME=FILE|URL>': write NAME=FILE, as in web=web.yml

    For more information, try '--help'.
    ");
}
