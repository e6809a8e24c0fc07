//! The layers of an environment before any is made: those of its conda packages, and above them those of its wheels.

use mambox_env::{Lock, LockedPackage};
use mambox_layer::{
    Claims, Conflicts, LayerError, LayerOptions, LayerPlan, PlannedLayer, PlannedPackage, PlannedWheels,
    PycPolicy, Python, WheelPlan, plan, plan_wheels,
};
use mambox_oci::{Compression, Digest, History};

use crate::created::rfc3339;
use crate::marks;
use crate::pip::ReadyWheel;

/// Both plans.
#[derive(Debug, Clone)]
pub(crate) struct Plans {
    pub(crate) packages: LayerPlan,
    pub(crate) wheels: WheelPlan,
}

/// One layer of either.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Planned<'a> {
    Packages(&'a PlannedLayer),
    Wheels(&'a PlannedWheels),
}

impl Plans {
    /// Plans for a lock and its wheels, which share the budget.
    pub(crate) fn new(
        lock: &Lock,
        wheels: &[ReadyWheel],
        options: &LayerOptions,
    ) -> Result<Self, LayerError> {
        let (of_packages, of_wheels) = budget(lock.packages().len(), wheels.len(), options.max_layers);
        let with = |max_layers: usize| LayerOptions { max_layers, ..options.clone() };
        let packages = plan(lock, &with(of_packages))?;
        let wheels: Vec<_> = wheels.iter().map(|ready| ready.wheel.clone()).collect();
        Ok(Self { packages, wheels: plan_wheels(&wheels, lock, &with(of_wheels))? })
    }

    /// All layers, bottom first.
    pub(crate) fn layers(&self) -> Vec<Planned<'_>> {
        let packages = self.packages.layers().iter().map(Planned::Packages);
        packages.chain(self.wheels.layers().iter().map(Planned::Wheels)).collect()
    }

    /// The environment's python.
    pub(crate) fn python(&self) -> Option<&Python> {
        self.packages.python()
    }

    /// What the packages and wheels that claim paths have to do with one another: the name of the facts about them.
    pub(crate) fn facts_key(&self, wheels_win: bool) -> Digest {
        let mut key = format!("{} {}", self.packages.conflicts_key(), self.packages.prefix());
        if !self.wheels.layers().is_empty() {
            key.push_str(&format!(" {} {wheels_win}", self.wheels.conflicts_key()));
        }
        Digest::of(key.as_bytes())
    }

    /// The plans with paths masked in the layers of those that lose a conflict.
    pub(crate) fn with_conflicts(&self, conflicts: &Conflicts) -> Self {
        Self {
            packages: self.packages.with_conflicts(conflicts),
            wheels: self.wheels.with_conflicts(conflicts),
        }
    }

    /// Whether some of the layers are to have `.pyc` files.
    pub(crate) fn pyc(&self) -> PycPolicy {
        let policies = self.layers().into_iter().map(|planned| planned.pyc());
        policies.into_iter().find(|pyc| !pyc.is_off()).unwrap_or(PycPolicy::Off)
    }

    /// Who is in conflict with whom.
    pub(crate) fn conflicts(&self, claims: &[Claims]) -> Conflicts {
        Conflicts::find(self.packages.packages(), claims)
    }
}

/// How many layers conda packages and wheels get. Wheels have one each where all fit, else what conda packages leave, but at
/// least a quarter; neither goes without one, so that a budget of one becomes two.
pub(crate) fn budget(packages: usize, wheels: usize, max_layers: usize) -> (usize, usize) {
    if wheels == 0 {
        return (max_layers, 0);
    }
    let left = max_layers.saturating_sub(packages);
    let of_wheels = wheels.min(left.max(max_layers / 4).max(1));
    (max_layers.saturating_sub(of_wheels).max(1), of_wheels)
}

