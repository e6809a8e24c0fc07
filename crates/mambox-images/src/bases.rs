//! Bases: read as the lock pins them, and looked into.

use mambox_build::Context;
use mambox_oci::{Digest, Image, Platform};
use mambox_transport::Reference;

use crate::error::ImagesError;
use crate::facts::{self, BaseFacts};
use crate::family::{Base, Runtime};

/// Reads a base as it is now.
pub(crate) async fn look_up(
    base: &Base,
    platform: &Platform,
    context: &Context,
) -> Result<Image, ImagesError> {
    let reference: Reference = base.image.parse()?;
    read(&reference, base, platform, context).await
}

/// Reads a base as it is pinned: from a registry by its digest; anything else must still be what it was.
pub(crate) async fn pinned(
    base: &Base,
    platform: &Platform,
    pinned: Digest,
    context: &Context,
) -> Result<Image, ImagesError> {
    let reference = match base.image.parse()? {
        Reference::Registry(name) => Reference::Registry(name.with_digest(pinned)),
        other => other,
    };
    let image = read(&reference, base, platform, context).await?;
    let found = image.digest();
    if found != pinned {
        return Err(ImagesError::Moved {
            base: base.name.clone(),
            platform: platform.clone(),
            found,
            pinned,
        });
    }
    Ok(image)
}

async fn read(
    reference: &Reference,
    base: &Base,
    platform: &Platform,
    context: &Context,
) -> Result<Image, ImagesError> {
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let found = image.platform();
    match found.serves(platform) {
        true => Ok(image),
        false => Err(wrong(base, platform, format!("the image is for {found}"))),
    }
}

/// What is known of a base's files; an error for one that no image can be made on.
pub(crate) async fn facts(
    image: &Image,
    base: &Base,
    platform: &Platform,
    context: &Context,
) -> Result<BaseFacts, ImagesError> {
    let facts = match image.layers().is_empty() {
        true => BaseFacts::default(),
        false => {
            let (wanted, derive) = (facts::wanted(), BaseFacts::from_files);
            let (transport, on) = (&context.transport, context.on());
            mambox_transport::facts(image, facts::QUESTION, &wanted, derive, transport, on).await?
        }
    };
    if let Some(mark) = &facts.family_mark {
        let problem = format!(
            "is an image of a micromamba family already: it has {mark}; name the image that it was made of"
        );
        return Err(wrong(base, platform, problem));
    }
    if let Some(odd) = &facts.odd {
        return Err(wrong(base, platform, format!("its {odd} is no file of at most 1 MiB")));
    }
    let lacks = [
        (Runtime::Bash, facts.has_bash, "/bin/bash: neither the image's command nor RUN works"),
        (Runtime::Glibc, facts.has_glibc, "glibc: programs of conda packages do not start"),
    ];
    for (runtime, has, what) in lacks {
        if !has && !base.runtime.contains_key(&runtime) {
            let (name, key) = (&base.name, runtime.as_str());
            context.on().warn(format!("{name} has no {what}; name a package in its entry with {key} = …"));
        }
    }
    Ok(facts)
}

pub(crate) fn wrong(base: &Base, platform: &Platform, problem: String) -> ImagesError {
    ImagesError::Base { base: base.name.clone(), platform: platform.clone(), problem }
}
