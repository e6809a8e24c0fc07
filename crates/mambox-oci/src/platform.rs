//! Platforms as OCI spells them: `linux/amd64`, `linux/arm64`, `linux/arm/v7`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An operating system and a processor architecture, in Go's names (image-spec, image-index.md).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Platform {
    /// `amd64`, `arm64`, `ppc64le`, …
    pub architecture: String,
    /// `linux`.
    pub os: String,
    /// `v7`, `v8`; absent for most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// A text that is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a platform of the form linux/amd64 or linux/arm/v7")]
pub struct InvalidPlatform(String);

impl Platform {
    /// A Linux platform without a variant.
    pub fn linux(architecture: &str) -> Self {
        Self { architecture: architecture.into(), os: "linux".into(), variant: None }
    }

    /// Whether an image for `self` serves a request for `wanted`; arm64 and arm64/v8 are one.
    pub fn serves(&self, wanted: &Self) -> bool {
        let variant = |p: &Self| match (p.architecture.as_str(), p.variant.as_deref()) {
            ("arm64", Some("v8")) => None,
            (_, variant) => variant.map(str::to_owned),
        };
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (variant(self) == variant(wanted) || variant(wanted).is_none())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Self, InvalidPlatform> {
        let parts: Vec<&str> = text.split('/').collect();
        let sane =
            |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match parts.as_slice() {
            [os, architecture, variant @ ..] if variant.len() <= 1 && parts.iter().all(sane) => Ok(Self {
                architecture: (*architecture).into(),
                os: (*os).into(),
                variant: variant.first().map(|v| (*v).into()),
            }),
            _ => Err(InvalidPlatform(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_variants_are_compared_leniently() {
        let parse = |text: &str| text.parse::<Platform>();
        for text in ["linux/amd64", "linux/arm/v7"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert!(parse("linux/arm64/v8").unwrap().serves(&Platform::linux("arm64")));
        assert!(!parse("linux/arm/v6").unwrap().serves(&parse("linux/arm/v7").unwrap()));
        for bad in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "li nux/amd64"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
