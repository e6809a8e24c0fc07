//! URLs without secrets and without this machine's paths.
//!
//! Two degrees exist. A lock on disk holds URLs without credentials, but keeps the real place of a local
//! channel, so that it can be built from. What travels inside an image holds *portable* URLs, in which a local
//! channel is known by its folder's name alone.

use url::Url;

/// Removes what may be a secret: user and password, a `/t/TOKEN` pair of path segments (as anaconda.org and
/// Artifactory use them), the query and the fragment.
pub fn strip_credentials(url: &Url) -> Url {
    let mut clean = url.clone();
    // Both fail only for URLs that cannot have user information at all.
    let _ = clean.set_username("");
    let _ = clean.set_password(None);
    clean.set_query(None);
    clean.set_fragment(None);
    if url.scheme() != "file"
        && let Some(path) = path_without_token(url.path())
    {
        clean.set_path(&path);
    }
    clean
}

/// `/t/TOKEN/channel` → `/channel`; `None` where there is no such pair. As in conda the pair may stand anywhere:
/// repositories behind a prefix use it, too.
fn path_without_token(path: &str) -> Option<String> {
    let mut segments: Vec<&str> = path.split('/').collect();
    // A channel that is itself named `t` has nothing behind it.
    let at = segments.windows(2).position(|pair| pair[0] == "t" && !pair[1].is_empty())?;
    segments.drain(at..at + 2);
    let path = segments.join("/");
    Some(if path.is_empty() { "/".to_owned() } else { path })
}

/// [`strip_credentials`] for a channel as a person wrote it: a name, a URL or a path. Names and paths stay.
/// The slash at the end goes.
pub fn strip_channel_credentials(channel: &str) -> String {
    let channel = channel.trim();
    match channel_url(channel) {
        Some(url) => strip_credentials(&url).as_str().trim_end_matches('/').to_owned(),
        None => channel.to_owned(),
    }
}

/// The URL as it may stand in an image: no credentials, and for a package of a local channel
/// `file:///<channel's folder>/<subdir>/<file>` in place of this machine's path.
pub fn portable_url(url: &Url) -> Url {
    let clean = strip_credentials(url);
    if clean.scheme() == "file" { last_segments(&clean, 3) } else { clean }
}

/// The channel as it may stand in an image: `file:///<folder's name>` for a local one, without credentials
/// otherwise. Names stay as they are.
pub fn portable_channel(channel: &str) -> String {
    let channel = channel.trim();
    if let Some(url) = channel_url(channel) {
        let clean = strip_credentials(&url);
        let portable = if clean.scheme() == "file" { last_segments(&clean, 1) } else { clean };
        return portable.as_str().trim_end_matches('/').to_owned();
    }
    if !is_path(channel) {
        return channel.to_owned();
    }
    let folder = channel.rsplit('/').find(|part| !matches!(*part, "" | "." | ".." | "~")).unwrap_or("local");
    // Only `Url` knows what must be percent-encoded.
    match Url::parse(&format!("file:///{folder}")) {
        Ok(url) => url.into(),
        Err(_) => "file:///local".to_owned(),
    }
}

/// Whether a channel is written as a path: absolute, relative (`./`, `../`) or below the home folder.
pub fn is_path(channel: &str) -> bool {
    channel.starts_with(['/', '.', '~'])
}

/// The channel's URL when it is written as one (`scheme://…`); a name such as `conda-forge` is none.
pub(crate) fn channel_url(channel: &str) -> Option<Url> {
    if channel.contains("://") { Url::parse(channel).ok() } else { None }
}

fn last_segments(url: &Url, count: usize) -> Url {
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let kept = &segments[segments.len().saturating_sub(count)..];
    let mut short = url.clone();
    // A share on another machine (`file://server/…`) names that machine.
    let _ = short.set_host(None);
    short.set_path(&format!("/{}", kept.join("/")));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn secrets_leave_a_url() {
        for (with, without) in [
            ("https://me:pw@host/chan/noarch/x.conda", "https://host/chan/noarch/x.conda"),
            ("https://me@host/chan", "https://host/chan"),
            ("https://host/t/tk-123/chan/noarch/x.conda", "https://host/chan/noarch/x.conda"),
            ("https://host/api/t/tk-123/chan", "https://host/api/chan"),
            ("https://host/t/tk-123", "https://host/"),
            ("https://host/chan/x.conda?sig=abc#0123", "https://host/chan/x.conda"),
            ("https://host/chan/t", "https://host/chan/t"),
            ("file:///home/t/secret/noarch/x.conda", "file:///home/t/secret/noarch/x.conda"),
        ] {
            assert_eq!(strip_credentials(&url(with)).as_str(), without);
        }
    }

    #[test]
    fn an_image_does_not_know_where_a_local_channel_lay() {
        let portable = |text| portable_url(&url(text)).to_string();
        assert_eq!(portable("file:///home/me/chan/noarch/x.conda"), "file:///chan/noarch/x.conda");
        assert_eq!(portable("file:///home/me/my%20chan/noarch/x.conda"), "file:///my%20chan/noarch/x.conda");
        assert_eq!(portable("file://server/share/chan/noarch/x.conda"), "file:///chan/noarch/x.conda");
        assert_eq!(portable("file:///x.conda"), "file:///x.conda");
        assert_eq!(portable("https://u:p@host/a/b/c/noarch/x.conda"), "https://host/a/b/c/noarch/x.conda");
    }

    #[test]
    fn channels_become_portable() {
        for (written, portable) in [
            ("conda-forge", "conda-forge"),
            ("https://host/t/tk-1/chan/", "https://host/chan"),
            ("file:///home/me/chan/", "file:///chan"),
            ("/home/me/chan", "file:///chan"),
            ("../chan", "file:///chan"),
            ("~/my chan", "file:///my%20chan"),
            ("..", "file:///local"),
        ] {
            assert_eq!(portable_channel(written), portable, "{written}");
            assert_eq!(portable_channel(portable), portable, "portable twice: {written}");
        }
    }

    #[test]
    fn channels_on_disk_keep_their_path() {
        assert_eq!(strip_channel_credentials("file:///home/me/chan/"), "file:///home/me/chan");
        assert_eq!(strip_channel_credentials("https://u:p@host/chan"), "https://host/chan");
        assert_eq!(strip_channel_credentials("conda-forge"), "conda-forge");
    }
}
