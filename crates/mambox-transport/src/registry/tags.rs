//! The tags of a repository (distribution-spec, "Listing Tags").

use reqwest::StatusCode;
use reqwest::header::LINK;
use serde::Deserialize;

use super::repository::Repository;
use super::{Registry, RegistryError, RegistryReference};

/// Tags of a page, of at most 128 bytes each, fit into this many times.
const MAX_PAGE: u64 = 4 << 20;
/// A hundred thousand tags.
const MAX_PAGES: usize = 100;
const PAGE: usize = 1000;

#[derive(Deserialize)]
struct Page {
    /// `null` where there are none.
    tags: Option<Vec<String>>,
}

impl Registry {
    /// All tags of a repository, in the registry's order; none where there is no such repository yet.
    pub async fn tags(&self, reference: &RegistryReference) -> Result<Vec<String>, RegistryError> {
        let repository = Repository::pull(self, reference)?;
        let what = format!("the request for the tags of {}", reference.repository());
        let mut tags: Vec<String> = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut url = repository.url("tags/list")?;
            url.query_pairs_mut().append_pair("n", &PAGE.to_string());
            if let Some(last) = tags.last() {
                url.query_pairs_mut().append_pair("last", last);
            }
            let response = repository.send(&what, |client| client.get(url.clone())).await?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => return Ok(tags),
                _ => return Err(repository.refused(&what, response).await),
            }
            // The address of the next page follows from the last tag; only whether there is one matters.
            let more = response.headers().contains_key(LINK);
            let body = repository.body(&what, response, MAX_PAGE).await?;
            let page: Page = serde_json::from_slice(&body)
                .map_err(|error| repository.protocol(&what, &format!("it is no list of tags: {error}")))?;
            let page = page.tags.unwrap_or_default();
            if page.is_empty() || page.last() == tags.last() {
                return Ok(tags);
            }
            tags.extend(page);
            if !more {
                return Ok(tags);
            }
        }
        Err(repository.protocol(&what, "it has more tags than anybody reads"))
    }
}
