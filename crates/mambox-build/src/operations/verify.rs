//! `mambox verify`: an image is made again from the lock inside, and compared.

use std::collections::BTreeMap;

use mambox_env::{Lock, PipPackage, PipSource};
use mambox_layer::{LayerOptions, Prefix};
use mambox_oci::{Compression, DiffId, Flaw, Image, Layer, Platform};
use mambox_resolve::Resolver;
use mambox_transport::{Reference, UploadQueue};

use super::prepare::facts;
use crate::compose::{Active, Inputs, compose};
use crate::embedded::{self, Embedded};
use crate::entry_program::EntryProgram;
use crate::essence::{differences, essence};
use crate::recipe::{BuiltWheel, Recipe};
use crate::report::{LayerState, Verification, VerifiedLayer};
use crate::subdir::subdir;
use crate::{BuildError, Context, PipOptions, PipProblem, PycRequest, foundation, marks, pyc, records};

/// Rebuilds an image from the lock inside and compares layer by layer.
///
/// Nothing is taken from the layer cache: what it holds may be what is to be found out. Layers are compared by
/// diffID, so they need not be compressed again.
pub async fn verify(
    reference: &Reference,
    platform: &Platform,
    context: &Context,
) -> Result<Verification, BuildError> {
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let not_ours = || BuildError::NotOurs(reference.to_string());
    let checked = image.clone();
    let work = move || {
        let flaws = mambox_oci::validate(&checked);
        Ok::<_, BuildError>((embedded::read_all(&checked), flaws))
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| BuildError::Worker("reading an image"))?;
    let (embedded, flaws) = done?;
    let embedded = match embedded {
        Ok(found) => found,
        // The damage itself says more than that nothing could be read.
        Err(_) if !flaws.is_empty() => return Ok(damaged(&image, &flaws)),
        Err(e) => return Err(e),
    };
    let Some(active) = embedded.last() else { return Err(not_ours()) };
    let rebuilt = rebuild(&image, &embedded, context).await?;
    Ok(compare(&image, &active.recipe, &rebuilt, &flaws))
}

/// What an image should be.
struct Rebuilt {
    base: Vec<DiffId>,
    /// Above the base.
    layers: Vec<DiffId>,
    /// The environment on top.
    active: Active,
}

/// Makes the environments again, bottom first; the last one is active.
async fn rebuild(image: &Image, embedded: &[Embedded], context: &Context) -> Result<Rebuilt, BuildError> {
    let base = embedded.first().map(|first| first.recipe.base.diff_ids.clone()).unwrap_or_default();
    let mut layers: Vec<DiffId> = Vec::new();
    let mut last = None;
    for (index, one) in embedded.iter().enumerate() {
        let below: Vec<DiffId> = base.iter().chain(&layers).copied().collect();
        if one.recipe.base.diff_ids != below {
            let problem = format!("that of the environment {} is for other layers below it", one.recipe.name);
            return Err(BuildError::Recipe { problem });
        }
        let (made, active) = again(image, one, index + 1 == embedded.len(), context).await?;
        layers.extend(made.iter().map(Layer::diff_id));
        last = Some(active);
    }
    let active = last.ok_or(BuildError::Worker("rebuilding an image"))?;
    Ok(Rebuilt { base, layers, active })
}

/// The layers of one environment above what its recipe calls the base.
async fn again(
    image: &Image,
    Embedded { recipe, lock }: &Embedded,
    is_active: bool,
    context: &Context,
) -> Result<(Vec<Layer>, Active), BuildError> {
    refuse_folders(lock)?;
    let platform = image.platform();
    let count = recipe.base.diff_ids.len().min(image.layers().len());
    let base = Image::scratch(&platform).with_layers(&image.layers()[..count])?;
    let facts = facts(&base, subdir(&platform)?, context).await?;
    let scratch = tempfile::tempdir().map_err(|e| BuildError::io("cannot write", std::env::temp_dir(), e))?;
    let options = layer_options(recipe)?;
    if !recipe.pyc.is_off() {
        pyc::decide(PycRequest::On, lock, &pyc::Ground { platform: &platform, libc: &facts.libc })?;
    }
    // Below a further environment, the foundation belongs to what counts as the base.
    let mut layers = match recipe.others.is_empty() {
        true => vec![foundation::layer(&facts, false, Compression::None)?],
        false => Vec::new(),
    };
    let inputs = Inputs {
        base: &base.with_layers(&layers)?,
        base_env: &recipe.base.env,
        facts: &facts,
        name: &recipe.name,
        is_active,
        lock,
        options: &options,
        pip: &PipOptions { wins: recipe.pip_override, ..PipOptions::default() },
        needs_pyc: true,
        imports: false,
        scripts: recipe.scripts,
        variables: &recipe.variables,
        env: &recipe.env,
        queue: &UploadQueue::default(),
    };
    let resolver = Resolver::new(context.resolve.clone(), context.on())?;
    let folders = resolver.channel_folders();
    let composed = compose(&inputs, &resolver, &folders, &context.with_cache(scratch.path())).await?;
    check_built(recipe, &composed.built)?;
    layers.extend(composed.layers);
    if recipe.entry_program.is_some() {
        layers.push(EntryProgram::find(&platform, context)?.layer(&facts, Compression::None)?);
    }
    layers.push(records::layer(lock, recipe, &composed.active, Compression::None)?);
    Ok((layers, composed.active))
}

