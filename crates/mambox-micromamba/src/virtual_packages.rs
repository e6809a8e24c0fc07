//! What the machine offers to packages: its C library, kernel, processor and graphics driver.
//!
//! A static program cannot ask a C library for its version, so that of the image is read from its file. The driver's
//! CUDA version comes from `nvidia-smi`, since a static program cannot load the driver's library either.

use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use mambox_env::{Libc, OVERRIDES, Subject, VirtualPackageFacts, parse_cuda_version};
use rattler_conda_types::{Subdir, Version};

use crate::machine::Machine;

/// A driver that does not answer counts as none.
const DRIVER_WAIT: Duration = Duration::from_secs(5);

/// Facts of this machine; of nothing but the overrides where `platform` is another one.
pub(crate) fn facts(platform: Subdir, machine: &Machine) -> VirtualPackageFacts {
    let mut facts = VirtualPackageFacts::new(platform);
    facts.subject = Subject::System;
    let set = OVERRIDES.iter().filter_map(|name| {
        let value = machine.variables.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    facts.overrides = set.collect();
    if Some(platform) != Subdir::current() {
        // As conda assumes for a platform that it is not on.
        facts.libc = Version::from_str("2.17").map_or(Libc::None, Libc::Glibc);
        return facts;
    }
    facts.libc = libc(platform);
    facts.linux = kernel();
    facts.archspec = level().map(str::to_owned);
    if !facts.overrides.contains_key("CONDA_OVERRIDE_CUDA") {
        facts.cuda = driver(machine);
    }
    facts
}

fn libc(platform: Subdir) -> Libc {
    let paths = Libc::paths(platform);
    let found = paths.iter().filter_map(|path| std::fs::read(Path::new("/").join(path)).ok());
    found.filter_map(|bytes| Libc::detect(&bytes)).next().unwrap_or(Libc::None)
}

/// `6.1.0-18-amd64` is 6.1.0.
fn kernel() -> Option<Version> {
    let name = rustix::system::uname();
    let release = name.release().to_str().ok()?;
    let end = release.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(release.len());
    Version::from_str(release[..end].trim_end_matches('.')).ok()
}

/// The x86-64 psABI's level, which micromamba reports as well; other processors are known by their platform.
#[cfg(target_arch = "x86_64")]
fn level() -> Option<&'static str> {
    use std::arch::is_x86_feature_detected as has;
    let two = has!("sse3") && has!("ssse3") && has!("sse4.1") && has!("sse4.2") && has!("popcnt");
    let three =
        two && has!("avx2") && has!("bmi1") && has!("bmi2") && has!("fma") && has!("lzcnt") && has!("movbe");
    let four = three
        && has!("avx512f")
        && has!("avx512bw")
        && has!("avx512cd")
        && has!("avx512dq")
        && has!("avx512vl");
    Some(match (four, three, two) {
        (true, ..) => "x86_64_v4",
        (_, true, _) => "x86_64_v3",
        (.., true) => "x86_64_v2",
        _ => "x86_64",
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn level() -> Option<&'static str> {
    None
}

fn driver(machine: &Machine) -> Option<Version> {
    let path = machine.var("PATH").unwrap_or("/usr/bin:/bin");
    let program =
        std::env::split_paths(path).map(|folder| folder.join("nvidia-smi")).find(|path| path.is_file())?;
    let mut child = Command::new(program)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let started = Instant::now();
    // Its table has some kilobytes and fits into the pipe, so that it need not be read meanwhile.
    while child.try_wait().ok()?.is_none() {
        if started.elapsed() > DRIVER_WAIT {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().ok()?;
    cuda_of(&String::from_utf8_lossy(&output.stdout))
}

/// From the heading of the table: `CUDA Version: 12.4`.
fn cuda_of(table: &str) -> Option<Version> {
    let (_, rest) = table.split_once("CUDA Version:")?;
    parse_cuda_version(rest.split_whitespace().next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_tells_its_cuda() {
        let table = "| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |";
        assert_eq!(cuda_of(table), Version::from_str("12.4").ok());
        assert_eq!(cuda_of("No devices were found"), None);
    }

    #[test]
    fn this_machine_has_a_kernel() {
        assert!(kernel().is_some());
    }
}
