//! Where images are built: a channel with the packages of all kinds, and the executable.

use std::collections::BTreeSet;
use std::path::PathBuf;

use mambox_testkit::{LocalChannel, TestEnv};
use serde_json::json;

use crate::bases::Base;
use crate::environments::{Environment, environments, plain};

/// A channel and a hermetic place to build in.
pub(crate) struct Workshop {
    pub(crate) env: TestEnv,
    channel: LocalChannel,
}

/// Whether a name is among what `MAMBOX_TEST_ONLY` asks for, words between commas. Only those words count that are of
/// the name's own sort.
pub(crate) fn wanted(name: &str, is_of_this_sort: impl Fn(&str) -> bool) -> bool {
    let only = std::env::var("MAMBOX_TEST_ONLY").unwrap_or_default();
    let mut words = only.split(',').filter(|word| is_of_this_sort(word)).peekable();
    words.peek().is_none() || words.any(|word| word == name)
}

/// The program for inside an image, which `MAMBOX_INIT` names.
pub(crate) fn init() -> Option<PathBuf> {
    std::env::var_os("MAMBOX_INIT").map(PathBuf::from)
}

impl Workshop {
    /// With everything that any environment needs.
    pub(crate) fn new() -> Self {
        let all = environments();
        let kinds = all.iter().flat_map(|environment| &environment.kinds);
        let base = plain();
        let packages = base.packages.iter().chain(kinds.flat_map(|kind| &kind.packages));
        let mut seen = BTreeSet::new();
        let channel = LocalChannel::with(packages.filter(|package| seen.insert(package.file_name.clone())));
        let mut env = TestEnv::new(env!("CARGO_BIN_EXE_mambox"));
        // A build with scripts needs a sandbox, and a program for inside the image.
        for name in ["PATH", "MAMBOX_INIT"] {
            if let Some(value) = std::env::var_os(name) {
                env = env.var(name, value);
            }
        }
        Self { env, channel }
    }

    /// Builds an environment on a base into an archive, in which the image has the given name; or says why not.
    pub(crate) fn build(
        &self,
        base: &Base,
        environment: &Environment,
        name: &str,
    ) -> Result<PathBuf, String> {
        let archive = format!("{}-{}.tar", base.name, environment.name);
        self.build_to(base, environment, &["-t", name, "-o", &archive])?;
        Ok(self.env.work().join(archive))
    }

    /// Builds an environment on a base with such options of outputs; or says why not.
    pub(crate) fn build_to(
        &self,
        base: &Base,
        environment: &Environment,
        outputs: &[&str],
    ) -> Result<(), String> {
        self.env.write("environment.yml", self.file(environment));
        self.run_build(base, &["environment.yml"], outputs)
    }

    /// Builds several environments into one image, by their names; the first is active.
    pub(crate) fn build_several(
        &self,
        base: &Base,
        environments: &[&Environment],
        outputs: &[&str],
    ) -> Result<(), String> {
        let write = |environment: &&Environment| {
            let name = environment.name;
            self.env.write(&format!("{name}.yml"), self.file(environment));
            ["--multi".to_owned(), format!("{name}={name}.yml")]
        };
        let words: Vec<String> = environments.iter().flat_map(write).collect();
        self.run_build(base, &words.iter().map(String::as_str).collect::<Vec<_>>(), outputs)
    }

    fn run_build(&self, base: &Base, inputs: &[&str], outputs: &[&str]) -> Result<(), String> {
        let base = format!("rootfs:{}", base.path.display());
        let words = ["build", "--no-rc", "--platform", "linux/amd64", "--base", &base];
        let run = self.env.run([words.as_slice(), inputs, outputs].concat());
        if run.success() { Ok(()) } else { Err(run.to_string()) }
    }

    /// The environment file. Texts of JSON are texts of YAML.
    fn file(&self, environment: &Environment) -> String {
        let packages = environment.kinds.iter().flat_map(|kind| &kind.packages);
        let names = packages.map(|package| package.record.name.as_normalized());
        let specs: BTreeSet<_> = names.chain(["probe"]).collect();
        let mut text = format!("channels: [{}]\ndependencies:\n", json!(self.channel.path()));
        text.extend(specs.iter().map(|spec| format!("  - {spec}\n")));
        text.push_str("variables:\n");
        let variables = environment.kinds.iter().flat_map(|kind| &kind.variables);
        text.extend(variables.map(|(name, value)| format!("  {name}: {}\n", json!(value))));
        text
    }
}
