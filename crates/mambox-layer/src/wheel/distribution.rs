//! Which distribution a path of an environment belongs to.

use super::names::normalise;

/// Name (normalised by PEP 503) and version of the distribution in whose metadata a path is, given relative to
/// site-packages: below `NAME-VERSION.dist-info` or `NAME-VERSION[-pyX.Y].egg-info`, or the file of that name. The version
/// is empty where the folder tells none.
pub(crate) fn distribution(path: &str) -> Option<(String, String)> {
    let (top, below) = path.split_once('/').map_or((path, None), |(top, below)| (top, Some(below)));
    let stem = match top.strip_suffix(".dist-info") {
        Some(stem) => below.map(|_| stem)?,
        None => top.strip_suffix(".egg-info")?,
    };
    let stem = match stem.rsplit_once("-py") {
        Some((before, python)) if python.starts_with(|c: char| c.is_ascii_digit()) => before,
        _ => stem,
    };
    let (name, version) = stem.rsplit_once('-').unwrap_or((stem, ""));
    (!name.is_empty()).then(|| (normalise(name), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_name_and_version() {
        let paths = [
            "Foo_Bar-1.0.post1.dist-info/METADATA",
            "foo.bar-2.0-py3.11.egg-info",
            "foo-2.0.egg-info/PKG-INFO",
            "my-pytool-1.0.dist-info/RECORD",
            "foo.egg-info/PKG-INFO",
            "foo-1.0.dist-info",
            "vendor/foo-1.0.dist-info/RECORD",
            "foo/bar.py",
        ];
        let told = paths.map(|path| format!("{:?}", distribution(path)));
        insta::assert_snapshot!(told.join("\n"), @r#"
        Some(("foo-bar", "1.0.post1"))
        Some(("foo-bar", "2.0"))
        Some(("foo", "2.0"))
        Some(("my-pytool", "1.0"))
        Some(("foo", ""))
        None
        None
        None
        "#);
    }
}