impl Planned<'_> {
    /// The name of the layer in the cache.
    pub(crate) fn key(self) -> Digest {
        match self {
            Self::Packages(layer) => layer.key().digest(),
            Self::Wheels(layer) => layer.key().digest(),
        }
    }

    /// How it is compressed.
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::Packages(layer) => layer.compression(),
            Self::Wheels(layer) => layer.compression(),
        }
    }

    /// Bytes of its archives.
    pub(crate) fn archive_size(self) -> u64 {
        match self {
            Self::Packages(layer) => layer.archive_size(),
            Self::Wheels(layer) => layer.archive_size(),
        }
    }

    fn pyc(self) -> PycPolicy {
        match self {
            Self::Packages(layer) => layer.key().pyc,
            Self::Wheels(layer) => layer.key().pyc,
        }
    }

    /// Whether python will be asked to make `.pyc` files for it.
    pub(crate) fn compiles(self) -> bool {
        let by_python = |planned: &PlannedPackage| planned.package.record.noarch.is_python();
        match self {
            Self::Packages(layer) => layer.compiles() && layer.packages().iter().any(by_python),
            Self::Wheels(layer) => layer.compiles(),
        }
    }

    /// Whether something is left out of it to save space.
    pub(crate) fn is_slim(self) -> bool {
        match self {
            Self::Packages(layer) => !layer.key().slim.is_none(),
            Self::Wheels(layer) => !layer.key().slim.is_none(),
        }
    }

    /// Whether what claims paths under this name (see [`Claims::package`]) is in it.
    pub(crate) fn holds(self, claim: &str) -> bool {
        match self {
            Self::Packages(layer) => layer.packages().iter().any(|one| one.package.name() == claim),
            Self::Wheels(layer) => layer.wheels().iter().any(|one| one.wheel.claim() == claim),
        }
    }

    /// The names of what it holds, in its order.
    pub(crate) fn contents(self) -> Vec<String> {
        match self {
            Self::Packages(layer) => layer.packages().iter().map(|one| package_label(&one.package)).collect(),
            Self::Wheels(layer) => layer.wheels().iter().map(|one| one.wheel.file_name.clone()).collect(),
        }
    }

    /// Why its first package is here.
    pub(crate) fn reason(self) -> String {
        let reason = match self {
            Self::Packages(layer) => layer.packages().first().map(|one| one.reason.to_string()),
            Self::Wheels(layer) => layer.wheels().first().map(|one| one.reason.to_string()),
        };
        reason.unwrap_or_default()
    }

    /// What a person calls it: its package, or how many there are.
    pub(crate) fn label(self) -> String {
        let what = if matches!(self, Self::Packages(_)) { "packages" } else { "wheels" };
        match self.contents().as_slice() {
            [one] => one.clone(),
            many => format!("{} {what}", many.len()),
        }
    }

    /// Its history entry: as old as its newest package. Wheels tell no time.
    pub(crate) fn history(self) -> History {
        let newest = match self {
            Self::Packages(layer) => {
                let times = layer.packages().iter().filter_map(|one| one.package.record.timestamp);
                times.map(|time| time.timestamp_millis() / 1000).max()
            }
            Self::Wheels(_) => None,
        };
        marks::history(marks::PACKAGES, newest.map(rfc3339), Some(self.contents().join(" ")))
    }
}

/// `name-version-build`.
pub(crate) fn package_label(package: &LockedPackage) -> String {
    format!("{}-{}-{}", package.name(), package.record.version, package.record.build.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_get_what_packages_leave_and_at_least_a_quarter() {
        assert_eq!(budget(30, 0, 64), (64, 0));
        assert_eq!(budget(30, 20, 64), (44, 20), "all fit");
        assert_eq!(budget(30, 50, 64), (30, 34), "what is left");
        assert_eq!(budget(200, 50, 64), (48, 16), "a quarter");
        assert_eq!(budget(200, 5, 64), (59, 5));
        assert_eq!(budget(2, 2, 1), (1, 1));
    }
}
