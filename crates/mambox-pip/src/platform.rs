//! What uv calls the platform that a wheel is for.

use mambox_env::{Libc, WheelTarget};
use rattler_conda_types::Subdir;

/// Minor numbers of glibc 2 that uv knows by name.
const GLIBC: [u32; 12] = [17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40];

/// The value for `--python-platform`: the newest glibc that uv knows and the target has. `None` for what uv does not know.
///
/// A glibc older than 2.17 counts as that. Wheels that do not run are not taken later on either way.
pub(crate) fn python_platform(target: &WheelTarget) -> Option<String> {
    let machine = match target.platform {
        Subdir::Linux64 => "x86_64",
        Subdir::LinuxAarch64 => "aarch64",
        // One name for all, whatever the C library.
        Subdir::LinuxRiscv64 if !matches!(target.libc, Libc::Musl(_)) => {
            return Some("riscv64-unknown-linux".to_owned());
        }
        _ => return None,
    };
    let Some((major, minor)) = target.glibc() else { return Some(format!("{machine}-unknown-linux-musl")) };
    let known = GLIBC.iter().rev().find(|known| major > 2 || **known <= minor).unwrap_or(&GLIBC[0]);
    Some(format!("{machine}-manylinux_2_{known}"))
}

/// `python 3.13 on linux-64`, for messages.
pub(crate) fn label(target: &WheelTarget) -> String {
    let threads = if target.free_threaded { " without the global lock" } else { "" };
    format!("python {}{threads} on {}", target.python_version(), target.platform)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(platform: Subdir, libc: &str) -> Option<String> {
        let libc = match libc.split_once(' ') {
            Some(("glibc", version)) => Libc::Glibc(version.parse().expect("a version")),
            Some(("musl", version)) => Libc::Musl(version.parse().ok()),
            _ => Libc::None,
        };
        python_platform(&WheelTarget { python: (3, 13), free_threaded: false, platform, libc })
    }

    #[test]
    fn the_newest_known_glibc_that_is_not_newer_than_the_base() {
        for (libc, name) in [
            ("glibc 2.36", "x86_64-manylinux_2_36"),
            ("glibc 2.30", "x86_64-manylinux_2_28"),
            ("glibc 2.17", "x86_64-manylinux_2_17"),
            ("glibc 2.12", "x86_64-manylinux_2_17"),
            ("glibc 2.99", "x86_64-manylinux_2_40"),
            ("glibc 3.0", "x86_64-manylinux_2_40"),
            ("none", "x86_64-manylinux_2_17"),
            ("musl 1.2", "x86_64-unknown-linux-musl"),
        ] {
            assert_eq!(of(Subdir::Linux64, libc).as_deref(), Some(name), "{libc}");
        }
        assert_eq!(of(Subdir::LinuxAarch64, "glibc 2.39").as_deref(), Some("aarch64-manylinux_2_39"));
        assert_eq!(of(Subdir::LinuxAarch64, "musl 1.2").as_deref(), Some("aarch64-unknown-linux-musl"));
        assert_eq!(of(Subdir::LinuxRiscv64, "glibc 2.39").as_deref(), Some("riscv64-unknown-linux"));
    }

    #[test]
    fn processors_that_uv_does_not_know_have_no_name() {
        for platform in
            [Subdir::LinuxPpc64le, Subdir::LinuxS390X, Subdir::LinuxArmV7l, Subdir::Linux32, Subdir::OsxArm64]
        {
            assert_eq!(of(platform, "glibc 2.36"), None, "{platform}");
        }
        assert_eq!(of(Subdir::LinuxRiscv64, "musl 1.2"), None);
    }
}
