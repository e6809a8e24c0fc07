//! Layers that go to registries while further ones are being made.

use std::collections::BTreeSet;
use std::future::ready;

use futures::{StreamExt, TryStreamExt, stream};
use mambox_oci::{Digest, Layer};
use mambox_progress::Reporter;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::context::{settings, write_to};
use super::target::Target;
use super::upload::Parcel;
use super::{Registry, RegistryError};
use crate::{Contents, Output, Reference, Transport, TransportError};

/// Where finished layers are handed in, from any thread. Cheap to clone; the default one takes nothing.
#[derive(Debug, Clone, Default)]
pub struct UploadQueue(Option<UnboundedSender<Layer>>);

impl UploadQueue {
    /// Hands a layer in; one that is handed in again is left alone.
    pub fn push(&self, layer: &Layer) {
        if let Some(sender) = &self.0 {
            // Nobody listens after a failure, which speaks for itself.
            let _ = sender.send(layer.clone());
        }
    }
}

/// The repositories that an image is going to be pushed to. Layers go there as soon as they are known; manifests
/// and tags only with [`write`](Self::write), so that a failure in between leaves nothing but blobs without a name.
pub struct Uploads {
    targets: Vec<Target>,
    layers: UnboundedReceiver<Layer>,
    concurrency: usize,
}

impl Uploads {
    /// For those of `outputs` that are registries. Layers of `base` are mounted where its registry is the same.
    ///
    /// A reference with a digest waits for the image, which may be another one; offline, all wait, and fail then.
    pub fn new(
        outputs: &[Output],
        base: &Reference,
        transport: &Transport,
    ) -> Result<(UploadQueue, Self), TransportError> {
        let registry = Registry::new(settings(transport));
        let mut targets: Vec<Target> = Vec::new();
        for output in outputs {
            let Output::Registry(name) = output else { continue };
            let waits = registry.settings().offline || name.digest().is_some();
            if waits || targets.iter().any(|target| target.serves(name)) {
                continue;
            }
            let source = match base {
                Reference::Registry(base) => Some(base.mount_source()),
                _ => None,
            };
            let source = source.filter(|source| {
                source.registry == name.registry() && source.repository != name.repository()
            });
            let sources: Vec<String> = source.into_iter().map(|source| source.repository).collect();
            targets.push(Target::new(&registry, name, &sources)?);
        }
        let (sender, layers) = unbounded_channel();
        let queue = UploadQueue((!targets.is_empty()).then_some(sender));
        let concurrency = registry.settings().concurrency.max(1);
        Ok((queue, Self { targets, layers, concurrency }))
    }

    /// Brings the layers of the queue to the registries, several at a time. Ends once all handles of the queue are
    /// gone and the layers are there, or with the first failure. Dropping the future ends the uploads.
    pub async fn run(&mut self, on: &dyn Reporter) -> Result<(), TransportError> {
        let Self { targets, layers, concurrency } = self;
        let targets = &*targets;
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        let uploads = stream::poll_fn(|context| layers.poll_recv(context))
            .filter(|layer| ready(seen.insert(layer.descriptor().digest)))
            .flat_map(|layer| stream::iter(targets.iter().map(move |target| (target, Parcel::layer(&layer)))))
            .map(|(target, parcel)| async move { target.place(&parcel, on).await })
            .buffer_unordered(*concurrency)
            .boxed();
        uploads.try_collect::<()>().await.map_err(|error: RegistryError| error.into())
    }

    /// As [`write`](crate::write()), but for what is in place already.
    pub async fn write(
        &self,
        contents: &Contents,
        output: &Output,
        names: &[String],
        transport: &Transport,
        on: &dyn Reporter,
    ) -> Result<Digest, TransportError> {
        if let Output::Registry(name) = output
            && let Some(target) = self.targets.iter().find(|target| target.serves(name))
        {
            return write_to(target, contents, name, names, on).await;
        }
        crate::write(contents, output, names, transport, on).await
    }
}
