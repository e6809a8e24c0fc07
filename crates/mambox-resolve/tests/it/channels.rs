//! Written channels become URLs.

use mambox_resolve::{Channels, Settings, channels};

fn settings() -> Settings {
    let mut settings = Settings::new("/nowhere/base", "/nowhere/cache");
    settings.home = Some("/nowhere/home".into());
    settings
}

fn shown(channels: &Channels) -> String {
    let groups = channels.groups.iter().map(|group| {
        let urls: Vec<&str> = group.channels.iter().map(|channel| channel.base_url.as_str()).collect();
        match &group.multi {
            Some(name) => format!("{name} = {}\n", urls.join(" + ")),
            None => format!("{}\n", urls.join(" + ")),
        }
    });
    groups.collect()
}

fn resolved(settings: &Settings, of_environment: &[&str]) -> String {
    let of_environment: Vec<String> = of_environment.iter().map(|channel| (*channel).to_owned()).collect();
    match channels(settings, &of_environment, false) {
        Ok(channels) => shown(&channels),
        Err(error) => error.to_string(),
    }
}

#[test]
fn names_stand_below_the_alias() {
    let mut settings = settings();
    insta::assert_snapshot!(resolved(&settings, &["conda-forge", "conda-forge/label/dev", "bioconda/"]), @r"
    https://conda.anaconda.org/conda-forge/
    https://conda.anaconda.org/conda-forge/label/dev/
    https://conda.anaconda.org/bioconda/
    ");
    settings.channels.alias = "my.server/conda".to_owned();
    insta::assert_snapshot!(resolved(&settings, &["conda-forge"]), @"https://my.server/conda/conda-forge/");
}

#[test]
fn custom_channels_have_a_base_of_their_own() {
    let mut settings = settings();
    settings.channels.custom.insert("internal".to_owned(), "https://own.example/conda".to_owned());
    settings.channels.custom.insert("disk".to_owned(), "/srv/channels".to_owned());
    insta::assert_snapshot!(resolved(&settings, &["internal", "internal/label/x", "disk", "other"]), @r"
    https://own.example/conda/internal/
    https://own.example/conda/internal/label/x/
    file:///srv/channels/disk/
    https://conda.anaconda.org/other/
    ");
}

#[test]
fn defaults_and_multichannels_stand_for_several() {
    let mut settings = settings();
    settings.channels.multi.insert("mine".to_owned(), vec!["a".to_owned(), "b".to_owned(), "a".to_owned()]);
    settings.channels.multi.insert("nested".to_owned(), vec!["mine".to_owned(), "c".to_owned()]);
    settings.channels.multi.insert("round".to_owned(), vec!["about".to_owned()]);
    settings.channels.multi.insert("about".to_owned(), vec!["round".to_owned()]);
    insta::assert_snapshot!(resolved(&settings, &["defaults", "mine", "b"]), @r"
    defaults = https://repo.anaconda.com/pkgs/main/ + https://repo.anaconda.com/pkgs/r/
    mine = https://conda.anaconda.org/a/ + https://conda.anaconda.org/b/
    ");
    insta::assert_snapshot!(resolved(&settings, &["nested"]), @"nested = https://conda.anaconda.org/a/ + https://conda.anaconda.org/b/ + https://conda.anaconda.org/c/");
    insta::assert_snapshot!(resolved(&settings, &["round"]), @"the multichannel 'round' contains itself; look at custom_multichannels in the rc files");
}

#[test]
fn the_command_line_comes_before_the_environment_before_the_rc_files() {
    let mut settings = settings();
    settings.channels.configured = vec!["from-rc".to_owned(), "from-env".to_owned()];
    settings.channels.requested = vec!["from-cli".to_owned()];
    insta::assert_snapshot!(resolved(&settings, &["from-env"]), @r"
    https://conda.anaconda.org/from-cli/
    https://conda.anaconda.org/from-env/
    https://conda.anaconda.org/from-rc/
    ");
    insta::assert_snapshot!(resolved(&settings, &["from-env", "nodefaults"]), @r"
    https://conda.anaconda.org/from-cli/
    https://conda.anaconda.org/from-env/
    ");
    settings.channels.override_configured = true;
    insta::assert_snapshot!(resolved(&settings, &[]), @"https://conda.anaconda.org/from-cli/");
}

#[test]
fn conda_forge_serves_when_nobody_names_a_channel() {
    insta::assert_snapshot!(resolved(&settings(), &["nodefaults"]), @"https://conda.anaconda.org/conda-forge/");
}

#[test]
fn a_path_is_what_looks_like_one() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["base/chan", "home/chan"] {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    let mut settings = settings();
    settings.base_dir = dir.path().join("base");
    settings.home = Some(dir.path().join("home"));
    let url = url::Url::from_directory_path(dir.path()).unwrap();
    let stable = |text: String| {
        text.replace(url.as_str(), "file:///DIR/").replace(dir.path().to_str().unwrap(), "/DIR")
    };
    let absolute = dir.path().join("base/chan");
    let written = ["./chan", "../home/chan", "~/chan", absolute.to_str().unwrap(), "chan", "."];
    insta::assert_snapshot!(stable(resolved(&settings, &written)), @r"
    file:///DIR/base/chan/
    file:///DIR/home/chan/
    https://conda.anaconda.org/chan/
    file:///DIR/base/
    ");
    insta::assert_snapshot!(stable(resolved(&settings, &["./missing"])), @"the channel './missing' is no folder: /DIR/base/missing does not exist. A channel folder holds `noarch` and platform folders, each with a repodata.json");
    insta::assert_snapshot!(stable(resolved(&settings, &[&format!("{url}gone")])), @"the channel 'file:///DIR/gone' is no folder: /DIR/gone does not exist. A channel folder holds `noarch` and platform folders, each with a repodata.json");
}

#[test]
fn what_is_no_channel_is_refused_without_showing_secrets() {
    for written in ["what is this", "ftp://me:secret@host/x", "http://[::1", "a/../../b", "https://"] {
        let message = resolved(&settings(), &[written]);
        assert!(message.contains("cannot be understood"), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
    insta::assert_snapshot!(resolved(&settings(), &["ftp://me:secret@host/x"]), @"the channel 'ftp://*****@host/x' cannot be understood: ftp:// is not supported. Write a name, a URL, or a path that begins with ./ or /");
}

#[test]
fn credentials_are_taken_out_of_urls() {
    let written = ["https://me:secret@host.example/chan", "https://host.example/t/secret/other"];
    insta::assert_snapshot!(resolved(&settings(), &written), @r"
    https://host.example/chan/
    https://host.example/other/
    ");
}
