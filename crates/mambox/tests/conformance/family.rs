//! Images of the micromamba family, made by hand from what `mambox build` made.

use mambox_conformance::{EngineError, Image};

use crate::bases::Base;
use crate::engines::skip;
use crate::workshop::init;

/// A base that images of the family stand on.
pub(crate) struct FamilyBase {}

impl FamilyBase {
    pub(crate) fn new(base: &Base) -> Self {
        if init().is_none() {
            skip(
                &format!("the micromamba family on {}", base.name),
                "MAMBOX_INIT names no program for inside an image",
            );
        }
        Self {}
    }

    pub(crate) fn image(&self, _built: &Image) -> Result<Option<Image>, EngineError> {
        Ok(None)
    }
}
