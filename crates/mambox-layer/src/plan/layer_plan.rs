//! The layers of an environment, before any is built.

use mambox_env::{Lock, LockedPackage};
use mambox_link::Python;
use mambox_oci::{Compression, Digest};

use super::Reason;
use super::group::group;
use crate::conflict::Conflicts;
use crate::error::LayerError;
use crate::install_prefix::Prefix;
use crate::key::{Interpreter, LayerKey, PycPolicy, may_be_noarch_python};
use crate::slim::SlimPolicies;

/// What a person chooses about layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerOptions {
    /// Where the environment lies.
    pub prefix: Prefix,
    /// How layers are compressed.
    pub compression: Compression,
    /// How many layers the packages may take; see [`LayerOptions::DEFAULT_MAX_LAYERS`].
    pub max_layers: usize,
    /// Whether `.pyc` files are made for noarch python packages.
    pub pyc: PycPolicy,
    /// What is left out to save space.
    pub slim: SlimPolicies,
}

impl LayerOptions {
    /// Leaves room below the 127 layers that docker takes, for the base and for later additions.
    pub const DEFAULT_MAX_LAYERS: usize = 64;

    /// With the usual number of layers, everything that packages hold, and no `.pyc` files of ours.
    pub fn new(prefix: Prefix, compression: Compression) -> Self {
        let max_layers = Self::DEFAULT_MAX_LAYERS;
        Self { prefix, compression, max_layers, pyc: PycPolicy::Off, slim: SlimPolicies::NONE }
    }
}

/// The layers of an environment from the bottom to the top. Every package is in exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerPlan {
    layers: Vec<PlannedLayer>,
    python: Option<Python>,
    prefix: Prefix,
}

/// A layer to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLayer {
    packages: Vec<PlannedPackage>,
    key: LayerKey,
    prefix: Prefix,
    compression: Compression,
}

/// A package and why it is in its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPackage {
    /// As locked.
    pub package: LockedPackage,
    /// Why it is here.
    pub reason: Reason,
}

/// Plans the layers of a lock: the same packages give the same layers, in the same order.
///
/// # Errors
/// When a noarch python package has no python, python has no version, or `max_layers` is 0.
pub fn plan(lock: &Lock, options: &LayerOptions) -> Result<LayerPlan, LayerError> {
    if options.max_layers == 0 && !lock.packages().is_empty() {
        return Err(LayerError::NoBudget);
    }
    let package = lock.package("python");
    let python = package.map(|package| Python::of(&package.record)).transpose()?;
    let interpreter = python.as_ref().zip(package).map(|(python, package)| Interpreter { python, package });
    let needs_python = lock.packages().iter().find(|package| package.record.noarch.is_python());
    if let (None, Some(package)) = (&python, needs_python) {
        return Err(LayerError::NoPython { package: package.file_name.clone() });
    }
    let layers = group(lock.packages(), options.max_layers).into_iter().map(|group| {
        let packages: Vec<PlannedPackage> = group
            .into_iter()
            .map(|(index, reason)| PlannedPackage { package: lock.packages()[index].clone(), reason })
            .collect();
        let locked = packages.iter().map(|planned| &planned.package);
        let policies = (options.pyc, options.slim);
        let key =
            LayerKey::new(locked, &options.prefix, interpreter.as_ref(), policies, options.compression)?;
        Ok(PlannedLayer { packages, key, prefix: options.prefix.clone(), compression: options.compression })
    });
    Ok(LayerPlan {
        layers: layers.collect::<Result<_, LayerError>>()?,
        python,
        prefix: options.prefix.clone(),
    })
}

impl LayerPlan {
    /// Layers from the bottom to the top.
    pub fn layers(&self) -> &[PlannedLayer] {
        &self.layers
    }

    /// All packages, in the order of layers.
    pub fn packages(&self) -> impl Iterator<Item = &LockedPackage> {
        self.layers.iter().flat_map(|layer| layer.packages.iter().map(|planned| &planned.package))
    }

    /// The environment's python.
    pub fn python(&self) -> Option<&Python> {
        self.python.as_ref()
    }

    /// Where the environment lies.
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// What decides the conflicts between this plan's packages: a name under which to keep them.
    pub fn conflicts_key(&self) -> Digest {
        let mut packages: Vec<_> = self
            .layers
            .iter()
            .flat_map(|layer| &layer.key.packages)
            .map(|key| (&key.file_name, &key.archive, &key.record))
            .collect();
        packages.sort();
        let key = (crate::key::LAYER_FORMAT, packages, &self.python);
        Digest::of(&serde_json::to_vec(&key).unwrap_or_default())
    }

    /// The plan with paths masked in the layers of packages that lose a conflict.
    pub fn with_conflicts(&self, conflicts: &Conflicts) -> Self {
        let mut plan = self.clone();
        for layer in &mut plan.layers {
            let compiles = layer.compiles();
            for (planned, key) in layer.packages.iter().zip(&mut layer.key.packages) {
                key.masked = conflicts.masked(planned.package.name()).clone();
                if compiles {
                    key.masked.extend(conflicts.not_compiled(planned.package.name()).iter().cloned());
                }
            }
        }
        plan
    }
}

impl PlannedLayer {
    /// Packages in their order inside the layer.
    pub fn packages(&self) -> &[PlannedPackage] {
        &self.packages
    }

    /// All that decides the layer's bytes.
    pub fn key(&self) -> &LayerKey {
        &self.key
    }

    /// How the layer is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Where the environment lies.
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// Whether `.pyc` files are made for it, so that building it takes a compiler.
    pub fn compiles(&self) -> bool {
        self.key.pyc != PycPolicy::Off
    }

    /// Bytes of the layer's archives; build the largest first.
    pub fn archive_size(&self) -> u64 {
        let sizes = self.packages.iter().filter_map(|planned| planned.package.record.size);
        sizes.fold(0, u64::saturating_add)
    }

    /// The python that decides about this package; none for packages of one platform.
    pub(crate) fn python_for(&self, package: &LockedPackage) -> Option<&Python> {
        self.key.python.as_ref().filter(|_| may_be_noarch_python(package))
    }
}
