//! Options that several subcommands share. They become settings by name: see [`Global::settings`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{ArgAction, Args};
use mambox_config::{Fallback, Value};

use crate::ending::Finish;
use crate::failure::Outcome;
use crate::install_flow::{Flow, Manner};
use crate::machine::Machine;
use crate::session::Session;
use crate::solve::Goal;

/// As the key `log_level` takes them.
const LEVELS: [&str; 9] = ["off", "critical", "fatal", "error", "warning", "warn", "info", "debug", "trace"];

/// Values of settings that the command line gives.
pub(crate) type Overrides = BTreeMap<&'static str, Value>;

/// Options that may stand before or after the subcommand.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Global {
    /// Folder of the base environment, the package cache and named environments
    #[arg(short = 'r', long, value_name = "FOLDER", help_heading = "Global options")]
    pub(crate) root_prefix: Option<PathBuf>,
    /// Path of the environment
    #[arg(short = 'p', long, value_name = "FOLDER", help_heading = "Global options")]
    pub(crate) prefix: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// [`Global`] without the two options whose letters `clean` uses otherwise.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Common {
    /// Name of the environment; `base` is the root prefix
    #[arg(short = 'n', long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Say more; -vv and -vvv still more
    #[arg(short = 'v', long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// trace, debug, info, warning, error, critical or off
    #[arg(long, value_name = "LEVEL", value_parser = LEVELS)]
    pub(crate) log_level: Option<String>,
    /// Say only what was asked for; implies --yes
    #[arg(short = 'q', long)]
    pub(crate) quiet: bool,
    /// Answer every question with yes
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,
    /// Print one JSON object; implies --yes
    #[arg(long)]
    pub(crate) json: bool,
    /// Use only what is cached
    #[arg(long)]
    pub(crate) offline: bool,
    /// Show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Fill the package cache and change no environment
    #[arg(long)]
    pub(crate) download_only: bool,
    /// Configuration file to read instead of the usual ones; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) rc_file: Vec<PathBuf>,
    /// Read no configuration file
    #[arg(long)]
    pub(crate) no_rc: bool,
    /// Read no setting from environment variables, and set no `variables:` of files
    #[arg(long)]
    pub(crate) no_env: bool,
    /// Install `pip:` requirements with uv
    #[arg(long)]
    pub(crate) use_uv: bool,
    #[arg(long, hide = true)]
    pub(crate) relocate_prefix: Option<PathBuf>,
    #[arg(long, hide = true)]
    pub(crate) print_config_only: bool,
    #[arg(long, hide = true)]
    pub(crate) print_context_only: bool,
    #[arg(long, hide = true)]
    pub(crate) debug: bool,
}

impl Global {
    /// Joins what stood before the subcommand (`outer`) with what stood after it, which wins.
    pub(crate) fn or(self, outer: Self) -> Self {
        Self {
            root_prefix: self.root_prefix.or(outer.root_prefix),
            prefix: self.prefix.or(outer.prefix),
            common: self.common.or(outer.common),
        }
    }

    /// The settings among them.
    pub(crate) fn settings(&self, to: &mut Overrides) {
        let common = &self.common;
        let mut flag = |key, on: bool| {
            if on {
                to.insert(key, Value::Bool(true));
            }
        };
        flag("quiet", common.quiet);
        flag("always_yes", common.yes);
        flag("json", common.json);
        flag("offline", common.offline);
        flag("dry_run", common.dry_run);
        flag("download_only", common.download_only);
        flag("use_uv", common.use_uv);
        if let Some(level) = &common.log_level {
            to.insert("log_level", Value::text(level));
        }
    }
}

impl Common {
    fn or(self, outer: Self) -> Self {
        Self {
            name: self.name.or(outer.name),
            verbose: self.verbose.max(outer.verbose),
            log_level: self.log_level.or(outer.log_level),
            quiet: self.quiet || outer.quiet,
            yes: self.yes || outer.yes,
            json: self.json || outer.json,
            offline: self.offline || outer.offline,
            dry_run: self.dry_run || outer.dry_run,
            download_only: self.download_only || outer.download_only,
            rc_file: if self.rc_file.is_empty() { outer.rc_file } else { self.rc_file },
            no_rc: self.no_rc || outer.no_rc,
            no_env: self.no_env || outer.no_env,
            use_uv: self.use_uv || outer.use_uv,
            relocate_prefix: self.relocate_prefix.or(outer.relocate_prefix),
            print_config_only: self.print_config_only || outer.print_config_only,
            print_context_only: self.print_context_only || outer.print_context_only,
            debug: self.debug || outer.debug,
        }
    }
}

