//! The names under which an image of the family is published.

use std::fmt::Write;

use crate::family::{Base, Family};

impl Family {
    /// All tags of a base's image: by base and version, by commit where one is given, by kind where the base is the
    /// newest of it, and without a base for the default. All but those of the commit move on to later images.
    ///
    /// Of the commit, the first seven digits are taken.
    pub fn tags(&self, base: &Base, commit: Option<&str>) -> Vec<String> {
        let version = &self.micromamba.version;
        let mut versions = vec![version.as_str()];
        versions.extend(version.rmatch_indices('.').map(|(dot, _)| &version[..dot]));
        let git = commit.map(|commit| format!("git-{}", commit.get(..7).unwrap_or(commit)));
        versions.extend(git.as_deref());

        let name = &base.name;
        let mut tags = vec![name.clone()];
        tags.extend(versions.iter().map(|version| format!("{version}-{name}")));
        if *name == self.default {
            tags.push("latest".into());
            tags.extend(versions.iter().map(|version| (*version).to_owned()));
        }
        if base.newest && !tags.contains(&base.kind) {
            tags.push(base.kind.clone());
        }
        tags
    }

    /// The tags of all bases as a table in Markdown.
    pub fn tag_table(&self, commit: Option<&str>) -> String {
        let mut table = "| base | platforms | tags |\n|---|---|---|\n".to_owned();
        for base in &self.bases {
            let platforms: Vec<&str> = base.platforms.iter().map(|p| p.architecture.as_str()).collect();
            let tags: Vec<String> = self.tags(base, commit).iter().map(|tag| format!("`{tag}`")).collect();
            // Writing to a text cannot fail.
            let _ = writeln!(table, "| {} | {} | {} |", base.image, platforms.join(", "), tags.join(", "));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::family;

    #[test]
    fn the_default_has_tags_without_a_base_and_the_newest_those_of_its_kind() {
        insta::assert_snapshot!(family().tag_table(Some("0123456789abcdef")), @"
        | base | platforms | tags |
        |---|---|---|
        | debian:13-slim | amd64, arm64 | `debian13-slim`, `2.8.1-debian13-slim`, `2.8-debian13-slim`, `2-debian13-slim`, `git-0123456-debian13-slim`, `latest`, `2.8.1`, `2.8`, `2`, `git-0123456`, `debian-slim` |
        | alpine:3.22 | amd64, arm64 | `alpine3.22`, `2.8.1-alpine3.22`, `2.8-alpine3.22`, `2-alpine3.22`, `git-0123456-alpine3.22` |
        ");
    }

    #[test]
    fn without_a_commit_there_are_no_tags_of_it() {
        let family = family();
        assert!(!family.tag_table(None).contains("git-"));
        let mut base = family.bases[1].clone();
        base.kind = base.name.clone();
        base.newest = true;
        let tags = family.tags(&base, None);
        insta::assert_snapshot!(tags.join(" "), @"alpine3.22 2.8.1-alpine3.22 2.8-alpine3.22 2-alpine3.22");
    }
}
