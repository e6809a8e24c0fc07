//! The folders of one build: sources, what comes out, a home, and the build requirements; and where they are inside.

use std::fs;
use std::path::PathBuf;

use mambox_activate::Environment;
use mambox_oci::Image;
use mambox_sandbox::Bind;

use super::error::SdistProblem;
use super::ground::Ground;
use super::unpack;
use crate::scratch::Scratch;
use crate::script_shell::usual_environment;
use crate::{BuildError, Context};

/// Where everything is inside; backends write it into what they compile, so that it must not vary. A name that no image has.
const INSIDE: &str = "/mambox-sdist";
/// 1980-01-01, the first day that a zip can hold.
const EPOCH: &str = "315532800";

/// By which setuptools-scm (and hatch-vcs with it) and pdm-backend are told the version.
const TOLD: [&str; 2] = ["SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION"];

/// Removed with all that is in it.
pub(super) struct Workshop(Scratch);

impl Workshop {
    /// Empty, but for the build requirements. `what` is built, for messages.
    pub(super) async fn new(what: &str, ground: &Ground<'_>, context: &Context) -> Result<Self, BuildError> {
        let shop = Self(Scratch::new(&context.cache_dir)?);
        for folder in [shop.site(), shop.out(), shop.home(), shop.home().join("tmp")] {
            unpack::folder(&folder).map_err(|problem| problem.of(what))?;
        }
        if let Some((layer, _)) = ground.site {
            let image = Image::scratch(&ground.image.platform()).with_layers(std::slice::from_ref(layer))?;
            mambox_transport::unpack(&image, &shop.site(), |_| true, context.on()).await?;
        }
        Ok(shop)
    }

    fn site(&self) -> PathBuf {
        self.0.path().join("site")
    }

    fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    /// Where the sources are to be put.
    pub(super) fn sources(&self) -> PathBuf {
        self.0.path().join("sources")
    }

    /// Where the backend puts its wheel.
    pub(super) fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    /// What is seen inside. Mount points of their own cannot be exchanged for links.
    pub(super) fn binds(&self) -> Vec<Bind> {
        let bind = |host: PathBuf, name, writable| Bind { host, inside: inside(name), writable };
        vec![
            bind(self.site(), "site", false),
            bind(self.sources(), "sources", true),
            bind(self.out(), "out", true),
            bind(self.home(), "home", true),
        ]
    }

    /// The wheels that were left: plain files only, sorted.
    pub(super) fn wheels(&self) -> Result<Vec<String>, SdistProblem> {
        let failed = || SdistProblem::io("cannot read", self.out());
        let mut names = Vec::new();
        for entry in fs::read_dir(self.out()).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let is_file = entry.file_type().map_err(failed())?.is_file();
            names.extend(
                entry.file_name().into_string().ok().filter(|name| is_file && name.ends_with(".whl")),
            );
        }
        names.sort();
        Ok(names)
    }
}

/// A folder inside.
pub(super) fn inside(name: &str) -> String {
    format!("{INSIDE}/{name}")
}

/// The folder of the build requirements' modules, inside.
pub(super) fn site_inside(ground: &Ground<'_>) -> Option<String> {
    let below = |folder: &str| format!("{}{}/{folder}", inside("site"), ground.prefix);
    ground.site.map(|(_, folder)| below(folder))
}

/// The variables of a build: the environment's, and what keeps time, chance and the machine out of it.
pub(super) fn environment(ground: &Ground<'_>, version: Option<&str>) -> Environment {
    let mut env = usual_environment(ground.env);
    let fixed = [
        ("HOME", inside("home")),
        ("TMPDIR", inside("home/tmp")),
        ("LC_ALL", "C.UTF-8".into()),
        ("SOURCE_DATE_EPOCH", EPOCH.into()),
        ("PYTHONHASHSEED", "0".into()),
        ("PYTHONNOUSERSITE", "1".into()),
        ("PIP_NO_INDEX", "1".into()),
    ];
    env.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    // Some backends ask git's history for the version, which is not here.
    let told = version.into_iter().flat_map(|version| TOLD.map(|name| (name.to_owned(), version.to_owned())));
    env.extend(told);
    if let Some(site) = site_inside(ground) {
        put_first(&mut env, "PYTHONPATH", site);
        put_first(&mut env, "PATH", format!("{}{}/bin", inside("site"), ground.prefix));
    }
    env
}

fn put_first(env: &mut Environment, name: &str, folder: String) {
    let value = match env.get(name).filter(|value| !value.is_empty()) {
        Some(others) => format!("{folder}:{others}"),
        None => folder,
    };
    env.insert(name.to_owned(), value);
}
