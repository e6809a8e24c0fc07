//! `images.toml`: the family as people write it.

use std::collections::{BTreeMap, BTreeSet};

use mambox_oci::{Digest, Platform};
use mambox_transport::{Reference, RegistryReference};
use serde::Deserialize;

use crate::family::{Base, Family, Micromamba, Package, Runtime, User};

/// What is wrong with an `images.toml`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FamilyError {
    /// No TOML, or not of this shape; the text has line and column.
    #[error("{file}: {problem}")]
    Syntax {
        /// The file.
        file: String,
        /// The parser's words.
        problem: String,
    },
    /// A value that cannot be.
    #[error("{file}: {place}: {problem}")]
    Value {
        /// The file.
        file: String,
        /// The key, or the base and its key.
        place: String,
        /// What is wrong, and what to write.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    repository: String,
    default: String,
    platforms: Vec<String>,
    #[serde(default = "root_prefix")]
    root_prefix: String,
    #[serde(default)]
    user: UserTable,
    micromamba: MicromambaTable,
    base: Vec<BaseTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct UserTable {
    name: String,
    uid: u32,
    gid: u32,
}

impl Default for UserTable {
    fn default() -> Self {
        let id = mambox_accounts::DEFAULT_ID;
        Self { name: mambox_accounts::DEFAULT_USER.into(), uid: id, gid: id }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MicromambaTable {
    version: String,
    channel: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseTable {
    name: String,
    image: String,
    kind: String,
    #[serde(default)]
    newest: bool,
    platforms: Option<Vec<String>>,
    #[serde(default)]
    bash: BTreeMap<String, PackageTable>,
    #[serde(default)]
    glibc: BTreeMap<String, PackageTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageTable {
    deb: String,
    sha256: String,
}

fn root_prefix() -> String {
    mambox_build::DEFAULT_PREFIX.into()
}

impl Family {
    /// Reads an `images.toml`; `file` is how messages name it.
    pub fn parse(text: &str, file: &str) -> Result<Self, FamilyError> {
        let parsed: File = toml::from_str(text)
            .map_err(|e| FamilyError::Syntax { file: file.into(), problem: e.to_string() })?;
        Reader { file }.family(parsed)
    }
}

/// Checks values, and knows what messages call the file.
struct Reader<'a> {
    file: &'a str,
}

impl Reader<'_> {
    fn wrong(&self, place: impl Into<String>, problem: impl Into<String>) -> FamilyError {
        FamilyError::Value { file: self.file.into(), place: place.into(), problem: problem.into() }
    }

    fn family(&self, file: File) -> Result<Family, FamilyError> {
        self.repository(&file.repository)?;
        self.version(&file.micromamba.version)?;
        self.user(&file.user)?;
        mambox_build::check_prefix(&file.root_prefix)
            .map_err(|e| self.wrong("root-prefix", e.to_string()))?;
        let platforms = self.platforms("platforms", &file.platforms)?;
        let mut names = BTreeSet::new();
        let mut bases = Vec::new();
        for base in file.base {
            let base = self.base(base, &platforms)?;
            if !names.insert(base.name.clone()) {
                return Err(
                    self.wrong(format!("base '{}'", base.name), "is there twice; give each its own name")
                );
            }
            bases.push(base);
        }
        self.newest(&bases)?;
        if !names.contains(&file.default) {
            return Err(self.wrong("default", format!("there is no base '{}'", file.default)));
        }
        let UserTable { name, uid, gid } = file.user;
        let MicromambaTable { version, channel } = file.micromamba;
        Ok(Family {
            repository: file.repository,
            default: file.default,
            user: User { name, uid, gid },
            root_prefix: file.root_prefix,
            micromamba: Micromamba { version, channel },
            bases,
        })
    }

    fn repository(&self, name: &str) -> Result<(), FamilyError> {
        let parsed: Result<RegistryReference, _> = name.parse();
        let problem = match parsed {
            Err(e) => e.to_string(),
            Ok(_) if name.rsplit('/').next().is_some_and(|last| last.contains([':', '@'])) => {
                "tags follow from the bases; write the bare name".into()
            }
            Ok(_) => return Ok(()),
        };
        Err(self.wrong("repository", format!("'{name}' cannot be used: {problem}")))
    }

    fn version(&self, version: &str) -> Result<(), FamilyError> {
        let parts: Vec<&str> = version.split('.').collect();
        let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match parts.len() == 3 && parts.iter().all(number) {
            true => Ok(()),
            false => Err(self.wrong(
                "micromamba.version",
                format!("'{version}' has not the form X.Y.Z, from which the tags are made"),
            )),
        }
    }

    fn user(&self, user: &UserTable) -> Result<(), FamilyError> {
        let account = crate::account::account(&user.name, user.uid, user.gid, "/bin/sh");
        account.map(drop).map_err(|e| self.wrong("user", e.to_string()))
    }

    fn platforms(&self, place: &str, written: &[String]) -> Result<Vec<Platform>, FamilyError> {
        let mut platforms = Vec::new();
        for text in written {
            let platform: Platform = text.parse().map_err(|e| self.wrong(place, format!("{e}")))?;
            mambox_build::subdir(&platform).map_err(|e| self.wrong(place, e.to_string()))?;
            if !platforms.contains(&platform) {
                platforms.push(platform);
            }
        }
        match platforms.is_empty() {
            true => Err(self.wrong(place, "is empty; name at least one, such as \"linux/amd64\"")),
            false => Ok(platforms),
        }
    }

    fn base(&self, base: BaseTable, usual: &[Platform]) -> Result<Base, FamilyError> {
        let place = |key: &str| format!("base '{}', {key}", base.name);
        let part = |text: &str| {
            let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
            first
                && text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        for (key, text) in [("name", &base.name), ("kind", &base.kind)] {
            if !part(text) {
                let problem =
                    format!("'{text}' cannot be part of a tag: use letters, digits, '.', '_' and '-'");
                return Err(self.wrong(place(key), problem));
            }
        }
        let image: Result<Reference, _> = base.image.parse();
        image.map_err(|e| self.wrong(place("image"), e.to_string()))?;
        let platforms = match &base.platforms {
            Some(own) => self.platforms(&place("platforms"), own)?,
            None => usual.to_vec(),
        };
        let mut runtime = BTreeMap::new();
        for (kind, packages) in [(Runtime::Bash, &base.bash), (Runtime::Glibc, &base.glibc)] {
            if !packages.is_empty() {
                runtime.insert(kind, self.packages(&place(kind.as_str()), packages, &platforms)?);
            }
        }
        let BaseTable { name, image, kind, newest, .. } = base;
        Ok(Base { name, image, kind, newest, platforms, runtime })
    }

    fn packages(
        &self,
        place: &str,
        written: &BTreeMap<String, PackageTable>,
        platforms: &[Platform],
    ) -> Result<BTreeMap<Platform, Package>, FamilyError> {
        let mut packages = BTreeMap::new();
        for (platform, package) in written {
            let platform: Platform = platform.parse().map_err(|e| self.wrong(place, format!("{e}")))?;
            let sha256: Digest = format!("sha256:{}", package.sha256)
                .parse()
                .map_err(|_| self.wrong(place, "sha256 is not 64 hexadecimal digits"))?;
            let parts = package.deb.split('/');
            if package.deb.starts_with('/') || parts.clone().any(|part| part == "..") {
                let problem =
                    "is a path below a mirror (pool/main/…) or beside this file (./…), without '..'";
                return Err(self.wrong(place, format!("deb = {:?} {problem}", package.deb)));
            }
            packages.insert(platform, Package { deb: package.deb.clone(), sha256 });
        }
        match platforms.iter().find(|platform| !packages.contains_key(*platform)) {
            Some(missing) => Err(self.wrong(place, format!("has no package for {missing}"))),
            None => Ok(packages),
        }
    }

    /// Two images cannot have one tag.
    fn newest(&self, bases: &[Base]) -> Result<(), FamilyError> {
        let mut kinds = BTreeMap::new();
        for base in bases.iter().filter(|base| base.newest) {
            if let Some(other) = kinds.insert(&base.kind, &base.name) {
                let problem = format!("is the newest {}, and so is '{other}'; mark one", base.kind);
                return Err(self.wrong(format!("base '{}'", base.name), problem));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILY: &str = r#"
        repository = "me/micromamba"
        default = "debian13"
        platforms = ["linux/amd64"]
        micromamba = { version = "2.8.1" }
        [[base]]
        name = "debian13"
        image = "debian:13"
        kind = "debian"
        newest = true
    "#;

    fn problem(change: (&str, &str)) -> String {
        assert!(FAMILY.contains(change.0), "{}", change.0);
        Family::parse(&FAMILY.replace(change.0, change.1), "images.toml").unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_said_is_as_in_the_family_that_people_know() {
        let family = Family::parse(FAMILY, "images.toml").unwrap();
        assert_eq!(family.root_prefix, "/opt/conda");
        assert_eq!(family.user, User { name: "mambauser".into(), uid: 57439, gid: 57439 });
        assert_eq!(family.bases[0].platforms, [Platform::linux("amd64")]);
        assert_eq!(family.micromamba.channel, None);
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let shown: Vec<String> = [
            ("default = \"debian13\"", "default = \"alpine\""),
            ("me/micromamba", "me/micromamba:1"),
            ("2.8.1", "2.8"),
            ("linux/amd64", "linux/mips"),
            ("\"linux/amd64\"", ""),
            ("debian:13", "oci:"),
            ("kind = \"debian\"", "kind = \"de/bian\""),
            ("newest = true", "newest = true\nglibc.\"linux/arm64\" = { deb = \"x.deb\", sha256 = \"0\" }"),
            ("default =", "root-prefix = \"/\"\ndefault ="),
            ("default =", "user = { name = \"a:b\" }\ndefault ="),
        ]
        .map(problem)
        .into();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        images.toml: default: there is no base 'alpine'
        images.toml: repository: 'me/micromamba:1' cannot be used: tags follow from the bases; write the bare name
        images.toml: micromamba.version: '2.8' has not the form X.Y.Z, from which the tags are made
        images.toml: platforms: conda has no packages for linux/mips
        images.toml: platforms: is empty; name at least one, such as "linux/amd64"
        images.toml: base 'debian13', image: 'oci:' names no file or folder
        images.toml: base 'debian13', kind: 'de/bian' cannot be part of a tag: use letters, digits, '.', '_' and '-'
        images.toml: base 'debian13', glibc: sha256 is not 64 hexadecimal digits
        images.toml: root-prefix: the path '/' is the root itself; use a folder such as /opt/conda
        images.toml: user: user.name="a:b" cannot be a user's name: choose at most 32 letters, digits, '_', '-' and '.', a letter or '_' first
        "#);
        assert!(problem(("newest", "latest")).contains("unknown field `latest`"));
        let twice = FAMILY.replace(
            "[[base]]",
            "[[base]]\nname=\"old\"\nimage=\"debian:12\"\nkind=\"debian\"\nnewest=true\n[[base]]",
        );
        let error = Family::parse(&twice, "images.toml").unwrap_err().to_string();
        insta::assert_snapshot!(error, @"images.toml: base 'debian13': is the newest debian, and so is 'old'; mark one");
    }
}
