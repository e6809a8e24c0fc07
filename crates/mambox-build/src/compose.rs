//! The layers that follow from a lock, and what makes the environment active: the same for a build and for the
//! verification of one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mambox_activate::{Activation, Captured, Document, Environment, Mode};
use mambox_env::Lock;
use mambox_layer::{LayerOptions, PycPolicy};
use mambox_oci::{Image, Layer};
use mambox_resolve::Resolver;
use mambox_transport::UploadQueue;

use crate::base::BaseFacts;
use crate::package_layers::{PackageLayers, Packages, package_layers};
use crate::pip::ReadyWheel;
use crate::recipe::BuiltWheel;
use crate::root::LazyRoot;
use crate::script_shell::ScriptShell;
use crate::wheels::{Wheels, built, wheels};
use crate::{
    ActivationMode, BuildError, Context, PipOptions, ScriptRequest, capture, imports, link_scripts, pyc,
};

/// Everything that decides the layers and the activation.
pub(crate) struct Inputs<'a> {
    /// The base with the foundation, and with other environments; of its configuration only the variables in
    /// `base_env` count.
    pub(crate) base: &'a Image,
    /// The variables of the base's configuration.
    pub(crate) base_env: &'a [(String, String)],
    /// What is known of the base's files.
    pub(crate) facts: &'a BaseFacts,
    /// What `CONDA_DEFAULT_ENV` says.
    pub(crate) name: &'a str,
    /// Whether it is active in the image, or only a choice of the entrypoint's.
    pub(crate) is_active: bool,
    /// The packages.
    pub(crate) lock: &'a Lock,
    /// What becomes of distributions of PyPI's kind.
    pub(crate) pip: &'a PipOptions,
    /// How they become layers.
    pub(crate) options: &'a LayerOptions,
    /// Whether `.pyc` files that cannot be made are an error.
    pub(crate) needs_pyc: bool,
    /// Whether python modules are imported once, where something was left out to save space.
    pub(crate) imports: bool,
    /// What becomes of their scripts.
    pub(crate) scripts: ScriptRequest,
    /// Variables of the environment.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// Variables that the image is to have besides.
    pub(crate) env: &'a [(String, String)],
    /// Where the packages' layers are wanted as soon as they are there.
    pub(crate) queue: &'a UploadQueue,
}

/// What came of it.
pub(crate) struct Composed {
    /// The layers of the packages, and what is known of them.
    pub(crate) packages: PackageLayers,
    /// The layers of ours below the environment's records, bottom first, without the foundation.
    pub(crate) layers: Vec<Layer>,
    /// How the environment becomes active.
    pub(crate) active: Active,
    /// The wheels that were built from sources.
    pub(crate) built: BTreeMap<String, BuiltWheel>,
}

/// How the environment of an image becomes active.
pub(crate) struct Active {
    /// The variables; of no use where nothing is to be active.
    pub(crate) activation: Activation,
    /// Whether the image has them, or only the entrypoint can set them.
    pub(crate) is_active: bool,
    /// `--activation`.
    pub(crate) mode: ActivationMode,
    /// What became of `activate.d` scripts; `None` where there are none.
    pub(crate) document: Option<Document>,
}

impl Active {
    /// The variables, unless they are not to be active.
    pub(crate) fn activation(&self) -> Option<&Activation> {
        (self.is_active && self.mode != ActivationMode::None).then_some(&self.activation)
    }

    /// Whether some scripts have to run at each start.
    pub(crate) fn needs_entrypoint(&self) -> bool {
        self.document.as_ref().is_some_and(|document| match document.mode {
            Mode::Captured => !document.captured.dynamic.is_empty(),
            Mode::Entrypoint => !document.scripts.is_empty(),
            Mode::None => false,
        })
    }
}

