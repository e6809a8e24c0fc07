//! Which wheels share a layer, and in which order these layers lie.

use std::collections::BTreeSet;

use mambox_env::Lock;
use mambox_link::Python;
use mambox_oci::{Compression, Digest};

use super::claims::claim_name;
use super::key::{WHEEL_FORMAT, WheelFile, WheelKey};
use crate::conflict::Conflicts;
use crate::error::{LayerError, Problem};
use crate::install_prefix::Prefix;
use crate::key::{PycPolicy, archive_hash};
use crate::plan::{Grouped, LayerOptions, Reason, group};

/// A wheel as planned: what identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wheel {
    /// As PEP 503 normalises it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// For example `rich-13.9.4-py3-none-any.whl`.
    pub file_name: String,
    /// Of the file.
    pub sha256: Digest,
    /// Bytes of the file.
    pub size: u64,
}

impl Wheel {
    /// The name under which it claims paths: see [`Claims::package`](crate::Claims::package).
    pub fn claim(&self) -> String {
        claim_name(&self.name)
    }
}

impl Grouped for Wheel {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }
}

/// The layers of an environment's wheels from the bottom to the top. Every wheel is in exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelPlan {
    layers: Vec<PlannedWheels>,
    python: Option<Python>,
}

/// A layer of wheels to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedWheels {
    wheels: Vec<PlannedWheel>,
    key: WheelKey,
    prefix: Prefix,
    compression: Compression,
}

/// A wheel in its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedWheel {
    /// The wheel.
    pub wheel: Wheel,
    /// Why it is in this layer.
    pub reason: Reason,
}

/// Plans the layers of wheels, in whatever order they come; `options.max_layers` is their own budget, beside that of the
/// lock's packages, which lie below.
///
/// # Errors
/// When there are wheels but no python in the lock or no budget, or two wheels of one name.
pub fn plan_wheels(wheels: &[Wheel], lock: &Lock, options: &LayerOptions) -> Result<WheelPlan, LayerError> {
    let Some(first) = wheels.first() else { return Ok(WheelPlan { layers: Vec::new(), python: None }) };
    if options.max_layers == 0 {
        return Err(LayerError::NoBudget);
    }
    let package = lock.package("python");
    let package = package.ok_or_else(|| LayerError::WheelNeedsPython { package: first.file_name.clone() })?;
    let python = Python::of(&package.record)?;
    let compiles = !options.pyc.is_off() && python.can_make_pyc();
    let compiler = compiles.then(|| archive_hash(package)).transpose()?;
    let sorted = sorted(wheels)?;
    let layers = group(&sorted, options.max_layers).into_iter().map(|group| {
        let wheels: Vec<PlannedWheel> = group
            .into_iter()
            .map(|(index, reason)| PlannedWheel { wheel: sorted[index].clone(), reason })
            .collect();
        let key = WheelKey {
            format: WHEEL_FORMAT,
            wheels: wheels.iter().map(|planned| file(&planned.wheel)).collect(),
            prefix: options.prefix.as_str().to_owned(),
            python: python.clone(),
            pyc: if compiles { options.pyc } else { PycPolicy::Off },
            compiler: compiler.clone(),
            slim: options.slim,
            codec: options.compression.identity(),
        };
        PlannedWheels { wheels, key, prefix: options.prefix.clone(), compression: options.compression }
    });
    Ok(WheelPlan { layers: layers.collect(), python: Some(python.clone()) })
}

/// By name; each name once.
fn sorted(wheels: &[Wheel]) -> Result<Vec<Wheel>, LayerError> {
    let mut sorted = wheels.to_vec();
    sorted.sort_by(|a, b| (&a.name, &a.file_name).cmp(&(&b.name, &b.file_name)));
    match sorted.windows(2).find(|two| two[0].name == two[1].name) {
        Some(two) => {
            let why =
                format!("{} is of the same distribution; an environment takes one of them", two[0].file_name);
            Err(Problem::NotWheel(why).of(&two[1].file_name))
        }
        None => Ok(sorted),
    }
}

fn file(wheel: &Wheel) -> WheelFile {
    WheelFile { file_name: wheel.file_name.clone(), sha256: wheel.sha256, masked: BTreeSet::new() }
}

impl WheelPlan {
    /// Layers from the bottom to the top.
    pub fn layers(&self) -> &[PlannedWheels] {
        &self.layers
    }

    /// All wheels, in the order of layers.
    pub fn wheels(&self) -> impl Iterator<Item = &Wheel> {
        self.layers.iter().flat_map(|layer| layer.wheels.iter().map(|planned| &planned.wheel))
    }

    /// The environment's python; `None` only where there are no wheels.
    pub fn python(&self) -> Option<&Python> {
        self.python.as_ref()
    }

    /// What decides the conflicts between this plan's wheels, and, together with the key of the
    /// [`LayerPlan`](crate::LayerPlan), those with packages: a name under which to keep them.
    pub fn conflicts_key(&self) -> Digest {
        let keys = self.layers.iter().flat_map(|layer| &layer.key.wheels);
        let mut wheels: Vec<_> = keys.map(|key| (&key.file_name, key.sha256.to_string())).collect();
        wheels.sort();
        Digest::of(&serde_json::to_vec(&(WHEEL_FORMAT, wheels, &self.python)).unwrap_or_default())
    }

    /// The plan with paths masked in the layers of wheels that lose a conflict.
    #[must_use]
    pub fn with_conflicts(&self, conflicts: &Conflicts) -> Self {
        let mut plan = self.clone();
        for layer in &mut plan.layers {
            let compiles = layer.compiles();
            for (planned, key) in layer.wheels.iter().zip(&mut layer.key.wheels) {
                let claim = claim_name(&planned.wheel.name);
                key.masked = conflicts.masked(&claim).clone();
                if compiles {
                    key.masked.extend(conflicts.not_compiled(&claim).iter().cloned());
                }
            }
        }
        plan
    }
}

impl PlannedWheels {
    /// Wheels in their order inside the layer.
    pub fn wheels(&self) -> &[PlannedWheel] {
        &self.wheels
    }

    /// All that decides the layer's bytes.
    pub fn key(&self) -> &WheelKey {
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
        !self.key.pyc.is_off()
    }

    /// Bytes of the layer's wheels; build the largest first.
    pub fn archive_size(&self) -> u64 {
        self.wheels.iter().fold(0, |sum, planned| sum.saturating_add(planned.wheel.size))
    }
}
