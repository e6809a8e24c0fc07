//! `auth`, and channels that want to know who asks.

use crate::table::{Row, check, row};

const FILE: &str = "{home}/.mamba/auth/authentication.json";

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row("login-token", "§3 auth: CondaToken", "auth login host.example --token tk-1")
            .holds(FILE, "CondaToken")
            .holds(FILE, "host.example"),
        row(
            "login-basic",
            "§3 auth: BasicHTTPAuthentication with base64 password",
            "auth login host.example --username me --password secret",
        )
        .holds(FILE, "BasicHTTPAuthentication")
        .holds(FILE, "c2VjcmV0"),
        row("login-bearer", "§3 auth: BearerToken", "auth login host.example:81/path --bearer tk-1")
            .holds(FILE, "BearerToken")
            .holds(FILE, "host.example:81/path"),
        row("login-stdin", "§3 auth", "auth login host.example --username me")
            .input("secret\n")
            .holds(FILE, "c2VjcmV0"),
        row("login-nothing", "§3 auth", "auth login host.example").exit(106),
        row(
            "login-private",
            "§3: secrets",
            "$ [ $(stat -c %a {home}/.mamba/auth/authentication.json) = 600 ]",
        )
        .before("auth login host.example --token tk-1"),
        row("logout", "§2: auth logout", "$ ! grep host {home}/.mamba/auth/authentication.json")
            .before("auth login host.example --token tk-1")
            .before("auth logout host.example"),
        row("logout-all", "§2: auth logout --all", "auth logout --all")
            .before("auth login host.example --token tk-1")
            .says(&["Logged out"]),
        row("logout-unknown", "§2: auth logout", "auth logout host.example").exit(1),
        row("masked", "§3: secrets are masked", "install -y -n base -c http://me:secret@127.0.0.1:9/c leaf")
            .var("MAMBA_REMOTE_MAX_RETRIES", "0")
            .exit(1)
            .warns(&["127.0.0.1:9"])
            .silent(&["secret"]),
    ]
}

#[test]
fn auth() {
    check(&rows());
}
