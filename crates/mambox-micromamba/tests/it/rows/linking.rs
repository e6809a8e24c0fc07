//! `install`: how packages are put into the prefix, and options that are accepted.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [linking(), ignored()].concat()
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
fn installed_files() {
    check(&rows());
}
