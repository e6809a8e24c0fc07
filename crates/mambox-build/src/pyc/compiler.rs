//! The compiler: python of the environment, in the sandbox, one process for each package.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mambox_env::Lock;
use mambox_layer::{Compile, CompileError, LayerError, LayerOptions, PySource, Python};
use mambox_oci::Image;
use mambox_sandbox::{Finished, Limits, Sandbox, SandboxError, Task};
use tokio::runtime::Handle;

use super::protocol::{self, WORKER, Wrong};
use super::python_root::PythonRoot;
use crate::cancel::Cancelled;
use crate::package_file::PackageFile;
use crate::{BuildError, Context};

/// For one package: the largest have some ten thousand files.
const LIMITS: Limits = Limits { time: Duration::from_secs(30 * 60), stdout: 512 << 20, stderr: 1 << 20 };

type Results = Vec<Result<Vec<u8>, String>>;

/// Compiles sources with an environment's python, which is unpacked at the first call.
pub(crate) struct Compiler {
    context: Context,
    runtime: Handle,
    cancelled: Cancelled,
    program: String,
    tag: String,
    state: Mutex<State>,
    trouble: Mutex<Option<Trouble>>,
}

/// Why nothing was compiled.
pub(crate) enum Trouble {
    /// Python cannot run on this machine, or on this base.
    Unavailable(String),
    /// Something else went wrong.
    Failed(BuildError),
}

struct State {
    root: PythonRoot,
    ready: Option<Arc<Ready>>,
}

struct Ready {
    sandbox: Sandbox,
    files: PathBuf,
}

impl Compiler {
    /// For the python of `lock`, whose archives `packages` are, in its order. Within an asynchronous runtime.
    pub(crate) fn new(
        base: &Image,
        lock: &Lock,
        packages: &[PackageFile],
        options: &LayerOptions,
        cancelled: Cancelled,
        context: &Context,
    ) -> Result<Option<Self>, BuildError> {
        let Some(python) = lock.package("python") else { return Ok(None) };
        let version = Python::of(&python.record).map_err(LayerError::from)?.version;
        let root = PythonRoot::new(base, lock, packages, options)?;
        Ok(Some(Self {
            context: context.with_cache(&context.cache_dir),
            runtime: Handle::current(),
            cancelled,
            program: format!("{}/bin/python{version}", options.prefix.as_str()),
            tag: format!("cpython-{}", version.replace('.', "")),
            state: Mutex::new(State { root, ready: None }),
            trouble: Mutex::new(None),
        }))
    }

    /// What went wrong first, if anything did.
    pub(crate) fn take_trouble(&self) -> Option<Trouble> {
        locked(&self.trouble).take()
    }

    /// Sandbox and python; the first to ask prepares them, and others wait.
    fn ready(&self) -> Result<Arc<Ready>, Trouble> {
        let mut state = locked(&self.state);
        if let Some(ready) = &state.ready {
            return Ok(ready.clone());
        }
        if let Some(trouble) = &*locked(&self.trouble) {
            return Err(trouble.again());
        }
        let sandbox = Sandbox::find(&self.context.search_path).map_err(of_sandbox)?;
        let files = self.runtime.block_on(async {
            tokio::select! {
                files = state.root.files(&self.context) => files,
                () = self.cancelled.wait() => Err(BuildError::Worker("unpacking python")),
            }
        });
        let ready = Arc::new(Ready { sandbox, files: files.map_err(Trouble::Failed)? });
        state.ready = Some(ready.clone());
        Ok(ready)
    }

    fn try_compile(&self, sources: &[PySource]) -> Result<Results, Trouble> {
        let input = protocol::request(sources).ok_or_else(|| failed("a source is too large".into()))?;
        let ready = self.ready()?;
        let stop = || self.cancelled.is_set();
        // Not -I, with which python would not read PYTHONHASHSEED; there is no other variable.
        let arguments = ["-s", "-S", "-B", "-W", "ignore", "-c", WORKER];
        let task = Task {
            args: arguments.map(str::to_owned).into(),
            env: vec![("PYTHONHASHSEED".to_owned(), "0".to_owned())],
            read_only: true,
            input,
            limits: LIMITS,
            stop: Some(&stop),
            ..Task::new(&ready.files, &self.program)
        };
        let finished = ready.sandbox.run(&task).map_err(of_sandbox)?;
        self.read(&finished, sources)
    }

    fn read(&self, finished: &Finished, sources: &[PySource]) -> Result<Results, Trouble> {
        let last = || {
            let text = String::from_utf8_lossy(&finished.stderr);
            let line = text.trim_end().lines().next_back().unwrap_or_default();
            format!("exit code {}: {line}", finished.code)
        };
        match protocol::answer(&finished.stdout, sources.len()) {
            Ok(answer) if answer.tag != self.tag => Err(Trouble::Unavailable(format!(
                "the environment's python names such files {} and not {}",
                answer.tag, self.tag
            ))),
            Ok(answer) if finished.success() => Ok(answer.results),
            Err(Wrong::Silent) => Err(Trouble::Unavailable(format!(
                "the environment's python does not run on this base ({})",
                last()
            ))),
            Err(Wrong::Cut { done }) if done < sources.len() => {
                Err(failed(format!("python ended at {} ({})", sources[done].path, last())))
            }
            Ok(_) | Err(Wrong::Cut { .. }) => Err(failed(format!("python ended badly ({})", last()))),
        }
    }
}

impl Compile for Compiler {
    fn compile(&self, sources: &[PySource]) -> Result<Results, CompileError> {
        self.try_compile(sources).map_err(|trouble| {
            let error = CompileError::new(trouble.reason());
            locked(&self.trouble).get_or_insert(trouble);
            error
        })
    }
}

impl Trouble {
    fn reason(&self) -> String {
        match self {
            Self::Unavailable(reason) => reason.clone(),
            Self::Failed(error) => error.to_string(),
        }
    }

    /// For those who come second.
    fn again(&self) -> Self {
        match self {
            Self::Unavailable(reason) => Self::Unavailable(reason.clone()),
            Self::Failed(error) => failed(error.to_string()),
        }
    }
}

fn failed(reason: String) -> Trouble {
    Trouble::Failed(BuildError::Compile { reason })
}

/// No sandbox and no python that starts are facts of this machine and base; anything else is a failure.
fn of_sandbox(error: SandboxError) -> Trouble {
    match error {
        SandboxError::NotLinux | SandboxError::NotFound | SandboxError::NotPermitted { .. } => {
            Trouble::Unavailable(error.to_string())
        }
        // The folder is a temporary one, and says nothing to anybody.
        SandboxError::Program { program, said, .. } => {
            Trouble::Unavailable(format!("{program} of the environment does not start on this base ({said})"))
        }
        source => Trouble::Failed(BuildError::Sandbox { what: "python".into(), source }),
    }
}

/// A thread that panicked left nothing half-done in what these locks hold.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