/// A folder of whoever built the image is not here, and another one in its place would be worse.
fn refuse_folders(lock: &Lock) -> Result<(), PipProblem> {
    let is_folder = |package: &&PipPackage| matches!(package.source, PipSource::Folder { .. });
    match lock.pip().iter().find(is_folder) {
        Some(package) => Err(PipProblem::NotInImage { package: package.name.clone() }),
        None => Ok(()),
    }
}

fn layer_options(recipe: &Recipe) -> Result<LayerOptions, BuildError> {
    Ok(LayerOptions {
        prefix: Prefix::new(&recipe.prefix)?,
        compression: Compression::None,
        max_layers: recipe.max_layers,
        pyc: recipe.pyc,
        slim: recipe.slim,
    })
}

/// A wheel that comes out otherwise is named, before layers are: these say less.
fn check_built(recipe: &Recipe, built: &BTreeMap<String, BuiltWheel>) -> Result<(), BuildError> {
    let differs = recipe.built_wheels.iter().find(|(name, wheel)| built.get(*name) != Some(*wheel));
    match differs {
        Some((name, _)) => Err(PipProblem::OtherWheel { package: name.clone() }.into()),
        None => Ok(()),
    }
}

fn compare(image: &Image, recipe: &Recipe, rebuilt: &Rebuilt, flaws: &[Flaw]) -> Verification {
    let base = rebuilt.base.len();
    let described = marks::described(image);
    let layer = |(index, (layer, step)): (usize, &(&Layer, mambox_oci::History))| {
        let expected = match index.checked_sub(base) {
            None => rebuilt.base.get(index),
            Some(above) => rebuilt.layers.get(above),
        };
        let state = match (flaw(flaws, index), expected) {
            (Some(problem), _) => LayerState::Damaged(problem),
            (None, Some(expected)) if *expected != layer.diff_id() => {
                LayerState::Differs(format!("should have the diffID {expected}, has {}", layer.diff_id()))
            }
            (None, Some(_)) if index >= base => LayerState::Reproduced,
            (None, _) => LayerState::Intact,
        };
        VerifiedLayer { digest: layer.descriptor().digest, name: marks::name(step), state }
    };
    let layers: Vec<VerifiedLayer> = described.iter().enumerate().map(layer).collect();
    let mut configuration = configuration(image, recipe, &rebuilt.active);
    let others = differences(&recipe.configuration, &essence(image.config()));
    let others: Vec<String> = others.into_iter().filter(|line| !configuration.contains(line)).collect();
    configuration.extend(others);
    let missing = (base + rebuilt.layers.len()).saturating_sub(layers.len());
    if missing > 0 {
        configuration.push(match missing {
            1 => "a layer is missing".into(),
            _ => format!("{missing} layers are missing"),
        });
    }
    let good = |layer: &VerifiedLayer| matches!(layer.state, LayerState::Reproduced | LayerState::Intact);
    let reproduced = configuration.is_empty() && layers.iter().all(good);
    Verification { digest: image.digest(), layers, configuration, reproduced }
}

/// The variables that make the environment active, where they are others than they should be.
fn configuration(image: &Image, recipe: &Recipe, active: &Active) -> Vec<String> {
    let Some(activation) = active.activation() else { return Vec::new() };
    let own = |name: &str| recipe.env.iter().any(|(key, _)| key == name);
    let expected = activation.env(None).into_iter().filter(|(name, _)| name != "PATH" && !own(name));
    let mut problems: Vec<String> = expected
        .chain(recipe.env.iter().cloned())
        .filter(|(name, value)| image.config().env_var(name).as_ref() != Some(value))
        .map(|(name, value)| {
            let found = image.config().env_var(&name).unwrap_or_else(|| "(none)".into());
            format!("env {name} should be '{value}', is '{found}'")
        })
        .collect();
    let base_path = recipe.base.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
    let expected = activation.env(base_path).into_iter().find(|(name, _)| name == "PATH");
    let path = image.config().env_var("PATH").unwrap_or_default();
    match expected {
        Some((_, expected)) if !own("PATH") && path != expected => {
            problems.push(format!("env PATH should be '{expected}', is '{path}'"));
        }
        _ => {}
    }
    problems
}

fn flaw(flaws: &[Flaw], wanted: usize) -> Option<String> {
    flaws.iter().find_map(|flaw| match flaw {
        Flaw::Layer { index, problem, .. } if *index == wanted => Some(problem.clone()),
        _ => None,
    })
}

/// An image too damaged to find its lock.
fn damaged(image: &Image, flaws: &[Flaw]) -> Verification {
    let described = marks::described(image);
    let layers = described.iter().enumerate().map(|(index, (layer, step))| VerifiedLayer {
        digest: layer.descriptor().digest,
        name: marks::name(step),
        state: flaw(flaws, index).map_or(LayerState::Intact, LayerState::Damaged),
    });
    let layers = layers.collect();
    let configuration = vec!["the lock inside cannot be read, so nothing could be made again".into()];
    Verification { digest: image.digest(), layers, configuration, reproduced: false }
}
