//! `install`.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [words(), channels(), solving(), linking(), ignored()].concat()
}

fn words() -> Vec<Row> {
    vec![
        row(
            "install-words",
            "§4 install/create stdout, in order",
            "install -y -n base -c {channel} trunk leaf=1.0",
        )
        .says(&[
            "Transaction",
            "Prefix: {root}",
            "Updating specs:",
            "- trunk",
            "- leaf=1.0",
            "Package",
            "Version",
            "Build",
            "Channel",
            "Size",
            "Install:",
            "+ branch",
            "+ leaf",
            "+ trunk",
            "Summary:",
            "Install: 3 packages",
            "Total download:",
            "Transaction starting",
            "Linking leaf-1.0-0",
            "Linking branch-1.0-0",
            "Linking trunk-1.0-0",
            "Transaction finished",
        ])
        .calm()
        .holds("{root}/share/leaf", "leaf 1.0")
        .holds("{root}/bin/branch", "branch of {root}")
        .there("{root}/conda-meta/trunk-1.0-0.json")
        .holds("{root}/conda-meta/history", "# update specs:"),
        row("install-disk", "§4, on disk", "install -y -n base -c {channel} trunk")
            .on_disk()
            .says(&["Linking leaf-2.0-0", "Transaction finished"])
            .holds("{root}/bin/branch", "branch of {root}"),
        row("install-path", "§3 Channels: a folder", "install -y -n base -c {files} leaf")
            .there("{root}/share/leaf"),
        row("install-record", "§6 prefix/conda-meta", "install -y -n base -c {channel} leaf")
            .holds("{root}/conda-meta/leaf-2.0-0.json", "\"requested_spec\": \"leaf\"")
            .holds(
                "{root}/conda-meta/leaf-2.0-0.json",
                "\"extracted_package_dir\": \"{pkgs}/noarch/leaf-2.0-0\"",
            )
            .holds("{root}/conda-meta/leaf-2.0-0.json", "\"paths_version\": 1")
            .holds("{root}/conda-meta/history", "conda version: 3.8.0")
            .holds("{root}/conda-meta/history", "+"),
        row("install-json", "§3 --json: actions", "install --json -n base -c {channel} branch")
            .json("/actions/PREFIX", "{root}")
            .json("/prefix", "{root}")
            .json("/dry_run", false)
            .length("/actions/LINK", 2)
            .length("/actions/FETCH", 2)
            .json("/actions/LINK/0/name", "leaf")
            .json("/actions/LINK/0/fn", "leaf-2.0-0.conda")
            .json("/actions/LINK/0/url", "{channel}/noarch/leaf-2.0-0.conda")
            .json("/actions/LINK/0/subdir", "noarch")
            .json("/actions/LINK/0/build_string", "0")
            .json("/actions/LINK/0/noarch", "generic")
            .json("/actions/LINK/1/depends", serde_json::json!(["leaf >=1"]))
            .no_json("/actions/UNLINK"),
        row("install-json-dry", "§1 conda-lock", "install --json --dry-run -n base -c {channel} leaf")
            .json("/dry_run", true)
            .json("/success", true)
            .length("/actions/LINK", 1)
            .absent("{root}/conda-meta"),
        row(
            "install-again",
            "§4: nothing to do, and starting/finished follow",
            "install -y -n base -c {channel} leaf",
        )
        .before("install -y -n base -c {channel} leaf")
        .says(&[
            "All requested packages already installed",
            "Transaction starting",
            "Transaction finished",
        ]),
        row("install-again-json", "§3 --json: message", "install --json -n base -c {channel} leaf")
            .before("install -y -n base -c {channel} leaf")
            .json("/message", "All requested packages already installed")
            .no_json("/actions"),
        row("install-nothing", "§4: install with no specs", "install -y -n base").says(&["Nothing to do."]),
        row("install-missing", "§4: failure", "install -y -n base -c {channel} no-such-package")
            .exit(1)
            .warns(&["no-such-package", "critical", "Could not solve for environment specs"])
            .absent("{root}/conda-meta"),
        row(
            "install-version",
            "§4: failure names what is there",
            "install -y -n base -c {channel} 'leaf >=9'",
        )
        .exit(1)
        .warns(&["leaf", "Could not solve for environment specs"]),
        row(
            "install-unsolvable-json",
            "§3 --json: solver_problems",
            "install --json -n base -c {channel} wants-old wants-new",
        )
        .exit(1)
        .json("/success", false),
        row(
            "install-cuda",
            "§8: __cuda by name in solver errors",
            "install -y -n base -c {channel} cuda-app",
        )
        .var("CONDA_OVERRIDE_CUDA", "")
        .exit(1)
        .warns(&["__cuda"]),
        row(
            "install-cuda-told",
            "§1 Wave retries with CONDA_OVERRIDE_CUDA",
            "install -y -n base -c {channel} cuda-app",
        )
        .var("CONDA_OVERRIDE_CUDA", "99")
        .there("{root}/share/cuda-app"),
        row(
            "install-glibc",
            "§8: __glibc by name in solver errors",
            "install -y -n base -c {channel} glibc-app",
        )
        .exit(1)
        .warns(&["__glibc"]),
        row("install-glibc-told", "§3: CONDA_OVERRIDE_GLIBC", "install -y -n base -c {channel} glibc-app")
            .var("CONDA_OVERRIDE_GLIBC", "99.0")
            .there("{root}/share/glibc-app"),
    ]
}

