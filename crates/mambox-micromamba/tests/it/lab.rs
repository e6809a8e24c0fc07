//! What every row may use: two channels, on disk and over HTTP.

use mambox_testkit::{ArchiveFormat, BuiltPackage, HttpServer, LocalChannel, PackageBuilder};

/// The channels with their servers.
pub(crate) struct Lab {
    pub(crate) channel: LocalChannel,
    pub(crate) other: LocalChannel,
    server: HttpServer,
    other_server: HttpServer,
}

/// Where a row's channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Http,
    File,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let channel = LocalChannel::with(&packages());
        let mut other = LocalChannel::named("other");
        other
            .add(&leaf("3.0"))
            .add(&PackageBuilder::new("elsewhere", "1.0").file("share/elsewhere", "").build());
        let serve = |channel: &LocalChannel| HttpServer::serve_dir(channel.path().parent().unwrap());
        let (server, other_server) = (serve(&channel), serve(&other));
        Self { channel, other, server, other_server }
    }

    /// The first channel's URL.
    pub(crate) fn url(&self, kind: Kind) -> String {
        match kind {
            Kind::Http => format!("{}channel", self.server.url()),
            Kind::File => self.channel.url().to_string(),
        }
    }

    /// Hash of a package of the first channel.
    pub(crate) fn sha256(&self, file_name: &str) -> String {
        let mut packages = self.channel.subdirs().values().flatten();
        hex::encode(packages.find(|package| package.file_name == file_name).unwrap().sha256)
    }

    /// The second one's.
    pub(crate) fn other_url(&self, kind: Kind) -> String {
        match kind {
            Kind::Http => format!("{}other", self.other_server.url()),
            Kind::File => self.other.url().to_string(),
        }
    }
}

/// `leaf VERSION`, without dependencies.
pub(crate) fn leaf(version: &str) -> BuiltPackage {
    PackageBuilder::new("leaf", version)
        .noarch_generic()
        .file("share/leaf", format!("leaf {version}\n"))
        .build()
}

/// trunk needs branch, branch needs leaf.
fn tree() -> Vec<PackageBuilder> {
    let branch = PackageBuilder::new("branch", "1.0")
        .depends("leaf >=1")
        .text_with_prefix("bin/branch", "#!/bin/sh\necho branch of {prefix}\n")
        .mode(0o755);
    vec![
        branch,
        PackageBuilder::new("trunk", "1.0").depends("branch").file("share/trunk", "trunk\n"),
        PackageBuilder::new("wants-old", "1.0").depends("leaf 1.0").file("share/wants-old", ""),
        PackageBuilder::new("wants-new", "1.0").depends("leaf >=2").file("share/wants-new", ""),
    ]
}

/// Packages that do something.
fn lively() -> Vec<PackageBuilder> {
    let note = "echo $PKG_NAME $PKG_VERSION $PKG_BUILDNUM $ROOT_PREFIX > $PREFIX/post-link.txt";
    vec![
        PackageBuilder::new("old", "1.0").format(ArchiveFormat::TarBz2).file("share/old", "old\n"),
        PackageBuilder::new("tool", "1.0")
            .executable("bin/tool", "#!/bin/sh\necho tool \"$@\" in $CONDA_DEFAULT_ENV\n")
            .executable("bin/ends-with", "#!/bin/sh\nexit $1\n"),
        PackageBuilder::new("envy", "1.0")
            .env_vars(&[("ENVY_COLOUR", "green")])
            .activate_script("sh", "export ENVY_SCRIPT=sourced\n")
            .deactivate_script("sh", "unset ENVY_SCRIPT\n"),
        PackageBuilder::new("scripted", "1.0")
            .link_script("post-link", note)
            .link_script("pre-unlink", "echo gone > $ROOT_PREFIX/pre-unlink.txt"),
        PackageBuilder::new("failing", "1.0").link_script("post-link", "echo no luck; exit 3"),
        PackageBuilder::new("cuda-app", "1.0").depends("__cuda >=99").file("share/cuda-app", ""),
        PackageBuilder::new("glibc-app", "1.0").depends("__glibc >=99").file("share/glibc-app", ""),
        PackageBuilder::new("far", "1.0").subdir("linux-aarch64").file("share/far", "far\n"),
    ]
}

/// A python that compiles nothing and whose pip only tells what it was asked for.
const PYTHON: &str = r#"#!/bin/sh
[ "$1" = -m ] || exit 0
echo "pip called with: $*"
echo "pip's folder: $PWD"
for file; do :; done
while read -r line; do
    echo "pip installs: $line"
    [ "$line" != broken ] || exit 1
done < "$file"
"#;

fn python() -> Vec<PackageBuilder> {
    let noarch = |name: &str, version: &str| {
        PackageBuilder::new(name, version).noarch_python().depends("python >=3").dist_info()
    };
    vec![
        PackageBuilder::python_interpreter("3.12.1", PYTHON),
        PackageBuilder::python_interpreter("3.13.0", PYTHON),
        noarch("pip", "24.0").site_package("pip/__init__.py", ""),
        noarch("six", "1.16.0").site_package("six.py", "moves = 1\n"),
    ]
}

fn packages() -> Vec<BuiltPackage> {
    let leaves = ["1.0", "1.1", "2.0"].map(leaf);
    let others = [tree(), lively(), python()].concat();
    leaves.into_iter().chain(others.iter().map(PackageBuilder::build)).collect()
}
