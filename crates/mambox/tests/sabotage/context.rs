//! Images of the family: a base, the programs for inside an image, and what a Dockerfile makes of them.

use std::path::PathBuf;
use std::process::Command;

use mambox_conformance::{Engine, Image};

use crate::engines::{base_archives, base_name, must, skip};
use crate::family_files::{copy, dockerfile, lay_programs, program};

/// What is skipped where something is missing.
const WHAT: &str = "checks of the family";

/// Certificates, as far as anything is looked at here.
const CERTIFICATES: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

/// What images are made of.
pub(crate) struct Context {
    folder: tempfile::TempDir,
    base: PathBuf,
}

impl Context {
    /// `None` where something is missing, which is said.
    pub(crate) fn new() -> Option<Self> {
        let (micromamba, init) = (program("MAMBOX_MICROMAMBA", WHAT)?, program("MAMBOX_INIT", WHAT)?);
        // With bash and all the tools that checks need.
        let base = base_archives().into_iter().find(|archive| base_name(archive).starts_with("debian-"));
        if base.is_none() {
            skip(WHAT, "MAMBOX_TEST_BASES has no Debian: see .ci/setup-engines");
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&micromamba, &folder.path().join("micromamba"));
        std::fs::write(folder.path().join("ca-certificates.crt"), CERTIFICATES).expect("a file");
        lay_programs(folder.path(), &init);
        Some(Self { folder, base: base? })
    }

    /// The base as it is, under a name.
    pub(crate) fn import(&self, engine: Engine, name: &str) -> Image {
        must(engine.import(&self.base, name))
    }

    /// What `mambox images test` finds in an image that it makes on that base itself.
    pub(crate) fn tested_by_mambox(&self, foreign: &str, engines: &[Engine]) -> serde_json::Value {
        let (folder, base) = (self.folder.path(), self.base.display());
        let family = format!(
            "repository = 'localhost/x'\ndefault = 'debian'\nplatforms = ['linux/amd64']\n\
             micromamba = {{ version = '2.8.1' }}\n\
             [[base]]\nname = 'debian'\nimage = 'rootfs:{base}'\nkind = 'debian'\n"
        );
        std::fs::write(folder.join("images.toml"), family).expect("a file");
        let mambox = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mambox"));
            command
                .args(["images"])
                .args(words)
                .current_dir(folder)
                .env("MAMBOX_CACHE_DIR", folder.join("cache"));
            command.output().expect("mambox starts")
        };
        let updated = mambox(&["update"]);
        assert!(updated.status.success(), "{}", String::from_utf8_lossy(&updated.stderr));
        let mut words =
            vec!["test", "--format", "json", "--jobs", "4", "--foreign", foreign, "--engine", "apptainer"];
        words.extend(engines.iter().flat_map(|engine| ["--engine", engine.program()]));
        let tested = mambox(&words);
        let report: Result<serde_json::Value, _> = serde_json::from_slice(&tested.stdout);
        report
            .map(|reports| reports[0].clone())
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&tested.stderr)))
    }

    /// An image of the family on that base.
    pub(crate) fn family(&self, engine: Engine, base: &str, name: &str) -> Image {
        let copies = [
            "COPY micromamba /bin/micromamba",
            "COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
        ];
        must(engine.build(&dockerfile(base, &copies), Some(self.folder.path()), name))
    }
}