/// Where packages come from.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Channels and network")]
pub(crate) struct Channels {
    /// Channel to search, by name, URL or path; may be repeated, the first has the highest rank
    #[arg(short = 'c', long = "channel", value_name = "CHANNEL")]
    pub(crate) channel: Vec<String>,
    /// Leave out the channels of configuration files
    #[arg(long)]
    pub(crate) override_channels: bool,
    /// strict, flexible or disabled
    #[arg(long, value_name = "PRIORITY", value_parser = ["strict", "flexible", "disabled"])]
    pub(crate) channel_priority: Option<String>,
    /// The same as --channel-priority strict
    #[arg(long)]
    pub(crate) strict_channel_priority: bool,
    /// The same as --channel-priority disabled
    #[arg(long)]
    pub(crate) no_channel_priority: bool,
    /// URL that plain channel names are appended to
    #[arg(long, value_name = "URL")]
    pub(crate) channel_alias: Option<String>,
    /// Platform such as linux-64
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,
    /// How long repodata is taken from the cache, in seconds; 1 leaves it to the server
    #[arg(long, value_name = "SECONDS")]
    pub(crate) repodata_ttl: Option<i64>,
    /// Forget the cached repodata and try again where a solve fails
    #[arg(long)]
    pub(crate) retry_clean_cache: bool,
    /// A certificate bundle, or false to trust everybody
    #[arg(long, value_name = "BUNDLE")]
    pub(crate) ssl_verify: Option<String>,
    /// A file of further certificate authorities
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert_path: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) ssl_no_revoke: bool,
    #[arg(long, hide = true, overrides_with = "no_mamba_repodata_parsing")]
    pub(crate) mamba_repodata_parsing: bool,
    #[arg(long, hide = true)]
    pub(crate) no_mamba_repodata_parsing: bool,
}

impl Channels {
    /// The settings among them.
    pub(crate) fn settings(&self, to: &mut Overrides) {
        if !self.channel.is_empty() {
            to.insert("channels", Value::list(self.channel.clone()));
        }
        if self.override_channels {
            to.insert("override_channels", Value::Bool(true));
        }
        let priority = match (self.strict_channel_priority, self.no_channel_priority) {
            (true, _) => Some("strict"),
            (_, true) => Some("disabled"),
            _ => self.channel_priority.as_deref(),
        };
        let texts = [
            ("channel_priority", priority),
            ("channel_alias", self.channel_alias.as_deref()),
            ("platform", self.platform.as_deref()),
            ("ssl_verify", self.ssl_verify.as_deref()),
            ("cacert_path", self.cacert_path.as_deref()),
        ];
        to.extend(texts.into_iter().filter_map(|(key, text)| Some((key, Value::text(text?)))));
        if let Some(seconds) = self.repodata_ttl {
            to.insert("local_repodata_ttl", Value::Int(seconds));
        }
        if self.retry_clean_cache {
            to.insert("retry_clean_cache", Value::Bool(true));
        }
    }
}

/// How packages are put into the prefix.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Linking")]
pub(crate) struct Linking {
    /// Copy files instead of linking them
    #[arg(long, visible_alias = "copy")]
    pub(crate) always_copy: bool,
    /// Link files symbolically
    #[arg(long, conflicts_with = "always_copy")]
    pub(crate) always_softlink: bool,
    /// Link symbolically where hard links cannot be
    #[arg(long)]
    pub(crate) allow_softlinks: bool,
    /// Compile Python sources (the default)
    #[arg(long, overrides_with = "no_pyc")]
    pub(crate) pyc: bool,
    /// Compile no Python sources
    #[arg(long)]
    pub(crate) no_pyc: bool,
    /// Run no scripts of packages
    #[arg(long)]
    pub(crate) skip_run_link_scripts: bool,
    /// Seconds to wait for another process
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lock_timeout: Option<i64>,
    /// disabled, warn or enabled
    #[arg(long, value_name = "CHECKS", value_parser = ["disabled", "warn", "enabled"])]
    pub(crate) safety_checks: Option<String>,
    /// Compare every extracted file with its hash
    #[arg(long)]
    pub(crate) extra_safety_checks: bool,
    #[arg(long, hide = true)]
    pub(crate) verify_artifacts: bool,
    #[arg(long, hide = true)]
    pub(crate) trusted_channels: Vec<String>,
    #[arg(long, hide = true)]
    pub(crate) shortcuts: bool,
    #[arg(long, hide = true)]
    pub(crate) no_shortcuts: bool,
}

