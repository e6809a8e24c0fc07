//! What a `mambox.toml` may hold, and what is said of one that may not.

use super::*;

fn error(text: &str) -> String {
    let error =
        ProjectFile::parse(text, Path::new("app/mambox.toml"), Path::new("/home/me/app")).unwrap_err();
    error.hint().map_or(error.to_string(), |hint| format!("{error}; {hint}"))
}

#[test]
fn every_key_of_the_help_is_read() {
    let text = r#"
        activation = "entrypoint"
        annotation = { a = "1" }
        base = "rootfs:base"
        channel = ["conda-forge", "./local"]
        channel-priority = "flexible"
        cmd = "python -m app"
        compression = "zstd:9"
        copy = ["src:/app/"]
        cuda = "12.4"
        entrypoint = ["/bin/tini", "--"]
        environment = "prod"
        link-scripts = "skip"
        max-layers = 20
        no-build = true
        override-channels = true
        pip-override = true
        platform = ["linux/amd64", "linux-aarch64"]
        prefix = "/opt/env"
        pyc = "off"
        slim = ["all", "-headers"]
        tag = ["me/app:1"]
        user = "1000"
        workdir = "/app"
        [env]
        A = "b"
        [label]
        "x.y" = "z"
    "#;
    let file = ProjectFile::parse(text, Path::new("app/mambox.toml"), Path::new("/home/me/app")).unwrap();
    assert_eq!(file.cmd.as_deref().unwrap(), ["python", "-m", "app"]);
    assert_eq!(file.entrypoint.as_deref().unwrap(), ["/bin/tini", "--"]);
    assert_eq!(file.copy[0].source, Path::new("/home/me/app/src"));
    assert_eq!(file.channel, ["conda-forge", "/home/me/app/./local"]);
    assert_eq!(file.base.unwrap().to_string(), "rootfs:/home/me/app/base");
    assert_eq!(file.platform[1].to_string(), "linux/arm64");
    assert_eq!(file.compression, Some(Compression::Zstd(9)));
    assert_eq!(file.label["x.y"], "z");
    assert_eq!(file.slim, Some("all,-headers".parse().unwrap()));
    for key in KEYS {
        assert!(
            text.contains(&format!("{key} =")) || text.contains(&format!("[{key}]")),
            "{key} is not tried"
        );
        assert!(HELP.contains(key), "{key} is not documented");
    }
}

#[test]
fn an_empty_file_changes_nothing() {
    assert_eq!(
        ProjectFile::parse("", Path::new("mambox.toml"), Path::new("/")).unwrap(),
        ProjectFile::default()
    );
}

#[test]
fn a_wrong_file_is_answered_with_line_and_advice() {
    let shown: Vec<String> = [
        "base = \"x\"\nplatfrom = \"linux/amd64\"",
        "max_layers = 3",
        "output = \"x.tar\"",
        "zzz = 1",
        "base = ",
        "max-layers = \"many\"",
        "\ncompression = \"bzip2\"",
        "platform = [\"linux/amd64\", \"osx-64\"]",
        "cmd = \"'open\"",
        "copy = [\"a:b\"]",
        "env = { A = 1 }",
        "tag = 7",
        "base = \"oci-archve:x\"",
        "channel-priority = \"lax\"",
        "slim = \"docs,heads\"",
        "slim = [\"-docs\"]",
    ]
    .map(error)
    .into();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    app/mambox.toml:2: unknown key 'platfrom'; did you mean 'platform'?
    app/mambox.toml:1: unknown key 'max_layers'; did you mean 'max-layers'?
    app/mambox.toml:1: unknown key 'output'; --output is for the command line; it does not describe the image
    app/mambox.toml:1: unknown key 'zzz'; known keys: activation, annotation, base, channel, channel-priority, cmd, compression, copy, cuda, entrypoint, env, environment, label, link-scripts, max-layers, no-build, override-channels, pip-override, platform, prefix, pyc, slim, tag, user, workdir
    app/mambox.toml:1: string values must be quoted, expected literal string
    app/mambox.toml:1: invalid type: string "many", expected usize
    app/mambox.toml:2: 'bzip2' is no compression: use gzip[:1-9], zstd[:1-19] or none
    app/mambox.toml:1: platform: 'osx-64': images are made for Linux; use linux/amd64 or linux/arm64
    app/mambox.toml:1: cmd: a quote or backslash at its end is left open
    app/mambox.toml:1: copy: 'a:b': write SRC:DST, where DST is an absolute path in the image
    app/mambox.toml:1: invalid type: integer `1`, expected a string
    app/mambox.toml:1: expected a string or an array of strings
    app/mambox.toml:1: base: 'oci-archve:x' names an unknown transport; did you mean oci-archive:x? (an image of that name is docker://oci-archve:x)
    app/mambox.toml:1: channel-priority: 'lax' is none of strict, flexible, disabled
    app/mambox.toml:1: slim: 'heads' is no slim policy; write all, none, or some of debug, docs, headers, pyc-levels, static-libs, tests
    app/mambox.toml:1: slim: '-docs' takes away from nothing; write all,-docs
    "#);
}