fn channels() -> Vec<Row> {
    vec![
        row("channels-order", "§3 Channels: flexible", "install -y -n base -c {channel} -c {other} leaf")
            .holds("{root}/share/leaf", "leaf 2.0"),
        row(
            "channels-order-2",
            "§2: -c, one value each",
            "install -y -n base -c {other} -c {channel} branch",
        )
        .holds("{root}/share/leaf", "leaf 3.0"),
        row(
            "priority-flexible",
            "§3: flexible: a later channel where the first cannot",
            "install -y -n base -c {channel} -c {other} --channel-priority flexible 'leaf >=3'",
        )
        .holds("{root}/share/leaf", "leaf 3.0"),
        row(
            "priority-strict",
            "§3: only strict is strict",
            "install -y -n base -c {channel} -c {other} --channel-priority strict 'leaf >=3'",
        )
        .exit(1),
        row(
            "priority-strict-flag",
            "§2: --strict-channel-priority",
            "install -y -n base -c {channel} -c {other} --strict-channel-priority 'leaf >=3'",
        )
        .exit(1),
        row(
            "priority-disabled",
            "§3: disabled drops repository order",
            "install -y -n base -c {channel} -c {other} --no-channel-priority leaf",
        )
        .holds("{root}/share/leaf", "leaf 3.0"),
        row(
            "override-channels",
            "§3: --override-channels keeps only CLI channels",
            "install -y -n base --override-channels -c {channel} leaf",
        )
        .file("{home}/.condarc", "channels: ['http://127.0.0.1:9/none']\n")
        .there("{root}/share/leaf"),
        row("channels-env", "§3: CONDA_CHANNELS", "install -y -n base leaf")
            .var("CONDA_CHANNELS", "{channel}")
            .there("{root}/share/leaf"),
        row("channels-rc", "§3: key channels", "install -y -n base leaf")
            .file("{home}/.condarc", "channels: ['{channel}']\n")
            .there("{root}/share/leaf"),
        row(
            "channels-concatenate",
            "§3: lists concatenate, CLI first",
            "install -y -n base -c {channel} elsewhere leaf",
        )
        .file("{home}/.condarc", "channels: ['{other}']\n")
        .holds("{root}/share/leaf", "leaf 2.0")
        .there("{root}/share/elsewhere"),
        row(
            "channel-of-spec",
            "§3: a channel named in a spec is added",
            "install -y -n base -c {channel} {other}::leaf",
        )
        .holds("{root}/share/leaf", "leaf 3.0"),
        row(
            "channel-alias",
            "§2: --channel-alias",
            "install -y -n base --channel-alias {channel}/.. -c channel leaf",
        )
        .there("{root}/share/leaf"),
        row(
            "custom-channels",
            "§3: custom_channels maps a name to url/name",
            "install -y -n base -c channel leaf",
        )
        .file("{home}/.condarc", "custom_channels: {channel: '{channel}/..'}\n")
        .there("{root}/share/leaf"),
        row("ssl-verify", "§2: --ssl-verify", "install -y -n base --ssl-verify false -c {channel} leaf")
            .there("{root}/share/leaf"),
        row(
            "cacert",
            "§2: --cacert-path: a bundle that is not there",
            "install -y -n base --cacert-path /nowhere.pem -c {channel} leaf",
        )
        .exit(1)
        .warns(&["/nowhere.pem"]),
        row("platform", "§2: --platform", "create -y -n e --platform linux-aarch64 -c {channel} far")
            .holds("{root}/envs/e/share/far", "far")
            .holds("{root}/envs/e/.mambarc", "platform: linux-aarch64"),
        row("platform-env", "§4: CONDA_SUBDIR on create writes platform", "create -y -n e -c {channel} far")
            .var("CONDA_SUBDIR", "linux-aarch64")
            .holds("{root}/envs/e/.mambarc", "platform: linux-aarch64"),
        row(
            "platform-install",
            "§2: install --platform",
            "install -y -n base --platform linux-aarch64 -c {channel} far",
        )
        .there("{root}/share/far"),
        row("platform-kept", "§6: .mambarc of the prefix is read", "install -y -n e -c {channel} far")
            .before("create -y -n e --platform linux-aarch64 -c {channel} leaf")
            .there("{root}/envs/e/share/far"),
        row(
            "retry-clean",
            "§2: --retry-clean-cache",
            "install -y -n base --retry-clean-cache -c {channel} 'leaf >=9'",
        )
        .exit(1)
        .warns(&["Encountered problems while solving, retrying"]),
        row("repodata-ttl", "§2: --repodata-ttl", "install -y -n base --repodata-ttl 600 -c {channel} leaf")
            .there("{root}/share/leaf"),
    ]
}

