//! `post-link` scripts of packages: run once, in a sandbox, on the image's files; what they change is a layer.
//!
//! The layer is a function of everything below it and of the scripts. conda's promise to a script (PREFIX,
//! PKG_NAME, PKG_VERSION, PKG_BUILDNUM, `$PREFIX/.messages.txt`) is kept, and so is its order: dependencies first.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use mambox_env::{Lock, LockedPackage};
use mambox_oci::{Compression, Image, Layer};
use mambox_progress::{Outcome, Stage, Unit};
use mambox_sandbox::Limits;

use crate::cancel::{CancelOnDrop, Cancelled};
use crate::created::rfc3339;
use crate::environment_facts::LinkScript;
use crate::layer_cache::LayerCache;
use crate::root::LazyRoot;
use crate::sandboxed::{self, Run, Sandboxed};
use crate::script_shell::{self, ScriptShell, usual_environment};
use crate::snapshot::Snapshot;
use crate::tree::{FIXED_TIME, FileTree};
use crate::{BuildError, Context, LinkScripts, application, marks};

/// What conda shows of a script's `.messages.txt`, at most.
const MAX_MESSAGES: u64 = 64 << 10;
/// Some scripts fetch and unpack data that lies beside them.
const TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// What the scripts of an environment run on.
pub(crate) struct Ground<'a> {
    /// Base, foundation and packages.
    pub(crate) image: &'a Image,
    /// The packages.
    pub(crate) lock: &'a Lock,
    /// Absolute.
    pub(crate) prefix: &'a str,
    /// Variables of the active environment over those of the base.
    pub(crate) env: &'a [(String, String)],
    /// Who runs them.
    pub(crate) shell: Option<&'a ScriptShell>,
    /// Of the layer.
    pub(crate) compression: Compression,
}

/// The layer of what the scripts changed; `None` where there are none, or they are left out.
pub(crate) async fn layer(
    scripts: &[LinkScript],
    wish: LinkScripts,
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<Option<Layer>, BuildError> {
    let scripts = in_order(scripts, ground.lock);
    let Some((script, _)) = scripts.first() else { return Ok(None) };
    match wish {
        LinkScripts::Fail => {
            let (package, script) = (script.package.clone(), script.path.clone());
            return Err(BuildError::LinkScriptRefused { package, script });
        }
        LinkScripts::Skip => {
            for (script, _) in &scripts {
                let text =
                    format!("{}: its link script {} is left out, as asked", script.package, script.path);
                context.on().warn(text);
            }
            return Ok(None);
        }
        LinkScripts::Run => {}
    }
    if let Some((script, _)) = scripts.iter().find(|(script, _)| script.is_pre_link()) {
        let (package, script) = (script.package.clone(), script.path.clone());
        return Err(BuildError::PreLinkScript { package, script });
    }
    let shell = ground.shell.ok_or_else(|| BuildError::NoScriptShell { what: script.path.clone() })?;
    let how = format!("link scripts 1 {} {}", shell.path, ground.compression.identity());
    let paths = scripts.iter().map(|(script, _)| &script.path);
    let key = script_shell::key(&how, ground.image, paths, ground.env);
    let newest = scripts.iter().filter_map(|(_, package)| package.record.timestamp).max();
    let created = rfc3339(newest.map_or(0, |time| time.timestamp_millis() / 1000));
    let names: Vec<&str> = scripts.iter().map(|(script, _)| script.package.as_str()).collect();
    let history = marks::history(
        marks::LINK_SCRIPTS,
        Some(created),
        Some(format!("link scripts of {}", names.join(" "))),
    );
    let cache = LayerCache::new(&context.cache_dir);
    if let Some(layer) = cache.get(key, ground.compression, history.clone()) {
        return Ok(Some(layer));
    }
    let tree = run_all(&scripts, shell, ground, root, context).await?;
    let tree = application::settled(tree, ground.image, context).await?;
    let layer = cache.insert(key, ground.compression, history, |file: &mut File| {
        let failed = |e| BuildError::io("cannot make a layer of", "what link scripts wrote", e);
        tree.encode(FIXED_TIME, ground.compression, file).map_err(failed)
    })?;
    Ok(Some(layer))
}

/// Scripts with their packages, dependencies first.
fn in_order<'a>(scripts: &'a [LinkScript], lock: &'a Lock) -> Vec<(&'a LinkScript, &'a LockedPackage)> {
    let of = |package: &'a LockedPackage| {
        let mine = scripts.iter().filter(move |script| script.package == package.name());
        mine.map(move |script| (script, package))
    };
    lock.packages().iter().flat_map(of).collect()
}