/// Makes the layers. `folders` are channel folders to look for packages in, besides their URLs.
pub(crate) async fn compose(
    inputs: &Inputs<'_>,
    resolver: &Resolver,
    folders: &[PathBuf],
    context: &Context,
) -> Result<Composed, BuildError> {
    let compression = inputs.options.compression;
    let prefix = inputs.options.prefix.as_str();
    let Wheels { ready: wheels, new } = wheels(inputs, resolver, folders, context).await?;
    let mut packages =
        packages(inputs, inputs.options, &wheels, inputs.queue, resolver, folders, context).await?;
    packages.new = (packages.new + new).min(packages.layers.len());
    let mut layers = packages.layers.clone();
    let activation = Activation::new(prefix, inputs.name, packages.facts.variables.clone(), inputs.variables);
    let env = variables(inputs, &activation);
    let shell = ScriptShell::of(inputs.facts, inputs.lock, prefix);
    let mut root = LazyRoot::default();
    let ground = link_scripts::Ground {
        image: &inputs.base.with_layers(&layers)?,
        lock: inputs.lock,
        prefix,
        env: &env,
        shell: shell.as_ref(),
        compression,
    };
    let wish = inputs.scripts.link_scripts;
    layers
        .extend(link_scripts::layer(&packages.facts.link_scripts, wish, &ground, &mut root, context).await?);
    let ground = capture::Ground {
        image: &inputs.base.with_layers(&layers)?,
        prefix,
        env: &env,
        shell: shell.as_ref(),
    };
    let document =
        document(&packages.facts.scripts, inputs.scripts.activation, &ground, &mut root, context).await?;
    let activation = match &document {
        Some(document) => activation.with_captured(&document.captured),
        None => activation,
    };
    check_imports(inputs, ground.image, &activation, &mut root, context).await?;
    let active =
        Active { activation, is_active: inputs.is_active, mode: inputs.scripts.activation, document };
    Ok(Composed { packages, layers, active, built: built(inputs.lock, &wheels) })
}

/// Imports every module once, where something was left out to save space.
async fn check_imports(
    inputs: &Inputs<'_>,
    image: &Image,
    activation: &Activation,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<(), BuildError> {
    if !inputs.imports || inputs.options.slim.is_none() {
        return Ok(());
    }
    let ground = imports::Ground {
        image,
        lock: inputs.lock,
        libc: &inputs.facts.libc,
        prefix: inputs.options.prefix.as_str(),
        env: &variables(inputs, activation),
        slim: inputs.options.slim,
    };
    imports::check(&ground, root, context).await
}

/// The packages' layers; without `.pyc` files where these cannot be made and need not be there.
pub(crate) async fn packages(
    inputs: &Inputs<'_>,
    options: &LayerOptions,
    wheels: &[ReadyWheel],
    queue: &UploadQueue,
    resolver: &Resolver,
    folders: &[PathBuf],
    context: &Context,
) -> Result<PackageLayers, BuildError> {
    let layers = async |options: &LayerOptions| {
        let (lock, wheels_win) = (inputs.lock, inputs.pip.wins);
        let packages = Packages { lock, wheels, wheels_win, options, folders };
        package_layers(inputs.base, &packages, resolver, queue, context).await
    };
    match layers(options).await {
        Err(BuildError::NoPyc { reason }) if !inputs.needs_pyc => {
            context.on().warn(pyc::left_out(&reason));
            layers(&LayerOptions { pyc: PycPolicy::Off, ..options.clone() }).await
        }
        result => result,
    }
}

/// Without a locale, programs fall back to ASCII; C.UTF-8 is built into glibc and musl alike.
pub(crate) fn default_locale(base: &[(String, String)]) -> Option<(String, String)> {
    let set = base.iter().any(|(name, _)| matches!(name.as_str(), "LANG" | "LC_ALL"));
    (!set).then(|| ("LANG".into(), "C.UTF-8".into()))
}

/// What a container's first process finds, but for what scripts change.
pub(crate) fn variables(inputs: &Inputs<'_>, activation: &Activation) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = inputs.base_env.iter().cloned().collect();
    all.extend(default_locale(inputs.base_env));
    let path = all.get("PATH").cloned();
    all.extend(activation.env(path.as_deref()));
    all.extend(inputs.env.iter().cloned());
    all.into_iter().collect()
}

async fn document(
    scripts: &[String],
    mode: ActivationMode,
    ground: &capture::Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<Option<Document>, BuildError> {
    if scripts.is_empty() {
        return Ok(None);
    }
    let bare = |mode| Document::new(mode, scripts.to_vec(), &Environment::new(), Captured::default());
    Ok(Some(match mode {
        ActivationMode::Captured => capture::captured(scripts, ground, root, context).await?,
        ActivationMode::Entrypoint => bare(Mode::Entrypoint),
        ActivationMode::None => bare(Mode::None),
    }))
}