impl Linking {
    /// The settings among them.
    pub(crate) fn settings(&self, to: &mut Overrides) {
        let flags = [
            ("always_copy", self.always_copy),
            ("always_softlink", self.always_softlink),
            ("allow_softlinks", self.allow_softlinks),
            ("skip_run_link_scripts", self.skip_run_link_scripts),
            ("extra_safety_checks", self.extra_safety_checks),
        ];
        to.extend(flags.into_iter().filter(|(_, on)| *on).map(|(key, on)| (key, Value::Bool(on))));
        if self.pyc || self.no_pyc {
            to.insert("compile_pyc", Value::Bool(!self.no_pyc));
        }
        if let Some(seconds) = self.lock_timeout {
            to.insert("lock_timeout", Value::Int(seconds));
        }
        if let Some(checks) = &self.safety_checks {
            to.insert("safety_checks", Value::text(checks));
        }
    }
}

/// What the solver may do.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Solving")]
pub(crate) struct Solving {
    /// Install only what was named, without what it depends on
    #[arg(long, conflicts_with = "only_deps")]
    pub(crate) no_deps: bool,
    /// Install only what the named packages depend on
    #[arg(long)]
    pub(crate) only_deps: bool,
    /// Take no notice of pinned packages
    #[arg(long)]
    pub(crate) no_pin: bool,
    /// Let the minor version of Python change
    #[arg(long)]
    pub(crate) no_py_pin: bool,
    /// Let installed packages go if something stands in their way (the default)
    #[arg(long)]
    pub(crate) allow_uninstall: bool,
    /// Keep every installed package
    #[arg(long, overrides_with = "allow_uninstall")]
    pub(crate) no_allow_uninstall: bool,
    /// Let versions of installed packages go down
    #[arg(long)]
    pub(crate) allow_downgrade: bool,
}

impl Solving {
    /// The settings among them.
    pub(crate) fn settings(&self, to: &mut Overrides) {
        let flags = [
            ("no_pin", self.no_pin),
            ("no_py_pin", self.no_py_pin),
            ("allow_downgrade", self.allow_downgrade),
        ];
        to.extend(flags.into_iter().filter(|(_, on)| *on).map(|(key, on)| (key, Value::Bool(on))));
        if self.allow_uninstall || self.no_allow_uninstall {
            to.insert("allow_uninstall", Value::Bool(!self.no_allow_uninstall));
        }
    }
}

/// What to install.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Wanted {
    /// Match specs such as 'numpy>=2' or conda-forge::jq
    #[arg(value_name = "SPEC")]
    pub(crate) specs: Vec<String>,
    /// environment.yml, list of specs or URLs, or lock file; a path or URL; may be repeated
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) file: Vec<String>,
    /// Categories to take from a conda-lock file
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    pub(crate) category: Vec<String>,
    #[arg(long, hide = true)]
    pub(crate) revision: Option<i64>,
}

/// What all commands take that put packages into an environment.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Installing {
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    #[command(flatten)]
    channels: Channels,
    #[command(flatten)]
    solving: Solving,
    #[command(flatten)]
    linking: Linking,
    #[command(flatten)]
    global: Global,
}

impl Installing {
    /// The session that these options ask for; `outer` are those that stood before the command.
    pub(crate) fn session<'m>(
        &self,
        outer: Global,
        machine: &'m Machine,
        fallback: Fallback,
    ) -> Outcome<Session<'m>> {
        let mut overrides = Overrides::new();
        self.channels.settings(&mut overrides);
        self.solving.settings(&mut overrides);
        self.linking.settings(&mut overrides);
        Session::open(self.global.clone().or(outer), overrides, machine, fallback)
    }

    /// The manner of this goal, with what the options say of dependencies.
    pub(crate) fn manner(&self, goal: Goal) -> Manner {
        Manner { goal, no_deps: self.solving.no_deps, only_deps: self.solving.only_deps, ..Manner::default() }
    }

    /// Changes an environment that is there, and ends the command.
    pub(crate) fn install(self, session: &Session<'_>, manner: Manner) -> Outcome {
        Flow { session, wanted: self.wanted, manner, fallback: Fallback::Active }.install().finish(session)
    }
}
