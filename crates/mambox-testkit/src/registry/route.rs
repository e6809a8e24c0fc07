//! The URLs of the distribution specification.

/// What a path below `/v2/` names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/v2/`
    Base,
    /// `/token`, this registry's own token service.
    Token,
    /// `/v2/REPOSITORY/blobs/DIGEST`
    Blob { repository: &'a str, digest: &'a str },
    /// `/v2/REPOSITORY/blobs/uploads/`
    Uploads { repository: &'a str },
    /// `/v2/REPOSITORY/blobs/uploads/ID`
    Upload { repository: &'a str, id: &'a str },
    /// `/v2/REPOSITORY/manifests/TAG-OR-DIGEST`
    Manifest { repository: &'a str, reference: &'a str },
    /// `/v2/REPOSITORY/tags/list`
    Tags { repository: &'a str },
}

impl<'a> Route<'a> {
    /// `None` for paths that the specification does not know.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        if path == "/token" {
            return Some(Self::Token);
        }
        let path = path.strip_prefix("/v2")?;
        if matches!(path, "" | "/") {
            return Some(Self::Base);
        }
        let path = path.strip_prefix('/')?;
        if let Some(repository) = path.strip_suffix("/tags/list") {
            return Some(Self::Tags { repository });
        }
        if let Some((repository, id)) = path.split_once("/blobs/uploads") {
            return match id.trim_start_matches('/') {
                "" => Some(Self::Uploads { repository }),
                id => Some(Self::Upload { repository, id }),
            };
        }
        if let Some((repository, digest)) = path.rsplit_once("/blobs/") {
            return Some(Self::Blob { repository, digest });
        }
        let (repository, reference) = path.rsplit_once("/manifests/")?;
        Some(Self::Manifest { repository, reference })
    }

    /// The repository, where the route has one.
    pub(super) fn repository(&self) -> Option<&'a str> {
        match self {
            Self::Base | Self::Token => None,
            Self::Blob { repository, .. }
            | Self::Uploads { repository }
            | Self::Upload { repository, .. }
            | Self::Manifest { repository, .. }
            | Self::Tags { repository } => Some(repository),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_have_slashes() {
        let repository = "team/app";
        assert_eq!(Route::parse("/v2/"), Some(Route::Base));
        assert_eq!(Route::parse("/v2/team/app/tags/list"), Some(Route::Tags { repository }));
        assert_eq!(Route::parse("/v2/team/app/blobs/uploads/"), Some(Route::Uploads { repository }));
        assert_eq!(Route::parse("/v2/team/app/blobs/uploads/7"), Some(Route::Upload { repository, id: "7" }));
        assert_eq!(
            Route::parse("/v2/team/app/blobs/sha256:1"),
            Some(Route::Blob { repository, digest: "sha256:1" })
        );
        assert_eq!(
            Route::parse("/v2/team/app/manifests/v1"),
            Some(Route::Manifest { repository, reference: "v1" })
        );
        assert_eq!(Route::parse("/v1/search"), None);
    }
}
