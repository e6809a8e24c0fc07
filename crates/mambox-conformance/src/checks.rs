//! The ways in. The table of the book's page of activation has the same rows: a test compares them.

use By::{Bashrc, DockerfileShell, Entrypoint, ImageEnv, LoginScript, Nothing};
use Entry::{Derived, Exec, Run, Step};

use crate::check::{By, Check, Entry, Need};

/// Every way into a container that is checked.
pub const CHECKS: &[Check] = &[
    check("run IMAGE PROGRAM", Run { options: &[], command: &["{show}"] }).in_both(ImageEnv, Entrypoint),
    check("run IMAGE PROGRAM, found on the PATH", Run { options: &[], command: &["{name}"] })
        .in_both(ImageEnv, Entrypoint),
    check("run IMAGE sh -c PROGRAM", Run { options: &[], command: &["sh", "-c", "{show}"] })
        .needs(Need::Sh)
        .in_both(ImageEnv, Entrypoint),
    check("run IMAGE sh -lc PROGRAM", Run { options: &[], command: &["sh", "-lc", "{show}"] })
        .needs(Need::Sh)
        .in_both(LoginScript, Entrypoint),
    check("run IMAGE bash -lc PROGRAM", Run { options: &[], command: &["bash", "-lc", "{show}"] })
        .needs(Need::Bash)
        .in_both(LoginScript, Entrypoint),
    check("run IMAGE bash -ic PROGRAM", Run { options: &[], command: &["bash", "-ic", "{show}"] })
        .needs(Need::Bash)
        .in_both(ImageEnv, Entrypoint),
    check(
        "run IMAGE su USER -c PROGRAM",
        Run { options: &["--user", "0"], command: &["su", "{user}", "-c", "{show}"] },
    )
    .needs(Need::Su)
    .in_both(ImageEnv, Entrypoint),
    check(
        "run IMAGE su - USER -c PROGRAM",
        Run { options: &["--user", "0"], command: &["su", "-", "{user}", "-c", "{show}"] },
    )
    .needs(Need::Su)
    .in_built(LoginScript),
    check(
        "run --entrypoint su IMAGE - USER -c 'bash -ic PROGRAM'",
        Run {
            options: &["--user", "0", "--entrypoint", "su"],
            command: &["-", "{user}", "-c", "bash -ic {show}"],
        },
    )
    .needs(Need::Bash)
    .in_both(LoginScript, Bashrc),
    check("run --entrypoint '' IMAGE PROGRAM", Run { options: &["--entrypoint", ""], command: &["{show}"] })
        .in_both(ImageEnv, Nothing),
    check(
        "run --entrypoint bash IMAGE -c PROGRAM",
        Run { options: &["--entrypoint", "bash"], command: &["-c", "{show}"] },
    )
    .needs(Need::Bash)
    .in_both(ImageEnv, Nothing),
    check(
        "run --entrypoint bash IMAGE -ic PROGRAM",
        Run { options: &["--entrypoint", "bash"], command: &["-ic", "{show}"] },
    )
    .needs(Need::Bash)
    .in_both(ImageEnv, Bashrc),
    check(
        "run --user 1234:5678 IMAGE PROGRAM",
        Run { options: &["--user", "1234:5678"], command: &["{show}"] },
    )
    .in_both(ImageEnv, Entrypoint),
    check(
        "run --user 1234:0 --read-only IMAGE PROGRAM",
        Run { options: &["--user", "1234:0", "--read-only"], command: &["{show}"] },
    )
    .in_both(ImageEnv, Entrypoint),
    check(
        "run -e MAMBA_SKIP_ACTIVATE=1 IMAGE PROGRAM",
        Run { options: &["-e", "MAMBA_SKIP_ACTIVATE=1"], command: &["{show}"] },
    )
    .in_both(ImageEnv, Nothing),
    check("exec CONTAINER PROGRAM", Exec { options: &[], command: &["{show}"] }).in_both(ImageEnv, Nothing),
    check(
        "exec --user 1234:5678 CONTAINER PROGRAM",
        Exec { options: &["--user", "1234:5678"], command: &["{show}"] },
    )
    .in_both(ImageEnv, Nothing),
    check("exec CONTAINER sh -c PROGRAM", Exec { options: &[], command: &["sh", "-c", "{show}"] })
        .needs(Need::Sh)
        .in_both(ImageEnv, Nothing),
    check("exec CONTAINER bash -lc PROGRAM", Exec { options: &[], command: &["bash", "-lc", "{show}"] })
        .needs(Need::Bash)
        .in_built(LoginScript),
    check("exec CONTAINER bash -ic PROGRAM", Exec { options: &[], command: &["bash", "-ic", "{show}"] })
        .needs(Need::Bash)
        .in_both(ImageEnv, Bashrc),
    check(
        "exec CONTAINER _entrypoint.sh PROGRAM",
        Exec { options: &[], command: &["_entrypoint.sh", "{show}"] },
    )
    .in_family(Entrypoint),
    check("CMD [\"PROGRAM\"]", Derived(&["CMD [\"{show}\"]"])).in_both(ImageEnv, Entrypoint),
    check("CMD PROGRAM", Derived(&["CMD {show}"])).needs(Need::Sh).in_both(ImageEnv, Entrypoint),
    check("ENTRYPOINT [\"PROGRAM\"]", Derived(&["ENTRYPOINT [\"{show}\"]"])).in_both(ImageEnv, Nothing),
    check("ENTRYPOINT PROGRAM", Derived(&["ENTRYPOINT {show}"])).needs(Need::Sh).in_both(ImageEnv, Nothing),
    check(
        "ENTRYPOINT [\"_entrypoint.sh\", \"PROGRAM\"]",
        Derived(&["ENTRYPOINT [\"/usr/local/bin/_entrypoint.sh\", \"{show}\"]"]),
    )
    .in_family(Entrypoint),
    check("RUN PROGRAM", Step(&[])).needs(Need::Sh).in_both(ImageEnv, Nothing),
    check("RUN PROGRAM, after ARG MAMBA_DOCKERFILE_ACTIVATE=1", Step(&["ARG MAMBA_DOCKERFILE_ACTIVATE=1"]))
        .needs(Need::Sh)
        .in_both(ImageEnv, DockerfileShell),
    check(
        "GitHub Actions, shell: bash",
        Exec { options: &[], command: &["bash", "--noprofile", "--norc", "-eo", "pipefail", "{script}"] },
    )
    .needs(Need::Bash)
    .in_both(ImageEnv, Nothing),
    check(
        "GitHub Actions, shell: _entrypoint.sh bash",
        Exec {
            options: &[],
            command: &["_entrypoint.sh", "bash", "--noprofile", "--norc", "-eo", "pipefail", "{script}"],
        },
    )
    .needs(Need::Bash)
    .in_family(Entrypoint),
    check(
        "Kubernetes, command: PROGRAM",
        Run {
            options: &["--user", "1234:5678", "--read-only", "-e", "HOME=", "--entrypoint", "{show}"],
            command: &[],
        },
    )
    .in_both(ImageEnv, Nothing),
    check(
        "Kubernetes, command: _entrypoint.sh PROGRAM",
        Run {
            options: &[
                "--user",
                "1234:5678",
                "--read-only",
                "-e",
                "HOME=",
                "--entrypoint",
                "/usr/local/bin/_entrypoint.sh",
            ],
            command: &["{show}"],
        },
    )
    .in_family(Entrypoint),
];

