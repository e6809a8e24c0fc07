//! Which wheels run on a platform, and which of them is the best.
//!
//! Order and compatibility as in the specification "Platform compatibility tags" and in `packaging.tags`, which pip
//! and others follow: the closest python first, then the newest system.

use rattler_conda_types::{Subdir, Version};

use super::wheel_name::WheelName;
use crate::{libc::Libc, locked_package::LockedPackage};

/// Python, platform and C library of the image that a wheel is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelTarget {
    /// Major and minor number.
    pub python: (u32, u32),
    /// Whether it is the build without the global lock, whose extension modules are others (`cp313t`).
    pub free_threaded: bool,
    /// The image's platform.
    pub platform: Subdir,
    /// The base's C library.
    pub libc: Libc,
}

/// The smaller, the better: the tag's distance, then the higher build tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagRank(u32, u32, std::cmp::Reverse<u64>);

/// glibc that is assumed where the base does not tell; conda's own assumption is 2.17, too.
const ASSUMED_GLIBC: u32 = 17;

impl WheelTarget {
    /// For the python of an environment; `None` where its version has no major and minor number.
    pub fn of_python(python: &LockedPackage, platform: Subdir, libc: Libc) -> Option<Self> {
        let (major, minor) = python.record.version.version().as_major_minor()?;
        let python_version = (u32::try_from(major).ok()?, u32::try_from(minor).ok()?);
        // conda-forge's build strings end in the ABI: `h4df99d1_101_cp313t`.
        let free_threaded = python.record.build.as_str().ends_with(&format!("cp{major}{minor}t"));
        Some(Self { python: python_version, free_threaded, platform, libc })
    }

    /// `3.13`.
    pub fn python_version(&self) -> String {
        format!("{}.{}", self.python.0, self.python.1)
    }

    /// `x86_64`, as tags name the processor; `None` for platforms without wheels.
    pub fn machine(&self) -> Option<&'static str> {
        Some(match self.platform {
            Subdir::Linux64 => "x86_64",
            Subdir::LinuxAarch64 => "aarch64",
            Subdir::LinuxPpc64le => "ppc64le",
            Subdir::LinuxS390X => "s390x",
            Subdir::LinuxRiscv64 => "riscv64",
            Subdir::LinuxArmV7l => "armv7l",
            Subdir::Linux32 => "i686",
            _ => return None,
        })
    }

    /// Major and minor number of the base's glibc, or the assumed one; `None` on musl.
    pub fn glibc(&self) -> Option<(u32, u32)> {
        match &self.libc {
            Libc::Glibc(version) => Some(numbers(version).unwrap_or((2, ASSUMED_GLIBC))),
            Libc::Musl(_) => None,
            Libc::None => Some((2, ASSUMED_GLIBC)),
        }
    }

    /// How well a wheel fits; `None` where it does not run.
    pub fn rank(&self, wheel: &WheelName) -> Option<TagRank> {
        let build = wheel.build.as_ref().map_or(0, |(number, _)| number.saturating_add(1));
        let ranks = wheel.tags().filter_map(|[python, abi, platform]| {
            let platform = self.platform_rank(platform)?;
            Some(TagRank(
                self.python_rank(python, abi, platform == u32::MAX)?,
                platform,
                std::cmp::Reverse(build),
            ))
        });
        ranks.min()
    }

    /// Distance of python and ABI. Wheels of any platform come after all that are of one.
    fn python_rank(&self, python: &str, abi: &str, is_any: bool) -> Option<u32> {
        let (major, minor) = self.python;
        let own_abi = format!("cp{major}{minor}{}", if self.free_threaded { "t" } else { "" });
        // Far more than there will ever be minor versions.
        const STEP: u32 = 1000;
        let kind = if is_any { 10 * STEP } else { 0 };
        let number = |tag: &str, implementation: &str| -> Option<u32> {
            let digits = tag.strip_prefix(implementation)?;
            let rest = digits.strip_prefix(&major.to_string())?;
            if rest.is_empty() { Some(0) } else { rest.parse().ok() }
        };
        let rank = match (number(python, "cp"), number(python, "py"), abi) {
            (Some(own), _, abi) if own == minor && abi == own_abi => 0,
            (Some(old), _, "abi3") if old <= minor && !self.free_threaded => STEP + (minor - old),
            (Some(own), _, "none") if own == minor => 2 * STEP,
            (_, Some(own), "none") if own == minor && python.len() > 3 => 3 * STEP,
            (_, Some(_), "none") if python.len() == 3 => 3 * STEP + 1,
            (_, Some(old), "none") if old < minor => 3 * STEP + 2 + (minor - old),
            _ => return None,
        };
        Some(kind + rank)
    }

    /// Distance of the platform; the largest number for `any`.
    fn platform_rank(&self, platform: &str) -> Option<u32> {
        if platform == "any" {
            return Some(u32::MAX);
        }
        let system = platform.strip_suffix(self.machine()?)?.strip_suffix('_')?;
        let (major, minor) = match (system, &self.libc) {
            ("linux", _) => return Some(u32::MAX - 1),
            ("manylinux1", _) => (2, 5),
            ("manylinux2010", _) => (2, 12),
            ("manylinux2014", _) => (2, 17),
            (system, Libc::Musl(_)) => pair(system.strip_prefix("musllinux_")?)?,
            (system, _) => pair(system.strip_prefix("manylinux_")?)?,
        };
        let (own_major, own_minor) = match &self.libc {
            Libc::Musl(_) if system.starts_with("manylinux") => return None,
            Libc::Musl(version) => version.as_ref().and_then(numbers).unwrap_or((1, 2)),
            _ => self.glibc()?,
        };
        (major == own_major && minor <= own_minor).then(|| own_minor - minor)
    }
}

