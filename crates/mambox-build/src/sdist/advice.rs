//! The next step after a backend's failure, as far as its words give it away.

/// Words, in small letters, and what to do. The first that fits counts.
const ADVICE: [(&[&str], &str); 6] = [
    (
        &[
            "temporary failure in name resolution",
            "name or service not known",
            "network is unreachable",
            "failed to establish a new connection",
        ],
        "wheels are built without network: have what it fetches among the build requirements or the environment's \
         dependencies, or use a version that has a wheel",
    ),
    (
        &["unable to detect version"],
        "its version comes from git's history, which a build does not have: name a version where the environment is \
         locked, or use one that has a wheel",
    ),
    (
        &["modulenotfounderror", "no module named"],
        "name the distribution that has the module in 'requires' of [build-system] in pyproject.toml, or add it to the \
         environment's dependencies",
    ),
    (
        &[
            "cmake must be installed",
            "no such file or directory: 'cmake'",
            "could not find cmake",
            "no such file or directory: 'ninja'",
        ],
        "add cmake and ninja to the environment's dependencies, or use a version that has a wheel",
    ),
    (
        &[
            "no such file or directory: 'cargo'",
            "no such file or directory: 'rustc'",
            "can't find rust compiler",
            "cargo, the rust package manager, is not installed",
        ],
        "it needs a compiler for Rust: add 'rust' to the environment's dependencies, or use a version that has a wheel",
    ),
    (
        &[
            "gcc",
            "g++",
            "cc: not found",
            "clang",
            "unknown compiler",
            "c compiler",
            "c++ compiler",
            "unable to execute 'cc'",
            "command 'cc' failed",
        ],
        "where a compiler is missing, add 'c-compiler' (for C++ 'cxx-compiler') to the environment's dependencies, or use \
         a version that has a wheel",
    ),
];

/// For the end of a backend's output.
pub(super) fn of(output: &str) -> &'static str {
    let output = output.to_lowercase();
    let fits = |(words, _): &&(&[&str], &str)| words.iter().any(|word| output.contains(word));
    ADVICE.iter().find(fits).map_or(
        "see what it says: it may want something of the environment's dependencies, or another python; a version that has \
         a wheel needs no build",
        |(_, advice)| advice,
    )
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_missing_is_advised() {
        let advised = |output, word| assert!(of(output).contains(word), "{output}: {}", of(output));
        advised("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "c-compiler");
        advised("error: [Errno 2] No such file or directory: 'gcc'", "c-compiler");
        advised("error: can't find Rust compiler", "'rust'");
        advised("<urlopen error [Errno -3] Temporary failure in name resolution>", "without network");
        advised("LookupError: setuptools-scm was unable to detect version for /x.", "history");
        advised("ModuleNotFoundError: No module named 'numpy'", "the distribution that has the module");
        advised("AttributeError: module 'pkgutil' has no attribute 'ImpImporter'", "another python");
    }
}
