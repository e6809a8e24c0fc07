//! `mambox images build`: images of the family, without an engine, without running anything in a base.

use mambox_build::{BuildError, Context, FIXED_TIME, FileTree, history, places_of, tree_layer};
use mambox_oci::{Digest, Image, Index, Layer, Platform};
use mambox_transport::{Contents, Output};

use crate::bases::{self, wrong};
use crate::channel_package;
use crate::deb::runtime_files;
use crate::error::ImagesError;
use crate::family::{Base, Runtime};
use crate::key::ImageKey;
use crate::plan::FamilyState;
use crate::selection::Selection;
use crate::sources::Sources;
use crate::{furnishings, image, trees};

/// What to build.
#[derive(Debug, Clone)]
pub struct FamilyRequest {
    /// The family with its lock.
    pub state: FamilyState,
    /// Which images of it.
    pub selection: Selection,
    /// Where their parts are.
    pub sources: Sources,
}

/// The image of one base, for one platform or several.
#[derive(Debug, Clone)]
pub struct FamilyImage {
    /// The base's name.
    pub base: String,
    /// The image.
    pub contents: Contents,
}

/// Makes the images that are asked for; `each` gets them one by one.
pub async fn build(request: &FamilyRequest, context: &Context) -> Result<Vec<FamilyImage>, ImagesError> {
    let state = &request.state;
    // First of all, so that nothing is built of a family that is not pinned.
    let mut jobs = Vec::new();
    for (base, platforms) in request.selection.of(&state.family)? {
        let key = |platform: &Platform| ImageKey::new(&state.family, base, platform, &state.lock);
        let keys = platforms.iter().map(|platform| Ok((*platform, key(platform)?)));
        jobs.push((base, keys.collect::<Result<Vec<_>, ImagesError>>()?));
    }
    let mut built = Vec::new();
    for (base, keys) in jobs {
        let mut images = Vec::new();
        for (platform, key) in keys {
            images.push(one(request, base, platform, &key, context).await?);
        }
        let contents = match <[Image; 1]>::try_from(images) {
            Ok([image]) => Contents::Image(image),
            Err(images) => Contents::Index(Index::new(images, Default::default())),
        };
        built.push(FamilyImage { base: base.name.clone(), contents });
    }
    Ok(built)
}

/// Writes an image under all of its names; returns the digest of what was written.
pub async fn write(
    image: &FamilyImage,
    output: &Output,
    names: &[String],
    context: &Context,
) -> Result<Digest, ImagesError> {
    let (transport, on) = (&context.transport, context.on());
    Ok(mambox_transport::write(&image.contents, output, names, transport, on).await?)
}

async fn one(
    request: &FamilyRequest,
    base: &Base,
    platform: &Platform,
    key: &ImageKey,
    context: &Context,
) -> Result<Image, ImagesError> {
    if key.furnishings != furnishings::digest() {
        return Err(ImagesError::OtherFurnishings);
    }
    let family = &request.state.family;
    let below = bases::pinned(base, platform, key.base, context).await?;
    let facts = bases::facts(&below, base, platform, context).await?;
    let mut parts = Vec::new();
    for (runtime, packages) in &base.runtime {
        let has = match runtime {
            Runtime::Bash => facts.has_bash,
            Runtime::Glibc => facts.has_glibc,
        };
        if let Some(package) = packages.get(platform).filter(|_| !has) {
            let bytes = request.sources.package(package, context).await?;
            let wrong = |problem| ImagesError::Deb { deb: package.deb.clone(), problem };
            parts.push((runtime.as_str(), runtime_files(&bytes, *runtime).map_err(wrong)?));
        }
    }
    let has_bash = facts.has_bash || base.runtime.contains_key(&Runtime::Bash);
    let accounts = trees::accounts(family, &facts, has_bash);
    parts.push(("accounts", accounts.map_err(|error| wrong(base, platform, error.to_string()))?));
    let init = program("mambox-init", request.sources.entry_program(platform)?, platform, key.mambox_init)?;
    parts.push(("entry programs", trees::entry_programs(init)));
    let manager = micromamba(request, platform, key, context).await?;
    parts.push(("micromamba", trees::micromamba(manager)));
    let layers = layers(parts, &below, context).await?;
    Ok(image::assemble(family, base, &below, &layers)?)
}

/// The package manager: a channel's, where the lock names one, or ours.
async fn micromamba(
    request: &FamilyRequest,
    platform: &Platform,
    key: &ImageKey,
    context: &Context,
) -> Result<Vec<u8>, ImagesError> {
    match request.state.lock.programs.get(platform).and_then(|pinned| Some((pinned, pinned.url.as_ref()?))) {
        Some((programs, url)) => channel_package::program(programs, url, platform, context).await,
        None => program("micromamba", request.sources.micromamba(platform)?, platform, key.micromamba),
    }
}

/// A program whose bytes are those that the lock pins.
fn program(
    program: &'static str,
    bytes: Vec<u8>,
    platform: &Platform,
    pinned: Digest,
) -> Result<Vec<u8>, ImagesError> {
    let found = Digest::of(&bytes);
    match found == pinned {
        true => Ok(bytes),
        false => Err(ImagesError::OtherProgram { program, platform: platform.clone(), found, pinned }),
    }
}

/// A layer for each part, with the links and folders of the base followed.
async fn layers(
    parts: Vec<(&'static str, FileTree)>,
    below: &Image,
    context: &Context,
) -> Result<Vec<Layer>, ImagesError> {
    let paths = parts.iter().flat_map(|(_, tree)| tree.paths());
    let mut places = places_of(paths, below, context).await?;
    // Users made later get their homes there, whoever makes them.
    if let Some(home) = places.get_mut("home") {
        home.mode = 0o777;
    }
    let mut layers = Vec::new();
    for (what, tree) in parts {
        let tree = tree.settled(&places).map_err(|path| BuildError::Occupied { path })?;
        let history = history(&format!("mambox: {what}"), None, None);
        let cache = (what, context.cache_dir.as_path());
        layers.push(tree_layer(&tree, FIXED_TIME, furnishings::COMPRESSION, history, cache)?);
    }
    Ok(layers)
}
