//! `mambox convert`.

use std::time::Instant;

use mambox_oci::{Index, Platform};
use mambox_transport::{Contents, Output, Reference};

use crate::report::{ConvertReport, OutputReport};
use crate::{BuildError, Context};

/// Reads any image and writes it in another form, unchanged but for what that form makes necessary. Several
/// platforms become an index, as far as the output can hold one.
pub async fn convert(
    reference: &Reference,
    platforms: &[Platform],
    output: &Output,
    tags: &[String],
    context: &Context,
) -> Result<ConvertReport, BuildError> {
    let begun = Instant::now();
    let mut images = Vec::new();
    for platform in platforms {
        images.push(mambox_transport::read(reference, platform, &context.transport, context.on()).await?);
    }
    let contents = match images.as_slice() {
        [image] => Contents::Image(image.clone()),
        _ => Contents::Index(Index::new(images, Default::default())),
    };
    let written = mambox_transport::write(&contents, output, tags, &context.transport, context.on()).await?;
    Ok(ConvertReport {
        source: reference.to_string(),
        digest: contents.digest(),
        output: OutputReport { reference: output.to_string(), digest: written, remark: None },
        elapsed: begun.elapsed(),
    })
}
