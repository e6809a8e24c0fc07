//! Channels as people know them.

use rattler_conda_types::RepoDataRecord;

/// The channel's name if its packages lie below the alias, else its URL without credentials.
pub(crate) fn channel_name(record: &RepoDataRecord, alias: &str) -> String {
    let url = mambox_env::strip_credentials(&record.url);
    let mut base = url.clone();
    if let Ok(mut segments) = base.path_segments_mut() {
        // The file and the subdir.
        segments.pop().pop();
    }
    let base = base.as_str().trim_end_matches('/');
    let alias = alias.trim_end_matches('/');
    match base.strip_prefix(alias).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) => name.to_owned(),
        None => base.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn names_are_shorter_than_urls() {
        let mut record = record("a", "1");
        assert_eq!(channel_name(&record, "https://h/"), "c");
        assert_eq!(channel_name(&record, "https://other"), "https://h/c");
        record.url = "https://u:p@h/t/tk/x/y/noarch/a-1-0.conda".parse().unwrap();
        assert_eq!(channel_name(&record, "https://h"), "x/y");
    }
}
