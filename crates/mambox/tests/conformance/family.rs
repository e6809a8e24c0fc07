//! Images of the micromamba family, made by hand: a base, an environment, and the programs for inside an image.

use std::sync::Mutex;

use mambox_conformance::{Engine, EngineError, Image, unique};

use crate::bases::Base;
use crate::environments::PREFIX;
use crate::family_files::{dockerfile, lay_programs, program};

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
        let init = program("MAMBOX_INIT", &what)?;
        let context = tempfile::tempdir().expect("a temporary folder");
        lay_programs(context.path(), &init);
        Some(Self { base, context, imported: Mutex::default() })
    }

    /// An image of the family with the environment of an image that `mambox build` made.
    pub(crate) fn image(&self, built: &Image) -> Result<Image, EngineError> {
        let engine = built.engine();
        let environment = format!("COPY --from={} {PREFIX} {PREFIX}", built.name());
        self.made(engine, &[&environment])
    }

    /// An image of the family with an empty environment.
    pub(crate) fn empty(&self, engine: Engine) -> Result<Image, EngineError> {
        self.made(engine, &[])
    }

    fn made(&self, engine: Engine, copies: &[&str]) -> Result<Image, EngineError> {
        let dockerfile = dockerfile(&self.imported(engine)?, copies);
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
