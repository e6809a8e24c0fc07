//! `micromamba auth`.

use clap::{Args, Subcommand};
use mambox_config::{Fallback, Login, Logins};

use super::{Global, Overrides};
use crate::ending::Finish;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::session::Session;

/// Log in to channels, and out
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Auth {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    Login(LoginArgs),
    Logout(LogoutArgs),
}

/// Keep a login for a host
#[derive(Debug, Args)]
struct LoginArgs {
    /// Host, with port and path if need be
    #[arg(value_name = "HOST")]
    host: String,
    /// Token for the path, as of anaconda.org
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["bearer", "username"])]
    token: Option<String>,
    /// Token for the header
    #[arg(long, value_name = "TOKEN", conflicts_with = "username")]
    bearer: Option<String>,
    /// User
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Password; read from standard input if '-' or not given
    #[arg(long, value_name = "PASSWORD", requires = "username")]
    password: Option<String>,
    #[command(flatten)]
    global: Global,
}

/// Forget a login
#[derive(Debug, Args)]
struct LogoutArgs {
    /// Host, as it was given to login
    #[arg(value_name = "HOST", required_unless_present = "all")]
    host: Option<String>,
    /// All logins
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    global: Global,
}

impl Auth {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let outer = self.global.or(outer);
        let open =
            |global: Global| Session::open(global.or(outer), Overrides::new(), machine, Fallback::Active);
        match self.command {
            AuthCommand::Login(args) => {
                let session = open(args.global.clone())?;
                args.run(&session).finish(&session)
            }
            AuthCommand::Logout(args) => {
                let session = open(args.global.clone())?;
                args.run(&session).finish(&session)
            }
        }
    }
}

impl LoginArgs {
    fn run(self, session: &Session<'_>) -> Outcome {
        let login = match (self.token, self.bearer, self.username) {
            (Some(token), ..) => Login::CondaToken { token },
            (_, Some(token), _) => Login::Bearer { token },
            (.., Some(user)) => {
                let password =
                    self.password.filter(|password| password != "-").map_or_else(read_secret, Ok)?;
                Login::Basic { user, password }
            }
            _ => {
                return Err(Failure::WithCode {
                    message: "give --token, --bearer, or --username with --password".to_owned(),
                    code: 106,
                });
            }
        };
        change(session, |logins| logins.insert(&self.host, &login).map(|()| true))?;
        session.console.say(format!("Successfully stored login information for {}", self.host));
        Ok(())
    }
}

impl LogoutArgs {
    fn run(self, session: &Session<'_>) -> Outcome {
        let host = self.host.unwrap_or_default();
        let all = self.all;
        let known = change(session, |logins| {
            if all {
                logins.clear();
                return Ok(true);
            }
            logins.remove(&host)
        })?;
        if !known {
            return Err(Failure::Message(format!("no login is kept for '{host}'")));
        }
        session.console.say("Logged out");
        Ok(())
    }
}

fn read_secret() -> Outcome<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(Failure::because("cannot read the password"))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

fn change(
    session: &Session<'_>,
    act: impl FnOnce(&mut Logins) -> Result<bool, mambox_config::AuthError>,
) -> Outcome<bool> {
    let home = session.machine.home.as_deref().ok_or_else(|| Failure::Message("HOME not set.".to_owned()))?;
    let path = Logins::path(home);
    let mut logins = Logins::read(&path).map_err(Failure::new)?;
    let known = act(&mut logins).map_err(Failure::new)?;
    logins.write(&path).map_err(Failure::new)?;
    Ok(known)
}
