//! OCI's platforms and conda's subdirs: two names for one thing.

use mambox_oci::Platform;
use rattler_conda_types::Subdir;

use crate::BuildError;

/// Architecture, variant, subdir; the first entry of a subdir is the name we write.
const TABLE: [(&str, Option<&str>, Subdir); 8] = [
    ("amd64", None, Subdir::Linux64),
    ("arm64", None, Subdir::LinuxAarch64),
    ("ppc64le", None, Subdir::LinuxPpc64le),
    ("s390x", None, Subdir::LinuxS390X),
    ("riscv64", None, Subdir::LinuxRiscv64),
    ("386", None, Subdir::Linux32),
    ("arm", Some("v7"), Subdir::LinuxArmV7l),
    ("arm", Some("v6"), Subdir::LinuxArmV6l),
];

/// conda's name of a platform.
pub fn subdir(platform: &Platform) -> Result<Subdir, BuildError> {
    let known = |(architecture, variant, _): &&(&str, Option<&str>, Subdir)| {
        Platform { variant: variant.map(str::to_owned), ..Platform::linux(architecture) }.serves(platform)
    };
    let found = TABLE.iter().find(known).map(|(_, _, subdir)| *subdir);
    found.ok_or_else(|| BuildError::Platform(platform.to_string()))
}

/// OCI's name of a subdir; `None` for what is not Linux.
pub fn platform(subdir: Subdir) -> Option<Platform> {
    let (architecture, variant, _) = TABLE.iter().find(|(_, _, known)| *known == subdir)?;
    Some(Platform { variant: variant.map(str::to_owned), ..Platform::linux(architecture) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subdir_has_one_name() {
        for (_, _, known) in TABLE {
            assert_eq!(subdir(&platform(known).unwrap()).unwrap(), known);
        }
        assert_eq!(subdir(&"linux/arm64/v8".parse().unwrap()).unwrap(), Subdir::LinuxAarch64);
        assert!(subdir(&"windows/amd64".parse().unwrap()).is_err());
        assert!(platform(Subdir::OsxArm64).is_none());
    }
}