/// A check that needs nothing and promises nothing yet.
const fn check(name: &'static str, entry: Entry) -> Check {
    Check { name, entry, needs: Need::Nothing, built: None, family: None }
}

impl Check {
    const fn needs(mut self, need: Need) -> Self {
        self.needs = need;
        self
    }

    const fn in_built(mut self, by: By) -> Self {
        self.built = Some(by);
        self
    }

    const fn in_family(mut self, by: By) -> Self {
        self.family = Some(by);
        self
    }

    const fn in_both(self, built: By, family: By) -> Self {
        self.in_built(built).in_family(family)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
    }

    #[test]
    fn every_check_promises_something() {
        for check in CHECKS {
            assert!(check.built.or(check.family).is_some(), "{}", check.name);
        }
    }

    #[test]
    fn the_entrypoint_is_passed_unless_replaced() {
        let passed =
            |name: &str| CHECKS.iter().find(|check| check.name == name).expect("a check").passes_entrypoint();
        assert_eq!(passed("run IMAGE PROGRAM"), Some(true));
        assert_eq!(passed("CMD PROGRAM"), Some(true));
        assert_eq!(passed("run IMAGE su USER -c PROGRAM"), None);
        for name in
            ["exec CONTAINER PROGRAM", "ENTRYPOINT PROGRAM", "RUN PROGRAM", "Kubernetes, command: PROGRAM"]
        {
            assert_eq!(passed(name), Some(false), "{name}");
        }
        assert_eq!(passed("run -e MAMBA_SKIP_ACTIVATE=1 IMAGE PROGRAM"), Some(false));
    }
}
