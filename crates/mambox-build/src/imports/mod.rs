//! After slimming: every python module of the environment is imported once, in the sandbox, by the environment's python.
//!
//! An import that fails counts against slimming where the error, or one behind it, names a module or file that a policy
//! leaves out. Any other is none of ours (a module may want a display, or a setting), and is only told. What came of it
//! is remembered by the layers; the image does not depend on it.

mod failure;

use std::time::Duration;

use mambox_env::{Libc, Lock};
use mambox_layer::{LayerError, Python, SlimPolicies};
use mambox_oci::Image;
use mambox_progress::{Outcome, Stage, Unit};
use mambox_sandbox::Limits;

use crate::cancel::CancelOnDrop;
use crate::environment_facts::FactsCache;
use crate::root::LazyRoot;
use crate::sandboxed::{self, Run};
use crate::script_shell::{self, usual_environment};
use crate::{BuildError, Context, pyc};
use failure::{Failure, Report};

/// What python is told to do.
const WORKER: &str = include_str!("worker.py");
/// For all modules together.
const TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Modules that a warning names.
const NAMED: usize = 5;
/// Neither root nor anybody.
const ID: u32 = 57_001;

/// What the modules are imported on.
pub(crate) struct Ground<'a> {
    /// Everything below the environment's records.
    pub(crate) image: &'a Image,
    pub(crate) lock: &'a Lock,
    /// The base's.
    pub(crate) libc: &'a Libc,
    /// Absolute.
    pub(crate) prefix: &'a str,
    /// What a container's first process finds.
    pub(crate) env: &'a [(String, String)],
    pub(crate) slim: SlimPolicies,
}

/// Imports the modules, or remembers what came of it.
///
/// # Errors
/// [`BuildError::SlimImport`] where a module misses what was left out.
pub(crate) async fn check(
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<(), BuildError> {
    let Some(package) = ground.lock.package("python") else { return Ok(()) };
    let python = Python::of(&package.record).map_err(LayerError::from)?;
    let remembered = FactsCache::new(&context.cache_dir);
    let how = format!("imports 1 {} {}", ground.prefix, ground.slim);
    let key = script_shell::key(&how, ground.image, std::iter::empty(), ground.env);
    let report = match remembered.recall::<Report>(key) {
        Some(report) => report,
        None => match run(&python, ground, root, context).await {
            Ok(report) => {
                // Time is no property of the image: what took too long is tried again.
                if !report.failures.iter().any(|failure| failure.late) {
                    remembered.put(key, &report);
                }
                report
            }
            Err(Trouble::Unavailable(why)) => {
                context.on().note(format!("python modules are not imported to try what is left: {why}"));
                return Ok(());
            }
            Err(Trouble::Odd(what)) => {
                context.on().warn(format!("python modules are not imported to try what is left: {what}"));
                return Ok(());
            }
            Err(Trouble::Failed(error)) => return Err(error),
        },
    };
    judge(&report, &python, ground, context)
}

enum Trouble {
    /// Python cannot run here.
    Unavailable(String),
    /// It runs, but does not come to the end of the modules.
    Odd(String),
    Failed(BuildError),
}

/// No sandbox and no python that starts are facts of machine and base.
impl From<BuildError> for Trouble {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Sandbox { source, .. } => Self::Unavailable(source.to_string()),
            BuildError::CannotRun { program, said, .. } => Self::Unavailable(format!(
                "{program} of the environment does not start on this base ({said})"
            )),
            error => Self::Failed(error),
        }
    }
}

async fn run(
    python: &Python,
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<Report, Trouble> {
    let platform = ground.image.platform();
    if let Some(why) = pyc::cannot_run(&pyc::Ground { platform: &platform, libc: ground.libc }) {
        return Err(Trouble::Unavailable(why));
    }
    if !python.can_make_pyc() {
        return Err(Trouble::Unavailable(format!("python {} is too old for it; 3.7 is not", python.version)));
    }
    let sandbox = sandboxed::find(ground.image, "python", context)?;
    let files = root.files(ground.image, "its python", context).await?;
    let run = command(python, ground, context.threads.max(1));
    let task = context.on().begin(Stage::Run, "import of python modules", None, Unit::Items);
    let guard = CancelOnDrop::default();
    let cancelled = guard.watch();
    let work = move || {
        let finished = sandbox.run(&files, &run, &cancelled)?;
        Report::parse(finished.output())
            .filter(|_| finished.success())
            .ok_or_else(|| Trouble::Odd(format!("python {}: {}", finished.how(), finished.last_lines())))
    };
    let done = tokio::task::spawn_blocking(work).await;
    let report = done.map_err(|_| BuildError::Worker("importing python modules"))??;
    task.finish(Outcome::Done);
    Ok(report)
}

fn command(python: &Python, ground: &Ground<'_>, threads: usize) -> Run {
    let words = ["-B", "-W", "ignore", "-c", WORKER, ground.prefix, &python.site_packages];
    let arguments = words.into_iter().map(str::to_owned).chain([threads.to_string()]);
    Run {
        program: format!("{}/bin/python{}", ground.prefix, python.version),
        arguments: arguments.collect(),
        env: usual_environment(ground.env),
        folder: "/tmp".into(),
        host: "localhost".into(),
        id: ID,
        writable: false,
        binds: Vec::new(),
        limits: Limits { time: TIMEOUT, ..Limits::default() },
    }
}

fn judge(report: &Report, python: &Python, ground: &Ground<'_>, context: &Context) -> Result<(), BuildError> {
    for failure in &report.failures {
        if let Some((policy, error)) = failure.suspect(ground.slim, ground.prefix, &python.version) {
            let module = failure.module.clone();
            return Err(BuildError::SlimImport { module, error, policy, slim: ground.slim });
        }
    }
    if !report.failures.is_empty() {
        context.on().warn(unexplained(&report.failures));
    }
    Ok(())
}

fn unexplained(failures: &[Failure]) -> String {
    let named: Vec<String> = failures
        .iter()
        .take(NAMED)
        .map(|failure| format!("{} ({})", failure.module, failure.error()))
        .collect();
    let more = match failures.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let does = if failures.len() == 1 { "python module does" } else { "python modules do" };
    format!(
        "{} {does} not import, and nothing says that slimming is why: {}{more}",
        failures.len(),
        named.join(", ")
    )
}
