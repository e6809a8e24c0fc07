//! The environment's description becomes a lock, whatever its form.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use std::collections::BTreeMap;

use mambox_env::{
    DEFAULT_ENVIRONMENT, EnvSpec, ExplicitFile, ExplicitPackage, InputKind, Lock, LockFile, LockSelection,
    MAX_LOCK_SIZE, VirtualPackageFacts,
};
use mambox_pip::Uv;
use mambox_resolve::Resolver;
use rattler_conda_types::Subdir;

use crate::pip::{self, Section};
use crate::request::{EnvironmentRequest, Input, PipOptions};
use crate::{BuildError, Context};

/// A description that was read but not yet looked at for one platform.
#[derive(Debug)]
pub(crate) struct Description {
    /// Its name in messages.
    file: String,
    /// The folder that relative paths in it start from.
    folder: Option<PathBuf>,
    body: Body,
    environment: Option<String>,
    pip: PipOptions,
}

#[derive(Debug)]
enum Body {
    Yaml(String),
    SpecList(String),
    Specs(Vec<String>),
    Lock(String),
    CondaLock(String),
    Explicit(ExplicitFile),
}

/// A locked environment.
#[derive(Debug)]
pub(crate) struct Locked {
    /// The packages.
    pub(crate) lock: Lock,
    /// What the file calls it.
    pub(crate) name: Option<String>,
    /// Variables of its own.
    pub(crate) variables: BTreeMap<String, String>,
    /// What was asked for; empty where a lock was given.
    pub(crate) specs: Vec<String>,
}

impl Description {
    /// Reads the description and tells its kind.
    pub(crate) async fn read(
        request: &EnvironmentRequest,
        resolver: &Resolver,
        context: &Context,
    ) -> Result<Self, BuildError> {
        let (file, folder, bytes) = match &request.input {
            Input::Specs(specs) => {
                let body = Body::Specs(specs.clone());
                let pip = request.pip.clone();
                return Ok(Self { file: "--package".into(), folder: None, body, environment: None, pip });
            }
            Input::File(path) => {
                let folder = context.resolve.base_dir.join(path.parent().unwrap_or(Path::new("")));
                (path.display().to_string(), Some(folder), read_bounded(path)?)
            }
            Input::Url(url) => {
                let name = mambox_env::strip_credentials(url).to_string();
                (name, None, resolver.document(url, MAX_LOCK_SIZE as u64).await?)
            }
        };
        let kind = InputKind::detect(&file, &bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = match kind {
            InputKind::EnvironmentYaml => Body::Yaml(text),
            InputKind::SpecList => Body::SpecList(text),
            InputKind::RattlerLock => Body::Lock(text),
            InputKind::CondaLock => Body::CondaLock(text),
            InputKind::Explicit => Body::Explicit(ExplicitFile::from_text(&text, &file, folder.as_deref())?),
        };
        let (environment, pip) = (request.environment.clone(), request.pip.clone());
        Ok(Self { file, folder, body, environment, pip })
    }

    /// Whether the packages are named already, so that nothing has to be solved.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self.body, Body::Lock(_) | Body::CondaLock(_) | Body::Explicit(_))
    }

    /// Locks the environment for one platform. `facts` describe the base.
    pub(crate) async fn lock(
        &self,
        platform: Subdir,
        facts: &VirtualPackageFacts,
        resolver: &Resolver,
        context: &Context,
    ) -> Result<Locked, BuildError> {
        match &self.body {
            Body::Lock(text) => self.take_lock_file(text, platform),
            Body::CondaLock(text) => {
                let bare = self.take_lock_file(text, platform)?;
                // The format leaves out most of a record (constraints, licence, time): the archives have it.
                let packages: Vec<_> = bare.lock.packages().iter().map(ExplicitPackage::from).collect();
                let lock = resolver.explicit(&packages, platform, context.on()).await?;
                let lock = lock.with_pip(bare.lock.pip().to_vec())?;
                Ok(Locked { lock, ..bare })
            }
            Body::Explicit(explicit) => self.take_explicit(explicit, platform, resolver, context).await,
            Body::Yaml(_) | Body::SpecList(_) | Body::Specs(_) => {
                let spec = self.spec(platform, context)?;
                // Before a solve that may take its time.
                let uv = match spec.pip.is_empty() {
                    true => None,
                    false => Some(pip::find_uv(&self.pip, context).await?),
                };
                let lock = resolver.lock(&spec, facts, context.on()).await?;
                let lock = match &uv {
                    None => lock,
                    Some(uv) => self.with_pip(lock, &spec.pip, uv, facts, resolver, context).await?,
                };
                // What is asked for does not depend on the order of asking.
                let mut specs: Vec<String> = spec.specs.iter().map(ToString::to_string).collect();
                specs.sort();
                Ok(Locked { lock, name: spec.name, variables: spec.variables, specs })
            }
        }
    }