/// Packages that nobody asked for by a spec.
const UNASKED: &str =
    "@EXPLICIT\n{channel}/noarch/leaf-1.0-0.conda\n{channel}/linux-64/wants-old-1.0-0.conda\n";

fn solving() -> Vec<Row> {
    vec![
        row("no-deps", "§2: --no-deps", "install -y -n base --no-deps -c {channel} branch")
            .there("{root}/bin/branch")
            .absent("{root}/share/leaf"),
        row("only-deps", "§2: --only-deps", "install -y -n base --only-deps -c {channel} trunk")
            .there("{root}/bin/branch")
            .there("{root}/share/leaf")
            .absent("{root}/share/trunk"),
        row(
            "freeze",
            "§4: --freeze-installed locks everything",
            "install -y -n base --freeze-installed -c {channel} wants-new",
        )
        .before("install -y -n base -c {channel} leaf=1.0")
        .exit(1)
        .holds("{root}/share/leaf", "leaf 1.0"),
        row(
            "freeze-fits",
            "§4: --freeze-installed",
            "install -y -n base --freeze-installed -c {channel} branch",
        )
        .before("install -y -n base -c {channel} leaf=1.0")
        .there("{root}/bin/branch")
        .holds("{root}/share/leaf", "leaf 1.0"),
        row("upgrade-needed", "§4: sections", "install -y -n base -c {channel} wants-new")
            .before("install -y -n base -c {channel} leaf=1.0")
            .says(&["Install:", "wants-new", "Upgrade:", "leaf", "1.0", "leaf", "2.0", "Upgrade: 1 packages"])
            .says(&["Unlinking leaf-1.0-0", "Linking leaf-2.0-0"])
            .absent("{root}/conda-meta/leaf-1.0-0.json"),
        row(
            "force-reinstall",
            "§2: --force-reinstall",
            "install -y -n base --force-reinstall -c {channel} leaf",
        )
        .before("install -y -n base -c {channel} leaf")
        .before("$ rm {root}/share/leaf")
        .says(&["Reinstall:", "leaf", "Reinstall: 1 packages"])
        .there("{root}/share/leaf"),
        row("pinned-file", "§4: conda-meta/pinned", "install -y -n base -c {channel} leaf")
            .file("{root}/conda-meta/pinned", "leaf 1.*\n")
            .file("{root}/conda-meta/history", "")
            .holds("{root}/share/leaf", "leaf 1.1"),
        row("pinned-key", "§4: pinned_packages", "install -y -n base -c {channel} leaf")
            .var("MAMBA_PINNED_PACKAGES", "leaf=1.0")
            .holds("{root}/share/leaf", "leaf 1.0"),
        row("no-pin", "§4: --no-pin", "install -y -n base --no-pin -c {channel} leaf")
            .file("{root}/conda-meta/pinned", "leaf 1.*\n")
            .file("{root}/conda-meta/history", "")
            .holds("{root}/share/leaf", "leaf 2.0"),
        row("python-pip", "§4: explicit python adds pip", "install -y -n base -c {channel} python=3.12")
            .there("{root}/conda-meta/pip-24.0-0.json")
            .there("{root}/lib/python3.12/site-packages/pip/__init__.py"),
        row(
            "python-no-pip",
            "§3: add_pip_as_python_dependency",
            "install -y -n base -c {channel} python=3.12",
        )
        .var("MAMBA_ADD_PIP_AS_PYTHON_DEPENDENCY", "false")
        .absent("{root}/conda-meta/pip-24.0-0.json"),
        row(
            "python-pin",
            "§4: the installed python minor is pinned",
            "install -y -n base -c {channel} six 'python >=3.13'",
        )
        .before("install -y -n base -c {channel} python=3.12")
        .there("{root}/lib/python3.13/site-packages/six.py"),
        row(
            "python-pin-kept",
            "§4: pinned unless python is requested",
            "update -y -n base --all -c {channel}",
        )
        .before("install -y -n base -c {channel} six")
        .before("install -y -n base -c {channel} python=3.12")
        .there("{root}/bin/python3.12"),
        row("no-py-pin", "§2: --no-py-pin", "install -y -n base --no-py-pin -c {channel} six")
            .before("install -y -n base -c {channel} python=3.12")
            .there("{root}/conda-meta/six-1.16.0-0.json"),
        row(
            "allow-downgrade",
            "§2: --allow-downgrade",
            "install -y -n base --allow-downgrade -c {channel} wants-old",
        )
        .before("install -y -n base -c {channel} leaf=2.0")
        .says(&["Downgrade:"])
        .holds("{root}/share/leaf", "leaf 1.0"),
        row("no-downgrade", "§3: allow_downgrade is off", "install -y -n base -c {channel} wants-old")
            .before("install -y -n base -c {channel} leaf=2.0 branch")
            .exit(1)
            .holds("{root}/share/leaf", "leaf 2.0"),
        row(
            "allow-uninstall",
            "§2: --allow-uninstall",
            "install -y -n base --allow-uninstall -c {channel} wants-new",
        )
        .file("list.txt", UNASKED)
        .before("install -q -n base -f list.txt")
        .says(&["Remove:", "wants-old"])
        .there("{root}/share/wants-new")
        .absent("{root}/share/wants-old"),
        row("no-allow-uninstall", "§3: MAMBA_ALLOW_UNINSTALL", "install -y -n base -c {channel} wants-new")
            .file("list.txt", UNASKED)
            .before("install -q -n base -f list.txt")
            .var("MAMBA_ALLOW_UNINSTALL", "false")
            .exit(1)
            .there("{root}/share/wants-old"),
    ]
}