fn pair(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('_')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn numbers(version: &Version) -> Option<(u32, u32)> {
    let (major, minor) = version.as_major_minor()?;
    Some((u32::try_from(major).ok()?, u32::try_from(minor).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(libc: &str) -> WheelTarget {
        let libc = match libc.split_once(' ') {
            Some(("glibc", version)) => Libc::Glibc(version.parse().unwrap()),
            Some(("musl", version)) => Libc::Musl(Some(version.parse().unwrap())),
            _ => Libc::None,
        };
        WheelTarget { python: (3, 13), free_threaded: false, platform: Subdir::Linux64, libc }
    }

    /// Those that run, the best first.
    fn sorted<'a>(target: &WheelTarget, tags: &[&'a str]) -> Vec<&'a str> {
        let rank = |tag: &&&str| target.rank(&WheelName::parse(&format!("x-1-{tag}.whl")).unwrap());
        let mut fit: Vec<&&str> = tags.iter().filter(|tag| rank(tag).is_some()).collect();
        fit.sort_by_key(rank);
        fit.into_iter().copied().collect()
    }

    #[test]
    fn the_closest_python_comes_first_and_then_the_newest_system() {
        let best_first = [
            "cp313-cp313-manylinux_2_28_x86_64",
            "cp313-cp313-manylinux2014_x86_64",
            "cp313-cp313-linux_x86_64",
            "cp313-abi3-manylinux_2_17_x86_64",
            "cp38-abi3-manylinux_2_28_x86_64",
            "py3-none-manylinux_2_17_x86_64",
            "cp313-none-any",
            "py313-none-any",
            "py2.py3-none-any",
            "py30-none-any",
        ];
        let mut shuffled = best_first;
        shuffled.reverse();
        assert_eq!(sorted(&target("glibc 2.36"), &shuffled), best_first);
    }

    #[test]
    fn what_does_not_run_has_no_rank() {
        let foreign = [
            "cp312-cp312-manylinux_2_28_x86_64",
            "cp313-cp313t-manylinux_2_28_x86_64",
            "cp314-abi3-manylinux_2_28_x86_64",
            "cp313-cp313-manylinux_2_28_aarch64",
            "cp313-cp313-manylinux_2_39_x86_64",
            "cp313-cp313-musllinux_1_2_x86_64",
            "cp313-cp313-macosx_11_0_arm64",
            "cp313-cp313-win_amd64",
            "pp311-pypy311_pp73-manylinux_2_28_x86_64",
            "py2-none-any",
            "py314-none-any",
        ];
        assert_eq!(sorted(&target("glibc 2.36"), &foreign), [] as [&str; 0]);
    }

    #[test]
    fn musl_takes_musl_wheels_only() {
        let tags = ["cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-musllinux_1_1_x86_64", "py3-none-any"];
        assert_eq!(sorted(&target("musl 1.2"), &tags), tags[1..]);
    }

    #[test]
    fn an_unknown_glibc_counts_as_old() {
        let tags = ["cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux_2_28_x86_64"];
        assert_eq!(sorted(&target("none"), &tags), tags[..1]);
    }

    #[test]
    fn a_python_without_the_global_lock_has_an_abi_of_its_own() {
        let target = WheelTarget { free_threaded: true, ..target("glibc 2.36") };
        let tags = [
            "cp313-cp313t-manylinux_2_17_x86_64",
            "cp313-cp313-manylinux_2_17_x86_64",
            "cp38-abi3-linux_x86_64",
        ];
        assert_eq!(sorted(&target, &tags), tags[..1]);
    }

    #[test]
    fn the_higher_build_tag_wins() {
        let rank = |name: &str| target("none").rank(&WheelName::parse(name).unwrap()).unwrap();
        assert!(rank("x-1-2-py3-none-any.whl") < rank("x-1-1-py3-none-any.whl"));
        assert!(rank("x-1-0-py3-none-any.whl") < rank("x-1-py3-none-any.whl"));
    }
}
