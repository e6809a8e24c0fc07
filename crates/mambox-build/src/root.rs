//! An image's files on disk, for running a program of the image at build.
//!
//! Unpacking costs time and disk, so it is put off until something is not cached, done once for all who
//! want to run something, and removed afterwards.

use std::fs;
use std::path::PathBuf;

use mambox_oci::Image;
use mambox_progress::{Outcome, Stage, Unit};

use crate::scratch::Scratch;
use crate::{BuildError, Context};

/// A root file system that is unpacked when it is first wanted.
#[derive(Debug, Default)]
pub(crate) struct LazyRoot(Option<Root>);

#[derive(Debug)]
struct Root {
    /// Removed with all that is in it.
    folder: Scratch,
}

impl LazyRoot {
    /// The files of `image`, for `whom`. Whoever asks again gets what is there by then: the first asker's changes are in it,
    /// which the later asker's image is expected to hold as a layer.
    pub(crate) async fn files(
        &mut self,
        image: &Image,
        whom: &str,
        context: &Context,
    ) -> Result<PathBuf, BuildError> {
        self.some_files(image, whom, |_| true, context).await
    }

    /// As [`LazyRoot::files`], but only those that are `wanted`; see [`mambox_transport::unpack`].
    pub(crate) async fn some_files(
        &mut self,
        image: &Image,
        whom: &str,
        wanted: impl Fn(&[u8]) -> bool + Send + 'static,
        context: &Context,
    ) -> Result<PathBuf, BuildError> {
        if self.0.is_none() {
            self.0 = Some(Root::unpack(image, whom, wanted, context).await?);
        }
        match &self.0 {
            Some(root) => Ok(root.path()),
            None => Err(BuildError::Worker("unpacking an image")),
        }
    }
}

impl Root {
    async fn unpack(
        image: &Image,
        whom: &str,
        wanted: impl Fn(&[u8]) -> bool + Send + 'static,
        context: &Context,
    ) -> Result<Self, BuildError> {
        let root = Self { folder: Scratch::new(&context.cache_dir)? };
        let path = root.path();
        fs::create_dir(&path).map_err(|e| BuildError::cache(&path, e))?;
        let task = context.on().begin(Stage::Run, format!("unpack the image for {whom}"), None, Unit::Bytes);
        mambox_transport::unpack(image, &path, wanted, context.on()).await?;
        task.finish(Outcome::Done);
        Ok(root)
    }

    /// Not the temporary folder itself, which only its owner may enter.
    fn path(&self) -> PathBuf {
        self.folder.path().join("root")
    }
}
