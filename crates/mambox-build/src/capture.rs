//! `activate.d` scripts, run once at build, so that no shell has to run them at every start.
//!
//! They are sourced in order by the image's own shell, on the finished root file system, in a sandbox, over the
//! variables that a container would begin with; the exported variables afterwards are the result. It is done twice
//! under different homes, users, host names, process numbers and times: what differs depends on the moment and
//! cannot be part of an image.

use std::path::Path;
use std::time::{Duration, Instant};

use mambox_activate::{Document, Environment, Mode, Run as Observed, capture, parse_exports};
use mambox_oci::Image;
use mambox_progress::{Outcome, Stage, Unit};
use mambox_sandbox::Limits;

use crate::cancel::{CancelOnDrop, Cancelled};
use crate::environment_facts::FactsCache;
use crate::root::LazyRoot;
use crate::sandboxed::{self, Run, Sandboxed};
use crate::script_shell::{self, ScriptShell};
use crate::{BuildError, Context};

/// A script that needs longer would make every start of a container unbearable.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Between the starts, so that `date +%s` differs.
const APART: Duration = Duration::from_millis(1100);

/// Says which script is at work, and that the last one came to its end.
const AT: &str = "#mambox at ";
const END: &str = "#mambox end";

/// Two surroundings that have nothing in common. The clocks of their time zones are 26 hours apart, so that hour
/// and date differ at any time.
const MOMENTS: [Moment; 2] = [
    Moment { user: "mambox-first", id: 57_001, host: "first", zone: "<+14>-14", shift: "" },
    Moment { user: "mambox-second", id: 57_002, host: "second", zone: "<-12>12", shift: "(:); (:); (:)\n" },
];

struct Moment {
    user: &'static str,
    id: u32,
    host: &'static str,
    zone: &'static str,
    /// Takes process numbers away.
    shift: &'static str,
}

/// What the scripts run on.
pub(crate) struct Ground<'a> {
    /// Everything below the environment's records.
    pub(crate) image: &'a Image,
    /// Absolute.
    pub(crate) prefix: &'a str,
    /// What a container's first process finds, the scripts' own changes excepted.
    pub(crate) env: &'a [(String, String)],
    /// Who runs them.
    pub(crate) shell: Option<&'a ScriptShell>,
}

/// Runs the scripts, or remembers what came of it. `scripts` are relative to the prefix, in their order.
pub(crate) async fn captured(
    scripts: &[String],
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<Document, BuildError> {
    let first = scripts.first().map(String::as_str).unwrap_or_default();
    let shell = ground.shell.ok_or_else(|| BuildError::NoScriptShell { what: first.into() })?;
    let remembered = FactsCache::new(&context.cache_dir);
    let how = format!("activation 1 {} {}", shell.path, ground.prefix);
    let key = script_shell::key(&how, ground.image, scripts.iter(), ground.env);
    let known = remembered.recall::<String>(key).and_then(|text| Document::parse(text.as_bytes()).ok());
    if let Some(document) = known {
        return Ok(document);
    }
    let sandbox = sandboxed::find(ground.image, first, context)?;
    let files = root.files(ground.image, "its programs", context).await?;
    let runs = MOMENTS.map(|moment| run(scripts, &moment, shell, ground));
    let task = context.on().begin(Stage::Run, "activation scripts", None, Unit::Items);
    let guard = CancelOnDrop::default();
    let cancelled = guard.watch();
    let work = move || both(&files, &runs, &sandbox, &cancelled);
    let done = tokio::task::spawn_blocking(work).await;
    let [one, other] = done.map_err(|_| BuildError::Worker("running activation scripts"))??;
    task.finish(Outcome::Done);
    let before: Environment = ground.env.iter().cloned().collect();
    let document = Document::new(Mode::Captured, scripts.to_vec(), &before, capture(&one, &other));
    remembered.put(key, &document.to_json());
    Ok(document)
}

fn run(scripts: &[String], moment: &Moment, shell: &ScriptShell, ground: &Ground<'_>) -> Run {
    let mut env: Environment = ground.env.iter().cloned().collect();
    let home = format!("/tmp/{}", moment.user);
    let probes =
        [("HOME", home.as_str()), ("USER", moment.user), ("LOGNAME", moment.user), ("TZ", moment.zone)];
    env.extend(probes.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let text = format!("{}{}", moment.shift, text(scripts, ground.prefix));
    Run {
        program: shell.path.clone(),
        arguments: shell.run_text(text),
        env,
        folder: "/".into(),
        host: moment.host.into(),
        id: moment.id,
        writable: false,
        binds: Vec::new(),
        limits: Limits { time: TIMEOUT, ..Limits::default() },
    }
}

/// Sources the scripts, their own output aside, and prints what they exported.
fn text(scripts: &[String], prefix: &str) -> String {
    let mut text = String::new();
    for (number, script) in scripts.iter().enumerate() {
        let path = format!("{prefix}/{script}").replace('\'', r"'\''");
        text.push_str(&format!("echo '{AT}{number}'\n. '{path}' >&2 </dev/null\n"));
    }
    text.push_str(&format!("command export -p\necho '{END}'\n"));
    text
}

fn both(
    files: &Path,
    runs: &[Run; 2],
    sandbox: &Sandboxed,
    cancelled: &Cancelled,
) -> Result<[Observed; 2], BuildError> {
    let begun = Instant::now();
    let one = once(files, &runs[0], sandbox, cancelled)?;
    std::thread::sleep(APART.saturating_sub(begun.elapsed()));
    Ok([one, once(files, &runs[1], sandbox, cancelled)?])
}

fn once(files: &Path, run: &Run, sandbox: &Sandboxed, cancelled: &Cancelled) -> Result<Observed, BuildError> {
    let finished = sandbox.run(files, run, cancelled)?;
    let text = String::from_utf8_lossy(finished.output());
    let Some(exports) = text.strip_suffix(&format!("{END}\n")) else {
        let at = text.lines().rev().find_map(|line| line.strip_prefix(AT)?.parse::<usize>().ok());
        return Err(BuildError::ActivationScript {
            script: script_at(run, at),
            how: finished.how(),
            output: finished.last_lines(),
        });
    };
    let exports: String =
        exports.lines().skip_while(|line| line.starts_with(AT)).map(|line| format!("{line}\n")).collect();
    let after = parse_exports(&exports)
        .map_err(|source| BuildError::Exports { shell: run.program.clone(), source })?;
    Ok(Observed { before: run.env.clone(), after })
}

/// The path of the script that was at work.
fn script_at(run: &Run, at: Option<usize>) -> String {
    let text = run.arguments.last().map(String::as_str).unwrap_or_default();
    let sourced = text.lines().filter_map(|line| line.strip_prefix(". '")?.strip_suffix("' >&2 </dev/null"));
    at.and_then(|at| sourced.into_iter().nth(at)).unwrap_or("the first one").to_owned()
}
