//! A repository that is pushed to, in one step or in several.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures::{StreamExt, TryStreamExt, stream};
use mambox_oci::Digest;
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use super::repository::Repository;
use super::upload::{Parcel, Placed};
use super::{PushSummary, Registry, RegistryError, RegistryReference};

/// A repository that remembers which blobs were placed in it, so that nothing is asked twice.
pub(crate) struct Target {
    repository: Repository,
    placed: Mutex<BTreeMap<Digest, Placed>>,
}

impl Target {
    /// For the repository of a reference, with the right to mount blobs from `sources`, other repositories of the
    /// same registry.
    pub(crate) fn new(
        registry: &Registry,
        reference: &RegistryReference,
        sources: &[String],
    ) -> Result<Self, RegistryError> {
        Ok(Self { repository: Repository::push(registry, reference, sources)?, placed: Mutex::default() })
    }

    /// Whether a reference is of this repository.
    pub(crate) fn serves(&self, reference: &RegistryReference) -> bool {
        self.repository.reference.mount_source() == reference.mount_source()
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.repository.registry
    }

    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Brings a blob into the repository and remembers it.
    pub(crate) async fn place(&self, parcel: &Parcel, on: &dyn Reporter) -> Result<(), RegistryError> {
        let placed = self.place_one(parcel, on).await?;
        self.note(parcel.digest, placed);
        Ok(())
    }

    /// Brings all parcels into the repository, several at a time, and counts them along with those that were
    /// placed before.
    pub(crate) async fn place_all(
        &self,
        parcels: &[Parcel],
        on: &dyn Reporter,
        summary: &mut PushSummary,
    ) -> Result<(), RegistryError> {
        let concurrency = self.registry().settings().concurrency.max(1);
        let place = |parcel| async move {
            let placed = match self.recall(parcel) {
                Some(placed) => placed,
                None => self.place_one(parcel, on).await?,
            };
            // For a further push of this blob it is there.
            self.note(parcel.digest, Placed::Existing);
            Ok::<_, RegistryError>((parcel, placed))
        };
        // The compiler cannot see that the borrows of an unboxed stream live long enough.
        let mut placed = stream::iter(parcels).map(place).buffer_unordered(concurrency).boxed();
        while let Some((parcel, placed)) = placed.try_next().await? {
            let tally = match placed {
                Placed::Existing => &mut summary.existing,
                Placed::Mounted => &mut summary.mounted,
                Placed::Uploaded => &mut summary.uploaded,
            };
            tally.blobs += 1;
            tally.bytes += parcel.size;
        }
        Ok(())
    }

    async fn place_one(&self, parcel: &Parcel, on: &dyn Reporter) -> Result<Placed, RegistryError> {
        let task = on.begin(Stage::Push, &parcel.name, Some(parcel.size), Unit::Bytes);
        let placed = self.repository.place(parcel, &task).await?;
        task.finish(if placed == Placed::Uploaded { Outcome::Done } else { Outcome::Reused });
        Ok(placed)
    }

    fn recall(&self, parcel: &Parcel) -> Option<Placed> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).get(&parcel.digest).copied()
    }

    fn note(&self, digest: Digest, placed: Placed) {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, placed);
    }
}
