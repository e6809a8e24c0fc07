//! Whether `.pyc` files can be made for an environment, as far as that is known before anything runs.

use std::path::Path;

use mambox_env::{Libc, Lock};
use mambox_layer::{LayerError, PycPolicy, Python};
use mambox_oci::Platform;

use crate::{BuildError, PycRequest};

/// What the packages are put on.
pub(crate) struct Ground<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) libc: &'a Libc,
}

/// The policy for an environment's layers. Environments without a noarch python package have none to make.
///
/// # Errors
/// [`BuildError::NoPyc`] where there would be some, but python cannot run here.
pub(crate) fn decide(wish: PycRequest, lock: &Lock, ground: &Ground<'_>) -> Result<PycPolicy, BuildError> {
    let by_python = lock.packages().iter().any(|package| package.record.noarch.is_python());
    let wanted = by_python || !lock.pip().is_empty();
    let python = lock.package("python");
    let (PycRequest::On, true, Some(python)) = (wish, wanted, python) else { return Ok(PycPolicy::Off) };
    let version = Python::of(&python.record).map_err(LayerError::from)?;
    let reason = if !version.can_make_pyc() {
        Some(format!("python {} cannot make any that are valid by their content; 3.7 can", version.version))
    } else {
        cannot_run(ground)
    };
    match reason {
        Some(reason) => Err(BuildError::NoPyc { reason }),
        None => Ok(PycPolicy::UncheckedHash),
    }
}

/// Why python cannot run here, as far as that is known before it is tried.
pub(crate) fn cannot_run(ground: &Ground<'_>) -> Option<String> {
    if !runs_here(&ground.platform.architecture) {
        let (platform, machine) = (ground.platform, std::env::consts::ARCH);
        return Some(format!(
            "python for {platform} does not run on this machine ({machine}); install qemu-user-static, or build on a \
             machine for {platform}"
        ));
    }
    let why = "the base has no glibc, without which the environment's python does not run";
    (!matches!(ground.libc, Libc::Glibc(_))).then(|| why.to_owned())
}

/// The line for whoever builds.
pub(crate) fn left_out(reason: &str) -> String {
    format!(
        "noarch python packages and wheels have no .pyc files and start more slowly: {reason} (--pyc off: the same without \
         this warning)"
    )
}

/// Whether programs for an architecture (in Go's words, as OCI uses them) run on this machine, perhaps through QEMU.
fn runs_here(architecture: &str) -> bool {
    let name = match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i386",
        "loong64" => "loongarch64",
        other => other,
    };
    let own = match std::env::consts::ARCH {
        "x86" => "i386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        other => other,
    };
    name == own || Path::new("/proc/sys/fs/binfmt_misc").join(format!("qemu-{name}")).exists()
}

#[cfg(test)]
mod tests {
    use mambox_env::LockedPackage;
    use mambox_testkit::PackageBuilder;
    use rattler_conda_types::Subdir;

    use super::*;

    fn lock(python: &str, packages: Vec<PackageBuilder>) -> Lock {
        let python = PackageBuilder::python_interpreter(python, "");
        let records = packages.into_iter().chain([python]).map(|package| {
            let record = package.finish(Vec::new()).repo_data_record("https://conda.example.invalid/c");
            LockedPackage::from_repodata(record).expect("a package")
        });
        Lock::new(Subdir::Linux64, ["https://conda.example.invalid/c"], records.collect()).expect("a lock")
    }

    fn tool() -> PackageBuilder {
        PackageBuilder::new("tool", "1.0").noarch_python()
    }

    fn decided(wish: PycRequest, lock: &Lock, architecture: &str, libc: Libc) -> String {
        let ground = Ground { platform: &Platform::linux(architecture), libc: &libc };
        match decide(wish, lock, &ground) {
            Ok(policy) => format!("{policy:?}"),
            Err(error) => error.to_string().replace(std::env::consts::ARCH, "[ARCH]"),
        }
    }

    fn machine() -> &'static str {
        match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        }
    }

    fn glibc() -> Libc {
        Libc::Glibc("2.36".parse().expect("a version"))
    }

    #[test]
    fn files_are_made_where_a_package_has_sources_and_python_runs() {
        let with_tool = lock("3.13.5", vec![tool()]);
        let data = PackageBuilder::new("data", "1.0").noarch_generic();
        let native = PackageBuilder::new("native", "1.0").depends("python");
        let without = lock("3.13.5", vec![data, native]);
        assert_eq!(decided(PycRequest::On, &with_tool, machine(), glibc()), "UncheckedHash");
        assert_eq!(decided(PycRequest::Off, &with_tool, machine(), glibc()), "Off");
        assert_eq!(decided(PycRequest::On, &without, machine(), glibc()), "Off");
        assert_eq!(decided(PycRequest::On, &without, "mips", Libc::None), "Off", "and nobody is warned");
    }

    #[test]
    fn the_reason_against_it_is_told() {
        let lock_of = |python| lock(python, vec![tool()]);
        let told = [
            decided(PycRequest::On, &lock_of("3.6.15"), machine(), glibc()),
            decided(PycRequest::On, &lock_of("3.13.5"), "mips", glibc()),
            decided(PycRequest::On, &lock_of("3.13.5"), machine(), Libc::Musl(None)),
        ];
        insta::assert_snapshot!(told.join("\n"), @r"
        the .pyc files of noarch python packages and wheels cannot be made here: python 3.6 cannot make any that are valid by their content; 3.7 can
        the .pyc files of noarch python packages and wheels cannot be made here: python for linux/mips does not run on this machine ([ARCH]); install qemu-user-static, or build on a machine for linux/mips
        the .pyc files of noarch python packages and wheels cannot be made here: the base has no glibc, without which the environment's python does not run
        ");
    }
}
