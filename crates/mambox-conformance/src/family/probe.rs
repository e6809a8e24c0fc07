//! What is laid into an image so that it can be looked at.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use crate::perform::Programs;

/// The programs are not in the prefix: one that nobody may read must only fail the checks that need it.
const SHOW: &str = "/opt/mambox-probe/show-env";

/// The channel with one package, which leaves one file.
pub(super) const CHANNEL: &str = "file:///opt/mambox-probe/channel";

/// A package that consists of `info/` and `share/tiny.txt`, a text.
const PACKAGE: &[u8] = include_bytes!("channel/noarch/tiny-1.0-0.tar.bz2");
const REPODATA: &[u8] = include_bytes!("channel/noarch/repodata.json");

/// The variable of `env_vars.d`; its value is `of` and the environment's name.
pub(super) const VARIABLE: &str = "PROBE_VARIABLE";
/// That of `activate.d`; its value is the folder `share` of the environment.
pub(super) const SCRIPTED: &str = "PROBE_SCRIPT";

/// The programs, for an image with such an account.
pub(super) fn programs(user: &str) -> Programs<'_> {
    Programs {
        show: SHOW,
        name: "show-env",
        script: "/opt/mambox-probe/step.sh",
        wait: "/opt/mambox-probe/wait",
        user,
    }
}

/// A folder for the engine's `build`, from which [`instructions`] copy.
pub(super) fn context() -> io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    let program = |name: &str, text: &str| write(path, &format!("programs/{name}"), text.as_bytes(), 0o755);
    program("show-env", "#!/bin/sh\nexec env\n")?;
    program("wait", "#!/bin/sh\nexec sleep 86400\n")?;
    program("step.sh", &format!("{SHOW}\n"))?;
    write(path, "programs/channel/noarch/repodata.json", REPODATA, 0o644)?;
    write(path, "programs/channel/noarch/tiny-1.0-0.tar.bz2", PACKAGE, 0o644)?;
    environment(path, "base")?;
    environment(path, "env2")?;
    // Some tools take only that for an environment; the root prefix may have one already.
    write(path, "env2/conda-meta/history", b"", 0o644)?;
    Ok(folder)
}

/// A small environment with all that activation has to look at.
fn environment(root: &Path, name: &str) -> io::Result<()> {
    let write = |path: &str, text: &str, mode| write(root, &format!("{name}/{path}"), text.as_bytes(), mode);
    let record = r#"{"name":"probe","version":"1.0","build":"0","build_number":0,"channel":"probe","subdir":"noarch",
"fn":"probe-1.0-0.conda","url":"file:///probe/noarch/probe-1.0-0.conda","depends":[],"files":[],"noarch":"generic"}
"#;
    write("conda-meta/probe-1.0-0.json", record, 0o644)?;
    write("bin/show-env", "#!/bin/sh\nexec env\n", 0o755)?;
    let variables = format!("{{\"{VARIABLE}\": \"of {name}\"}}\n");
    write("etc/conda/env_vars.d/probe.json", &variables, 0o644)?;
    let script = format!("export {SCRIPTED}=\"$CONDA_PREFIX/share\"\n");
    write("etc/conda/activate.d/probe.sh", &script, 0o644)
}

/// The instructions that lay it in, for an owner (`uid:gid`).
///
/// Files go one by one into folders of the prefix, since engines give a folder that is there the rights of one that is
/// copied onto it.
pub(super) fn instructions(prefix: &str, owner: &str) -> Vec<String> {
    let copy = |from: &str, to: &str| format!("COPY --chown={owner} {from} {to}");
    vec![
        // Derived images may have chosen another one.
        "ENV ENV_NAME=base".to_owned(),
        copy("programs/", "/opt/mambox-probe/"),
        copy("base/bin/show-env", &format!("{prefix}/bin/")),
        copy("base/conda-meta/probe-1.0-0.json", &format!("{prefix}/conda-meta/")),
        copy("base/etc/conda/env_vars.d/probe.json", &format!("{prefix}/etc/conda/env_vars.d/")),
        copy("base/etc/conda/activate.d/probe.sh", &format!("{prefix}/etc/conda/activate.d/")),
        copy("env2/", &format!("{prefix}/envs/env2/")),
    ]
}

/// Writes a file below `root` and the folders to it, with rights that no umask takes away.
fn write(root: &Path, path: &str, content: &[u8], mode: u32) -> io::Result<()> {
    let path = root.join(path);
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        for above in folder.ancestors().take_while(|above| *above != root) {
            fs::set_permissions(above, Permissions::from_mode(0o755))?;
        }
    }
    fs::write(&path, content)?;
    fs::set_permissions(path, Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_may_read_what_is_copied() {
        let context = context().expect("a folder");
        let mode = |path: &str| {
            fs::metadata(context.path().join(path)).expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(mode("programs/show-env"), 0o755);
        assert_eq!(mode("env2/etc/conda/activate.d"), 0o755);
        assert_eq!(mode("env2/conda-meta/history"), 0o644);
    }

    #[test]
    fn files_go_one_by_one_into_folders_that_may_be_there() {
        insta::assert_snapshot!(instructions("/opt/conda", "57439:57439").join("\n"), @r"
        ENV ENV_NAME=base
        COPY --chown=57439:57439 programs/ /opt/mambox-probe/
        COPY --chown=57439:57439 base/bin/show-env /opt/conda/bin/
        COPY --chown=57439:57439 base/conda-meta/probe-1.0-0.json /opt/conda/conda-meta/
        COPY --chown=57439:57439 base/etc/conda/env_vars.d/probe.json /opt/conda/etc/conda/env_vars.d/
        COPY --chown=57439:57439 base/etc/conda/activate.d/probe.sh /opt/conda/etc/conda/activate.d/
        COPY --chown=57439:57439 env2/ /opt/conda/envs/env2/
        ");
    }
}
