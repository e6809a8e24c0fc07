//! What reading and writing in general call of this module.

use mambox_oci::{Digest, Image, Platform};
use mambox_progress::Reporter;

use super::program::Engine;
use super::{EngineError, load, save};
use crate::job::blocking;
use crate::{Contents, RegistryReference, Transport, TransportError};

/// Reads an image out of a local engine.
pub(crate) async fn read(
    name: &str,
    platform: &Platform,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Image, TransportError> {
    let (settings, cache_dir) = (transport.engine.clone(), transport.cache_dir.clone());
    let (name, platform) = (name.to_owned(), platform.clone());
    let what = format!("docker-daemon:{name}");
    blocking(what, on, move |job| {
        save::read(&Engine::find(&settings)?, &name, &platform, cache_dir.as_deref(), job)
    })
    .await
}

/// Loads an image into a local engine, of several the one for the engine's platform, under `name` and `names`.
pub(crate) async fn write(
    contents: &Contents,
    name: &str,
    names: &[String],
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Digest, TransportError> {
    let mut full: Vec<RegistryReference> = Vec::new();
    for name in std::iter::once(name).chain(names.iter().map(String::as_str)) {
        let parsed = parse(name)?;
        if !full.contains(&parsed) {
            full.push(parsed);
        }
    }
    let (settings, contents) = (transport.engine.clone(), contents.clone());
    crate::registry::prefetch(contents.images(), transport.concurrency, on).await?;
    blocking(format!("docker-daemon:{name}"), on, move |job| {
        let engine = Engine::find(&settings)?;
        let image = choose(&engine, &contents)?;
        load::load(&engine, image, &full, job)?;
        Ok(image.digest())
    })
    .await
}

fn parse(name: &str) -> Result<RegistryReference, EngineError> {
    let wrong = |problem: String| EngineError::Name { name: name.chars().take(200).collect(), problem };
    let parsed: RegistryReference = name.parse().map_err(|error| wrong(format!("{error}")))?;
    match parsed.digest() {
        Some(_) => Err(wrong("a digest cannot be given, it follows from the image".into())),
        None => Ok(parsed),
    }
}

fn choose<'a>(engine: &Engine, contents: &'a Contents) -> Result<&'a Image, EngineError> {
    let images = contents.images();
    if let [only] = images {
        return Ok(only);
    }
    let wanted = engine.platform.clone().unwrap_or(Platform::linux("amd64"));
    let known = || images.iter().map(|image| image.platform().to_string()).collect::<Vec<_>>().join(", ");
    let fitting = images.iter().find(|image| image.platform().serves(&wanted));
    fitting.ok_or_else(|| EngineError::NoPlatform {
        program: engine.name(),
        wanted: wanted.clone(),
        known: known(),
    })
}
