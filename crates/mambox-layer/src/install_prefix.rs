//! Where the environment lies in the image.

use std::fmt;

use crate::error::LayerError;

/// Longest prefix; conda-build's placeholders have 255 bytes.
const MAX: usize = 255;

/// An absolute, normalised path such as `/opt/conda`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prefix(String);

impl Prefix {
    /// Checks a path.
    ///
    /// # Errors
    /// When it is relative, `/` itself, not normalised, too long, or holds a control character.
    pub fn new(path: &str) -> Result<Self, LayerError> {
        let reject = |why| Err(LayerError::Prefix { prefix: path.escape_debug().to_string(), why });
        let Some(relative) = path.strip_prefix('/') else { return reject("it is not absolute") };
        if relative.is_empty() {
            return reject("it is the root directory");
        }
        if relative.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return reject("it is not normalised (no //, ., .. and no slash at the end)");
        }
        if relative.split('/').any(|part| part.starts_with(".wh.")) {
            return reject("a name that starts with .wh. means a deletion in an image layer");
        }
        if path.len() > MAX {
            return reject("it is longer than 255 bytes, more than packages have room for");
        }
        if path.chars().any(char::is_control) {
            return reject("it holds a control character");
        }
        Ok(Self(path.to_owned()))
    }

    /// With the slash before it: `/opt/conda`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As layers name it: `opt/conda`.
    pub fn relative(&self) -> &str {
        &self.0[1..]
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
