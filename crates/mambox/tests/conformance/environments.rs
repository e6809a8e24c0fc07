//! The kinds of environments, and what each must look like where it is active.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mambox_conformance::{Expectation, Need, Programs, Value};
use mambox_testkit::{BuiltPackage, PackageBuilder, StaticElf, no_sandbox};

use crate::bases::Base;
use crate::engines::skip;
use crate::script_kinds;
use crate::workshop::{init, wanted};

/// Why builds cannot run scripts on this machine.
static NO_SANDBOX: LazyLock<Option<String>> = LazyLock::new(no_sandbox);

/// The environment without scripts.
const VARIABLES: &str = "variables";

/// Where the environment is.
pub(crate) const PREFIX: &str = "/opt/conda";

/// What every environment brings to be looked at.
pub(crate) const PROGRAMS: Programs = Programs {
    show: "/opt/conda/bin/show-env",
    name: "show-env",
    script: "/opt/conda/share/step.sh",
    wait: "/opt/conda/bin/wait",
    user: "mambauser",
};

/// Values that a careless quoting changes.
const HOSTILE: [(&str, &str); 7] = [
    ("SPACES", "  two  words "),
    ("QUOTES", r#"it's "quoted""#),
    ("DOLLAR", "$HOME is not $(pwd) nor ${USER}s"),
    ("BACKSLASH", r"C:\new\\folder\"),
    ("BACKTICK", "`id`"),
    ("LINES", "first\nsecond"),
    ("UNICODE", "grüße ☃"),
];

/// Packages and variables that are put into one image, because they do not disturb each other.
pub(crate) struct Environment {
    /// One word.
    pub(crate) name: &'static str,
    /// Judged one by one.
    pub(crate) kinds: Vec<Kind>,
}

/// A kind of environment.
#[derive(Default)]
pub(crate) struct Kind {
    /// As the table has it.
    pub(crate) name: &'static str,
    /// What the base must have so that it can be built.
    pub(crate) needs: Option<Need>,
    /// What is installed for it.
    pub(crate) packages: Vec<BuiltPackage>,
    /// The environment file's.
    pub(crate) variables: BTreeMap<&'static str, &'static str>,
    /// Holds wherever the environment is active.
    pub(crate) always: Expectation,
    /// Holds where the image's entrypoint started the program; the variables are not set elsewhere.
    pub(crate) at_start: BTreeMap<&'static str, Value>,
}

impl Environment {
    /// With the kinds that can be had on a base; none where there is none, or this environment is not asked for.
    /// What is missing is said.
    pub(crate) fn on(mut self, base: &Base) -> Option<Self> {
        let is_name = |word: &str| environments().iter().any(|environment| environment.name == word);
        if !wanted(self.name, is_name) {
            return None;
        }
        self.kinds.retain(|kind| match kind.why_not(base) {
            None => true,
            Some(why) => {
                skip(&format!("{} on {}", kind.name, base.name), &why);
                false
            }
        });
        // Without a script, an environment of scripts is that of the variables.
        let has_own = self.name == VARIABLES || self.kinds.iter().any(|kind| kind.needs.is_some());
        has_own.then_some(self)
    }

    /// Whether an image of the micromamba family is made of it, too. Not of the variables alone where another
    /// environment has them as well.
    pub(crate) fn for_family(&self, base: &Base) -> bool {
        self.name != VARIABLES || !base.offers.contains(&Need::Sh)
    }
}

impl Kind {
    fn why_not(&self, base: &Base) -> Option<String> {
        if let Some(need) = self.needs.filter(|need| !base.offers.contains(need)) {
            return Some(format!("the base has no {need:?}"));
        }
        if let (Some(_), Some(why)) = (self.needs, NO_SANDBOX.as_ref()) {
            return Some(format!("its scripts need a sandbox: {why}"));
        }
        let no_program = !self.at_start.is_empty() && init().is_none();
        no_program.then(|| "MAMBOX_INIT names no program for inside an image".to_owned())
    }
}

/// All of them. That with scripts has the variables as well.
pub(crate) fn environments() -> Vec<Environment> {
    let mut all = vec![Environment { name: VARIABLES, kinds: variables() }];
    all.extend(script_kinds::environments());
    all
}

/// Kinds without scripts.
pub(crate) fn variables() -> Vec<Kind> {
    vec![plain(), package_variables(), environment_variables()]
}

/// Variables that must have exactly these values.
pub(crate) fn exactly(variables: &[(&str, &str)]) -> BTreeMap<String, Value> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), Value::Is((*value).to_owned()))).collect()
}

/// An active prefix, without anything else.
pub(crate) fn plain() -> Kind {
    let marks = [
        ("CONDA_PREFIX", PREFIX),
        ("CONDA_SHLVL", "1"),
        ("CONDA_DEFAULT_ENV", "base"),
        ("CONDA_PROMPT_MODIFIER", "(base) "),
    ];
    let path_first = vec![format!("{PREFIX}/bin")];
    let always = Expectation { path_first, set: exactly(&marks), ..Expectation::default() };
    Kind { name: "plain", packages: vec![probe()], always, ..Kind::default() }
}

/// The programs by which an environment is looked at.
fn probe() -> BuiltPackage {
    PackageBuilder::new("probe", "1.0")
        .executable("bin/show-env", StaticElf::print_environment())
        .executable("bin/wait", StaticElf::wait())
        .text_with_prefix("share/step.sh", "{prefix}/bin/show-env\n")
        .build()
}

/// `env_vars.d` of a package.
fn package_variables() -> Kind {
    let package = PackageBuilder::new("settings", "1.0").env_vars(&HOSTILE).build();
    let always = Expectation { set: exactly(&HOSTILE), ..Expectation::default() };
    Kind { name: "package variables", packages: vec![package], always, ..Kind::default() }
}

/// `variables:` of the environment file, one of which a package sets as well.
fn environment_variables() -> Kind {
    let package = PackageBuilder::new("overridden", "1.0").env_vars(&[("LEVEL", "package")]).build();
    let variables =
        [("LEVEL", "environment"), ("OWN_QUOTES", r#"it's "mine" $HOME \"#), ("OWN_LINES", "one\ntwo")];
    let always = Expectation { set: exactly(&variables), ..Expectation::default() };
    Kind {
        name: "environment variables",
        packages: vec![package],
        variables: variables.into(),
        always,
        ..Kind::default()
    }
}
