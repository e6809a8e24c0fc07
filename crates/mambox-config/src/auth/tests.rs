//! Section 3 of the reference, "TLS and auth".

use std::fs;

use proptest::prelude::*;

use super::*;

const FILE: &str = r#"{
    "host.org": {"type": "CondaToken", "token": "tk-1"},
    "host.org/private": {"type": "BearerToken", "token": "b-2"},
    "host.org:8443": {"type": "BasicHTTPAuthentication", "user": "me", "password": "c2VjcmV0"},
    "other.org": {"type": "OAuth", "refresh": "r"},
    "broken.org": {"type": "BasicHTTPAuthentication", "user": "me", "password": "%%%"}
}"#;

fn logins() -> (tempfile::TempDir, PathBuf, Logins) {
    let home = tempfile::tempdir().unwrap();
    let path = Logins::path(home.path());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, FILE).unwrap();
    let logins = Logins::read(&path).unwrap();
    (home, path, logins)
}

#[test]
fn the_longest_path_counts() {
    let (_home, _path, logins) = logins();
    let token = Some(Login::CondaToken { token: "tk-1".into() });
    let bearer = Some(Login::Bearer { token: "b-2".into() });
    let basic = Some(Login::Basic { user: "me".into(), password: "secret".into() });
    for (url, expected) in [
        ("https://host.org", &token),
        ("https://host.org:443/x", &token),
        ("https://HOST.org/conda-forge/linux-64/a.conda", &token),
        ("https://host.org/private", &bearer),
        ("https://host.org/private/linux-64/", &bearer),
        ("https://host.org/privateer", &token),
        ("https://host.org:8443/private", &basic),
        ("https://host.org:9/private", &None),
        ("https://sub.host.org", &None),
        ("https://other.org", &None),
        ("https://broken.org", &None),
        ("file:///host.org", &None),
    ] {
        assert_eq!(&logins.for_url(&Url::parse(url).unwrap()), expected, "{url}");
    }
}

#[test]
fn login_and_logout_keep_what_is_unknown() {
    let (_home, path, mut logins) = logins();
    let login = Login::Basic { user: "you".into(), password: "pä:ss".into() };
    logins.insert("https://u:p@New.org/chan/", &login).unwrap();
    assert!(logins.remove("host.org:8443").unwrap());
    assert!(!logins.remove("host.org:8443").unwrap());
    logins.write(&path).unwrap();
    let read = Logins::read(&path).unwrap();
    assert_eq!(read.for_url(&Url::parse("https://new.org/chan/x").unwrap()), Some(login));
    let hosts: Vec<_> = read.hosts().collect();
    assert_eq!(hosts, ["host.org", "host.org/private", "other.org", "broken.org", "new.org/chan"]);
    assert!(fs::read_to_string(&path).unwrap().contains("refresh"));
    logins.clear();
    logins.write(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let path = Logins::path(home.path());
    Logins::default().write(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    Logins::default().write(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn no_message_shows_a_secret() {
    let (_home, path, logins) = logins();
    let login = Login::Basic { user: "me".into(), password: "secret".into() };
    insta::assert_snapshot!(format!("{login:?}"), @"Basic(me, *****)");
    insta::assert_snapshot!(format!("{logins:?}"), @r##"{"host.org", "host.org/private", "host.org:8443", "other.org", "broken.org"}"##);
    fs::write(&path, "{\n\"token\": tk-secret}").unwrap();
    let error = Logins::read(&path).unwrap_err();
    assert!(error.to_string().contains("line 2") && !format!("{error:?}{error}").contains("secret"));
    let bad = Logins::default().insert("https://u:secret@", &login).unwrap_err();
    assert!(matches!(bad, AuthError::BadHost { .. }) && !bad.to_string().contains("secret"), "{bad}");
    assert_eq!(Logins::read(Path::new("/nowhere/at/all")).unwrap(), Logins::default());
}

proptest! {
    #[test]
    fn no_host_makes_it_panic_and_what_is_added_is_found(host in "[a-z:/.@]{0,12}|\\PC{0,12}") {
        let mut logins = Logins::default();
        let login = Login::Bearer { token: "t".into() };
        if logins.insert(&host, &login).is_ok() {
            let key = logins.hosts().next().unwrap().to_owned();
            let url = Url::parse(&format!("https://{key}/below")).unwrap();
            prop_assert_eq!(logins.for_url(&url), Some(login));
            prop_assert!(logins.remove(&host).unwrap());
        }
    }
}
