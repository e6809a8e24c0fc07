//! Files, accounts and rights. The texts use what every POSIX shell has itself, for images with nothing else.

use super::rows::row;
use crate::family::check::{FamilyCheck, Group, Look, Who};

use Who::{Anybody, Own, Root};

/// A line of a file, not commented out, names the script.
macro_rules! sourcing {
    ($file:literal) => {
        concat!(
            "file=",
            $file,
            r#"; found=
        while IFS= read -r line || [ -n "$line" ]; do
          case $line in \#*) ;; *_activate_current_env.sh*) found=1 ;; esac
        done <"$file"
        [ -n "$found" ] || echo "no line of $file sources _activate_current_env.sh""#
        )
    };
}

/// Reads the fields of the account's line behind its name; without a line they are empty.
macro_rules! of_account {
    ($fields:literal in $file:literal, $then:literal) => {
        concat!(
            "while IFS=: read -r name ",
            $fields,
            "; do [ \"$name\" = \"$MAMBA_USER\" ] && break; done <",
            $file,
            "\n",
            $then
        )
    };
}

pub(super) const ROWS: &[FamilyCheck] = &[
    access("/bin/micromamba is a program for everybody", Anybody, "/bin/micromamba", "rx"),
    access("_entrypoint.sh is a program for everybody", Anybody, "/usr/local/bin/_entrypoint.sh", "rx"),
    access(
        "_dockerfile_shell.sh is a program for everybody",
        Anybody,
        "/usr/local/bin/_dockerfile_shell.sh",
        "rx",
    ),
    access(
        "_activate_current_env.sh is readable by everybody",
        Anybody,
        "/usr/local/bin/_activate_current_env.sh",
        "r",
    ),
    access(
        "_apptainer_shell.sh is a program for everybody",
        Anybody,
        "/usr/local/bin/_apptainer_shell.sh",
        "rx",
    ),
    access(
        "_dockerfile_initialize_user_accounts.sh is a program",
        Root,
        "/usr/local/bin/_dockerfile_initialize_user_accounts.sh",
        "rx",
    ),
    access(
        "_dockerfile_setup_root_prefix.sh is a program",
        Root,
        "/usr/local/bin/_dockerfile_setup_root_prefix.sh",
        "rx",
    ),
    inside(
        "the CA certificates are readable by everybody, and not empty",
        Anybody,
        r#"file=/etc/ssl/certs/ca-certificates.crt
        [ -s "$file" ] && [ -r "$file" ] || echo "$file is not there, empty, or not readable""#,
    ),
    inside(
        "/etc/arg_mamba_user holds MAMBA_USER",
        Root,
        r#"read -r name </etc/arg_mamba_user
        [ "$name" = "$MAMBA_USER" ] || echo "/etc/arg_mamba_user says '$name', MAMBA_USER '$MAMBA_USER'""#,
    ),
    access("/etc/arg_mamba_user is open to the image's user", Own, "/etc/arg_mamba_user", "rw"),
    access("/etc/arg_mamba_user is open to 1001:1001", Anybody, "/etc/arg_mamba_user", "rw"),
    access("the root prefix is open to the image's user", Own, "$MAMBA_ROOT_PREFIX", "rwx"),
    access("the root prefix is open to 1001:1001", Anybody, "$MAMBA_ROOT_PREFIX", "rwx"),
    access("conda-meta is open to the image's user", Own, "$MAMBA_ROOT_PREFIX/conda-meta", "rwx"),
    access("conda-meta is open to 1001:1001", Anybody, "$MAMBA_ROOT_PREFIX/conda-meta", "rwx"),
    access("/home is open to the image's user", Own, "/home", "rwx"),
    access("/home is open to 1001:1001", Anybody, "/home", "rwx"),
    inside(
        "the account has MAMBA_USER_ID and MAMBA_USER_GID",
        Root,
        of_account!(
            "_ uid gid _" in "/etc/passwd",
            r#"[ "$uid:$gid" = "$MAMBA_USER_ID:$MAMBA_USER_GID" ] ||
          echo "/etc/passwd says $uid:$gid of $MAMBA_USER, not $MAMBA_USER_ID:$MAMBA_USER_GID""#
        ),
    ),
    inside(
        "the group has the account's name and MAMBA_USER_GID",
        Root,
        of_account!(
            "_ gid _" in "/etc/group",
            r#"[ "$gid" = "$MAMBA_USER_GID" ] ||
          echo "/etc/group gives $MAMBA_USER the id '$gid', not $MAMBA_USER_GID""#
        ),
    ),
    inside(
        "the account's shell is /bin/bash, or /bin/sh where there is no bash",
        Root,
        of_account!(
            "_ _ _ _ _ shell" in "/etc/passwd",
            r#"wanted=/bin/bash; [ -x /bin/bash ] || wanted=/bin/sh
        [ "$shell" = "$wanted" ] || echo "/etc/passwd gives $MAMBA_USER the shell '$shell', not $wanted""#
        ),
    ),
    inside(
        "the account has a home",
        Own,
        of_account!(
            "_ _ _ _ home _" in "/etc/passwd",
            r#"[ -n "$home" ] && [ -d "$home" ] && [ -w "$home" ] && [ -x "$home" ] ||
          echo "the home '$home' of $MAMBA_USER is no folder, or not writable""#
        ),
    ),
    inside("/root/.bashrc sources _activate_current_env.sh", Root, sourcing!("/root/.bashrc")),
    inside("/etc/skel/.bashrc sources _activate_current_env.sh", Root, sourcing!("/etc/skel/.bashrc")),
];

const fn inside(name: &'static str, by: Who, script: &'static str) -> FamilyCheck {
    row(Group::Files, name, Look::Inside { by, script }, &[])
}

const fn access(name: &'static str, by: Who, path: &'static str, rights: &'static str) -> FamilyCheck {
    row(Group::Files, name, Look::Access { by, path, rights }, &[])
}
