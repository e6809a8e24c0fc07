//! The layers of an image, from the base to the files of the application.

use mambox_oci::{Digest, Image, Layer};
use mambox_resolve::Resolver;
use mambox_transport::UploadQueue;

use super::prepare::{Base, Ready};
use crate::assemble::{Parts, assemble};
use crate::compose::{Composed, Inputs, compose};
use crate::created::created;
use crate::entry_program::EntryProgram;
use crate::essence::essence;
use crate::recipe::{BaseRecord, Recipe};
use crate::{BuildError, BuildRequest, Context, application, foundation, paths, records};

/// The environments of an image.
pub(super) struct Environments<'a> {
    /// The one that is active unless `ENV_NAME` says otherwise.
    pub(super) active: &'a Ready,
    /// Those that `ENV_NAME` can choose besides. They lie below the active one.
    pub(super) others: &'a [Ready],
}

impl Environments<'_> {
    /// All of them, bottom first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Ready> {
        self.others.iter().chain([self.active])
    }
}

/// A finished image.
pub(super) struct Stacked {
    pub(super) image: Image,
    /// What came of each environment, bottom first.
    pub(super) composed: Vec<Composed>,
}

/// Puts base, foundation, environments and files on one another.
pub(super) async fn stack(
    request: &BuildRequest,
    base: &Base,
    environments: &Environments<'_>,
    resolver: &Resolver,
    queue: &UploadQueue,
    context: &Context,
) -> Result<Stacked, BuildError> {
    let compression = request.compression();
    let created = created(request.source_date_epoch, environments.all().map(|ready| &ready.locked.lock));
    let default_user = request.image.user.is_none();
    let mut work = Work {
        request,
        base,
        created,
        others: Vec::new(),
        record: base.record.clone(),
        image: base.image.with_layers(&[foundation::layer(&base.facts, default_user, compression)?])?,
        resolver,
        queue,
        context,
    };
    let mut all = Vec::new();
    for other in environments.others {
        let composed = work.compose(other, false).await?;
        let recipe = work.recipe(other, &composed, None);
        work.add(&composed.layers)?;
        work.add(&[records::layer(&other.locked.lock, &recipe, &composed.active, compression)?])?;
        // What is there now is the base of the next environment, as far as its recipe is concerned.
        work.record = BaseRecord { diff_ids: work.image.config().diff_ids(), ..work.record };
        work.others.push(other.name.clone());
        all.push(composed);
    }
    let composed = work.compose(environments.active, true).await?;
    let image = work.finish(environments, &composed).await?;
    all.push(composed);
    Ok(Stacked { image, composed: all })
}

/// What the steps share.
struct Work<'a> {
    request: &'a BuildRequest,
    base: &'a Base,
    created: i64,
    /// Names of the environments that are made.
    others: Vec<String>,
    /// What the next environment's recipe calls its base.
    record: BaseRecord,
    /// As far as it is made, with the base's configuration.
    image: Image,
    resolver: &'a Resolver,
    queue: &'a UploadQueue,
    context: &'a Context,
}

impl Work<'_> {
    fn add(&mut self, layers: &[Layer]) -> Result<(), BuildError> {
        self.image = self.image.with_layers(layers)?;
        Ok(())
    }

    async fn compose(&self, ready: &Ready, is_active: bool) -> Result<Composed, BuildError> {
        let inputs = Inputs {
            base: &self.image,
            base_env: &self.base.record.env,
            facts: &self.base.facts,
            name: &ready.name,
            is_active,
            lock: &ready.locked.lock,
            options: &ready.options,
            pip: &ready.pip,
            needs_pyc: false,
            imports: self.request.layers.slim_check,
            scripts: self.request.scripts,
            variables: &ready.locked.variables,
            env: &self.request.image.env,
            queue: self.queue,
        };
        compose(&inputs, self.resolver, &[], self.context).await
    }

    /// Entrypoint, records and files of the application on top, and the configuration.
    async fn finish(
        mut self,
        environments: &Environments<'_>,
        composed: &Composed,
    ) -> Result<Image, BuildError> {
        let (request, ready, prefix) =
            (self.request, environments.active, environments.active.options.prefix.as_str());
        let compression = request.compression();
        self.add(&composed.layers)?;
        let several = !environments.others.is_empty();
        let program = match several || composed.active.needs_entrypoint() {
            true => Some(EntryProgram::find(&self.image.platform(), self.context)?),
            false => None,
        };
        if let Some(program) = &program {
            self.add(&[program.layer(&self.base.facts, compression)?])?;
        }
        let choice = if several { choice(&ready.name, prefix) } else { Vec::new() };
        let parts = Parts {
            base: &self.image,
            base_record: &self.base.record,
            layers: &[],
            shell: self.base.facts.shell.as_deref(),
            prefix,
            active: &composed.active,
            entered: program.is_some(),
            choice: &choice,
            options: &request.image,
            name: ready.locked.name.as_deref(),
            created: self.created,
        };
        let mut recipe = self.recipe(ready, composed, program.as_ref().map(EntryProgram::digest));
        recipe.configuration = essence(assemble(&parts)?.config());
        let mut layers = vec![records::layer(&ready.locked.lock, &recipe, &composed.active, compression)?];
        let image = self.image.with_layers(&layers)?;
        let without_packages = self.base.image.layers().len() + 1;
        let below = application::Below { image: &image, without_packages, prefix };
        let copies = &request.image.copies;
        layers.extend(application::layer(copies, &below, self.created, compression, self.context).await?);
        assemble(&Parts { layers: &layers, ..parts })
    }

    fn recipe(&self, ready: &Ready, composed: &Composed, entry_program: Option<Digest>) -> Recipe {
        let request = self.request;
        Recipe {
            format: Recipe::current_format(),
            name: ready.name.clone(),
            others: self.others.clone(),
            prefix: ready.options.prefix.as_str().into(),
            max_layers: ready.options.max_layers,
            compression: request.layers.compression.to_string(),
            entry_program,
            scripts: request.scripts,
            pyc: composed.packages.pyc,
            slim: request.layers.slim,
            pip_override: ready.pip.wins && !ready.locked.lock.pip().is_empty(),
            built_wheels: composed.built.clone(),
            base: self.record.clone(),
            variables: ready.locked.variables.clone(),
            env: request.image.env.clone(),
            specs: ready.locked.specs.clone(),
            created: self.created,
            configuration: Default::default(),
        }
    }
}

/// By what the entrypoint knows the environments, as in images of the micromamba family.
fn choice(name: &str, prefix: &str) -> Vec<(String, String)> {
    let root = paths::root_of(name, prefix);
    vec![("ENV_NAME".into(), name.into()), ("MAMBA_ROOT_PREFIX".into(), root.into())]
}
