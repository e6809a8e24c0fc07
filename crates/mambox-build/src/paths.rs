//! Paths in an image, as a person gives them.

use crate::{BuildError, ROOT_ENVIRONMENT};

/// The longest prefix: packages replace a placeholder of 255 bytes, and a shebang line may have 127.
const MAX_PREFIX: usize = 100;

/// Turns `/srv/app/` into `srv/app`. An empty text is the root.
pub(crate) fn in_image(path: &str) -> Result<String, BuildError> {
    let refuse = |problem| Err(BuildError::ImagePath { path: path.into(), problem });
    let Some(inner) = path.strip_prefix('/') else {
        return refuse("is not absolute; it names a place in the image, so begin it with '/'");
    };
    let inner = inner.trim_end_matches('/');
    if inner.split('/').any(|part| matches!(part, "." | "..") || part.starts_with(".wh.")) {
        return refuse("holds '.', '..' or a name that layers reserve (.wh.)");
    }
    if inner.contains("//") || inner.chars().any(char::is_control) {
        return refuse("holds an empty part or a control character");
    }
    Ok(inner.into())
}

/// Checks a prefix and brings it into the form `/opt/conda`.
pub fn prefix(prefix: &str) -> Result<String, BuildError> {
    let inner = in_image(prefix)?;
    let refuse = |problem| Err(BuildError::ImagePath { path: prefix.into(), problem });
    if inner.is_empty() {
        return refuse("is the root itself; use a folder such as /opt/conda");
    }
    if inner.len() >= MAX_PREFIX {
        return refuse("is longer than 100 bytes, more than packages and '#!' lines leave room for");
    }
    if inner.chars().any(|c| c.is_whitespace() || matches!(c, ':' | '"' | '\'' | '\\' | '$' | '`')) {
        return refuse(
            "holds white space, ':', a quote, '$' or a backslash, which PATH and '#!' lines cannot carry",
        );
    }
    Ok(format!("/{inner}"))
}

/// Where an environment lies below a root prefix, as conda has it.
pub(crate) fn of_environment(name: &str, root: &str) -> String {
    if name == ROOT_ENVIRONMENT { root.to_owned() } else { format!("{root}/envs/{name}") }
}

/// The root prefix, out of an environment's name and its own prefix.
pub(crate) fn root_of<'a>(name: &str, prefix: &'a str) -> &'a str {
    let below = format!("/envs/{name}");
    if name == ROOT_ENVIRONMENT { prefix } else { prefix.strip_suffix(&below).unwrap_or(prefix) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_lie_below_the_root_prefix() {
        for (name, prefix) in [("base", "/opt/conda"), ("web", "/opt/conda/envs/web")] {
            assert_eq!(of_environment(name, "/opt/conda"), prefix);
            assert_eq!(root_of(name, prefix), "/opt/conda");
        }
    }

    #[test]
    fn paths_are_absolute_and_plain() {
        assert_eq!(in_image("/srv/app/").unwrap(), "srv/app");
        assert_eq!(in_image("/").unwrap(), "");
        for bad in ["srv", "", "/a/../b", "/a//b", "/a/./b", "/a/.wh.b", "/a\nb"] {
            assert!(in_image(bad).is_err(), "{bad}");
        }
        assert_eq!(prefix("/opt/conda/").unwrap(), "/opt/conda");
        let long = format!("/{}", "x".repeat(100));
        for bad in ["/", "/opt/my env", "/opt/a:b", "/opt/$x", &long] {
            assert!(prefix(bad).is_err(), "{bad}");
        }
    }
}
