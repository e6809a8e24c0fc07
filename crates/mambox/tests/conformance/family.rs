//! Images of the micromamba family, made by hand: a base, an environment, and the programs for inside an image.

use std::path::Path;
use std::sync::Mutex;

use mambox_conformance::{Engine, EngineError, Image, unique};

use crate::bases::Base;
use crate::engines::skip;
use crate::environments::PREFIX;
use crate::workshop::init;

/// The names of the program for inside an image. Each is a copy, as where it is copied alone into a foreign image.
const PROGRAMS: [&str; 4] = [
    "_entrypoint.sh",
    "_dockerfile_shell.sh",
    "_dockerfile_initialize_user_accounts.sh",
    "_dockerfile_setup_root_prefix.sh",
];

/// What bash sources.
const SOURCED: &str = "_activate_current_env.sh";

/// A base that images of the family stand on.
pub(crate) struct FamilyBase<'a> {
    base: &'a Base,
    /// The folder with the programs, a Dockerfile's context.
    context: tempfile::TempDir,
    /// The base as the engines have it; imported for the first environment.
    imported: Mutex<Vec<Image>>,
}

impl<'a> FamilyBase<'a> {
    /// None where the program is not there, which is said.
    pub(crate) fn new(base: &'a Base) -> Option<Self> {
        let what = format!("the micromamba family on {}", base.name);
        let Some(program) = init() else {
            skip(&what, "MAMBOX_INIT names no program for inside an image");
            return None;
        };
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mambox-init/scripts");
        let places = [program.with_file_name(SOURCED), checkout.join(SOURCED)];
        let Some(sourced) = places.iter().find(|path| path.is_file()) else {
            skip(&what, &format!("{SOURCED} is neither beside MAMBOX_INIT nor in {}", checkout.display()));
            return None;
        };
        let context = tempfile::tempdir().expect("a temporary folder");
        let folder = context.path().join("bin");
        std::fs::create_dir(&folder).expect("a folder");
        for name in PROGRAMS {
            copy(&program, &folder.join(name));
        }
        copy(sourced, &folder.join(SOURCED));
        Some(Self { base, context, imported: Mutex::default() })
    }

    /// An image of the family with the environment of an image that `mambox build` made.
    pub(crate) fn image(&self, built: &Image) -> Result<Image, EngineError> {
        let engine = built.engine();
        let dockerfile = dockerfile(&self.imported(engine)?, built.name());
        engine.build(&dockerfile, Some(self.context.path()), &format!("localhost/{}:1", unique("family")))
    }

    /// The name of the base in an engine.
    fn imported(&self, engine: Engine) -> Result<String, EngineError> {
        let find = |images: &[Image]| {
            images.iter().find(|image| image.engine() == engine).map(|image| image.name().to_owned())
        };
        if let Some(name) = find(&self.imported.lock().expect("no thread panicked")) {
            return Ok(name);
        }
        let image = engine.import(&self.base.path, &format!("localhost/{}:1", unique("base")))?;
        let name = image.name().to_owned();
        self.imported.lock().expect("no thread panicked").push(image);
        Ok(name)
    }
}

/// As the family's own images are made.
fn dockerfile(base: &str, built: &str) -> String {
    format!(
        r#"FROM {base}
ENV MAMBA_USER=mambauser MAMBA_USER_ID=57439 MAMBA_USER_GID=57439 LANG=C.UTF-8 LC_ALL=C.UTF-8
ENV ENV_NAME=base MAMBA_ROOT_PREFIX={PREFIX} MAMBA_EXE=/bin/micromamba
COPY --from={built} {PREFIX} {PREFIX}
COPY bin/ /usr/local/bin/
RUN ["/usr/local/bin/_dockerfile_initialize_user_accounts.sh"]
RUN ["/usr/local/bin/_dockerfile_setup_root_prefix.sh"]
USER mambauser
WORKDIR /tmp
SHELL ["/usr/local/bin/_dockerfile_shell.sh"]
ENTRYPOINT ["/usr/local/bin/_entrypoint.sh"]
CMD ["/bin/bash"]
"#
    )
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}