fn linking() -> Vec<Row> {
    vec![
        row(
            "hard-links",
            "§4 Link: hard link",
            "$ [ {root}/share/leaf -ef {pkgs}/noarch/leaf-2.0-0/share/leaf ]",
        )
        .before("install -y -n base -c {channel} leaf"),
        row("copies", "§2: --copy", "$ [ {root}/share/leaf -ef {pkgs}/noarch/leaf-2.0-0/share/leaf ]")
            .before("install -y -n base --copy -c {channel} leaf")
            .exit(1),
        row("softlinks", "§2: --always-softlink", "$ [ -L {root}/share/leaf ]")
            .before("install -y -n base --always-softlink -c {channel} leaf"),
        row("copy", "§2: --copy", "install -y -n base --copy -c {channel} leaf")
            .holds("{root}/share/leaf", "leaf 2.0"),
        row("always-copy", "§2: --always-copy", "install -y -n base --always-copy -c {channel} leaf")
            .there("{root}/share/leaf"),
        row(
            "always-softlink",
            "§2: --always-softlink",
            "install -y -n base --always-softlink -c {channel} leaf",
        )
        .holds("{root}/share/leaf", "leaf 2.0"),
        row(
            "allow-softlinks",
            "§2: --allow-softlinks",
            "install -y -n base --allow-softlinks -c {channel} leaf",
        )
        .there("{root}/share/leaf"),
        row("pyc", "§2: --pyc", "install -y -n base --pyc -c {channel} python=3.12 six")
            .there("{root}/lib/python3.12/site-packages/six.py"),
        row("no-pyc", "§2: --no-pyc", "install -y -n base --no-pyc -c {channel} python=3.12 six")
            .absent("{root}/lib/python3.12/site-packages/__pycache__"),
        row("link-script", "§4: link scripts", "install -y -n base -c {channel} scripted")
            .holds("{root}/post-link.txt", "scripted 1.0 0 {root}"),
        row(
            "link-script-fails",
            "§4: a non-zero status is ignored",
            "install -y -n base -c {channel} failing",
        )
        .says(&["Transaction finished"])
        .warns(&["failing", "no luck"]),
        row(
            "skip-scripts",
            "§2: --skip-run-link-scripts",
            "install -y -n base --skip-run-link-scripts -c {channel} scripted",
        )
        .absent("{root}/post-link.txt"),
        row("old-archives", "§6: .tar.bz2", "install -y -n base -c {channel} old")
            .holds("{root}/share/old", "old"),
        row("pkgs-dir", "§6 root/pkgs", "install -y -n base -c {channel} leaf")
            .there("{pkgs}/noarch/leaf-2.0-0.conda")
            .there("{pkgs}/noarch/leaf-2.0-0/info/repodata_record.json"),
        row("pkgs-dirs-env", "§3: CONDA_PKGS_DIRS", "install -y -n base -c {channel} leaf")
            .var("CONDA_PKGS_DIRS", "{work}/cache")
            .there("cache")
            .absent("{root}/pkgs"),
        row("home-clean", "§8: nothing in HOME", "install -y -n base -c {channel} leaf")
            .absent("{home}/.conda")
            .absent("{home}/.mamba")
            .absent("{home}/.cache"),
        row("extract-threads", "§7: extract_threads 1", "install -y -n base -c {channel} trunk")
            .var("MAMBA_EXTRACT_THREADS", "1")
            .var("MAMBA_DOWNLOAD_THREADS", "1")
            .there("{root}/share/trunk"),
        row("no-lockfiles", "§3: use_lockfiles", "install -y -n base -c {channel} leaf")
            .var("MAMBA_USE_LOCKFILES", "false")
            .there("{root}/share/leaf"),
    ]
}

fn ignored() -> Vec<Row> {
    vec![
        row("ignored", "§2: accepted and ignored",
            "install -y -n base --verify-artifacts --trusted-channels x --shortcuts --ssl-no-revoke --no-mamba-repodata-parsing -c {channel} leaf")
            .there("{root}/share/leaf"),
        row("supported-s", "§2: S options",
            "install -y -n base --lock-timeout 5 --safety-checks warn --extra-safety-checks -c {channel} leaf")
            .there("{root}/share/leaf"),
    ]
}

#[test]
fn install() {
    check(&rows());
}