    /// The lock with what the `pip:` section asks for.
    async fn with_pip(
        &self,
        lock: Lock,
        requirements: &[String],
        uv: &Uv,
        facts: &VirtualPackageFacts,
        resolver: &Resolver,
        context: &Context,
    ) -> Result<Lock, BuildError> {
        let section = Section {
            file: &self.file,
            folder: self.folder.as_deref().unwrap_or(&context.resolve.base_dir),
            requirements,
            lock: &lock,
            facts,
            no_build: self.pip.no_build,
            uv,
        };
        pip::resolve(&section, resolver, context).await
    }

    /// What is asked for on one platform: `sel()` may make it differ.
    fn spec(&self, platform: Subdir, context: &Context) -> Result<EnvSpec, BuildError> {
        let mut spec = match &self.body {
            Body::Yaml(text) => {
                let lookup = |name: &str| context.variables.get(name).cloned();
                let file = EnvSpec::from_yaml(text, &self.file, platform, &lookup)?;
                file.warnings.into_iter().for_each(|warning| context.on().warn(warning));
                file.spec
            }
            Body::SpecList(text) => EnvSpec::from_spec_list(text, &self.file)?,
            _ => EnvSpec::default(),
        };
        if let Body::Specs(specs) = &self.body {
            specs.iter().try_for_each(|text| spec.add_spec(text, &self.file))?;
        }
        // A channel that is a path belongs to the file that names it.
        if let Some(folder) = &self.folder {
            for channel in &mut spec.channels {
                if channel.starts_with("./") || channel.starts_with("../") {
                    *channel = folder.join(&*channel).display().to_string();
                }
            }
        }
        Ok(spec)
    }

    fn take_lock_file(&self, text: &str, platform: Subdir) -> Result<Locked, BuildError> {
        let selection = LockSelection {
            environment: self.environment.clone().unwrap_or_else(|| DEFAULT_ENVIRONMENT.into()),
            platforms: vec![platform],
            base_dir: self.folder.clone(),
            ..LockSelection::default()
        };
        let file = LockFile::from_text(text, &self.file, &selection)?;
        let lock =
            file.lock(platform).cloned().ok_or_else(|| self.wrong_platform("other platforms", platform))?;
        // "default" is no name of anybody's choice.
        let name = Some(file.environment().to_owned()).filter(|name| name != DEFAULT_ENVIRONMENT);
        Ok(Locked { lock, name, variables: BTreeMap::new(), specs: Vec::new() })
    }

    async fn take_explicit(
        &self,
        explicit: &ExplicitFile,
        platform: Subdir,
        resolver: &Resolver,
        context: &Context,
    ) -> Result<Locked, BuildError> {
        if let Some(has) = explicit.platform.filter(|has| *has != platform) {
            return Err(self.wrong_platform(has.as_str(), platform));
        }
        explicit.check_hashes(&self.file)?;
        let lock = resolver.explicit(&explicit.packages, platform, context.on()).await?;
        Ok(Locked { lock, name: None, variables: BTreeMap::new(), specs: Vec::new() })
    }

    fn wrong_platform(&self, has: &str, wanted: Subdir) -> BuildError {
        BuildError::InputPlatform { file: self.file.clone(), has: has.into(), wanted: wanted.to_string() }
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |e| BuildError::io("cannot read", path, e);
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(failed)?.take(MAX_LOCK_SIZE as u64 + 1);
    file.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_LOCK_SIZE {
        return Err(BuildError::io("cannot use", path, std::io::Error::other("it is larger than 64 MiB")));
    }
    Ok(bytes)
}