async fn run_all(
    scripts: &[(&LinkScript, &LockedPackage)],
    shell: &ScriptShell,
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<FileTree, BuildError> {
    let sandbox = sandboxed::find(ground.image, &scripts[0].0.path, context)?;
    let files = root.files(ground.image, "its programs", context).await?;
    let prefix = ground.prefix.trim_start_matches('/').to_owned();
    let work: Vec<(LinkScript, Run)> = scripts
        .iter()
        .map(|(script, package)| ((*script).clone(), run(script, package, shell, ground)))
        .collect();
    let tasks = context.on().begin(Stage::Run, "link scripts", Some(work.len() as u64), Unit::Items);
    let guard = CancelOnDrop::default();
    let cancelled = guard.watch();
    let job = move || on_root(&files, &prefix, &work, &sandbox, &cancelled);
    let done =
        tokio::task::spawn_blocking(job).await.map_err(|_| BuildError::Worker("running link scripts"))?;
    let (tree, messages) = done?;
    tasks.advance(scripts.len() as u64);
    tasks.finish(Outcome::Done);
    messages.into_iter().for_each(|text| context.on().note(text));
    Ok(tree)
}

/// The blocking part: snapshot, scripts, snapshot.
fn on_root(
    files: &Path,
    prefix: &str,
    work: &[(LinkScript, Run)],
    sandbox: &Sandboxed,
    cancelled: &Cancelled,
) -> Result<(FileTree, Vec<String>), BuildError> {
    let failed = |e| BuildError::io("cannot read", "the files that link scripts work on", e);
    let messages_file = format!("{prefix}/.messages.txt");
    let mut skip = sandboxed::MOUNTED.to_vec();
    skip.push(&messages_file);
    let before = Snapshot::of(files, &skip).map_err(failed)?;
    let mut messages = Vec::new();
    for (script, run) in work {
        let finished = sandbox.run(files, run, cancelled)?;
        if !finished.success() {
            return Err(BuildError::LinkScriptFailed {
                package: script.package.clone(),
                script: script.path.clone(),
                how: finished.how(),
                output: finished.last_lines(),
            });
        }
        messages.extend(
            take_messages(&files.join(&messages_file)).map(|text| format!("{}: {text}", script.package)),
        );
    }
    let after = Snapshot::of(files, &skip).map_err(failed)?;
    Ok((before.changes(&after, prefix), messages))
}

/// What a script has to say, in the file that conda shows and removes.
fn take_messages(file: &Path) -> Option<String> {
    // A link would lead out of the root.
    let regular = std::fs::symlink_metadata(file).is_ok_and(|meta| meta.is_file());
    let mut bytes = Vec::new();
    if regular {
        File::open(file).ok()?.take(MAX_MESSAGES).read_to_end(&mut bytes).ok()?;
    }
    let _ = std::fs::remove_file(file);
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn run(script: &LinkScript, package: &LockedPackage, shell: &ScriptShell, ground: &Ground<'_>) -> Run {
    let mut env = usual_environment(ground.env);
    let record = &package.record;
    let own = [
        ("PREFIX", ground.prefix.to_owned()),
        ("ROOT_PREFIX", ground.prefix.to_owned()),
        ("PKG_NAME", package.name().to_owned()),
        ("PKG_VERSION", record.version.to_string()),
        ("PKG_BUILDNUM", record.build_number.to_string()),
    ];
    env.extend(own.map(|(name, value)| (name.to_owned(), value)));
    let path = format!("{}/{}", ground.prefix, script.path);
    Run {
        program: shell.path.clone(),
        arguments: shell.run_file(path),
        env,
        folder: ground.prefix.to_owned(),
        host: "localhost".into(),
        id: 0,
        writable: true,
        binds: Vec::new(),
        limits: Limits { time: TIMEOUT, ..Limits::default() },
    }
}
