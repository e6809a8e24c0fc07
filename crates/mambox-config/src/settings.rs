//! Configuration with real types, and the defaults that depend on where we are.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::expand::{absolute, expand_home};
use crate::load::Config;
use crate::proxy::Proxies;
use crate::value::Value;

/// How strictly channels go before one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelPriority {
    /// A package is taken from the first channel that has its name.
    Strict,
    /// The first channel that has a fitting version wins. micromamba's help says strict, but this is its default.
    #[default]
    Flexible,
    /// Versions count before channels.
    Disabled,
}

/// Against what certificates are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SslVerify {
    /// The system's authorities, wherever they are.
    System,
    /// Nothing is checked.
    Off,
    /// The authorities of this file or folder.
    Bundle(PathBuf),
}

/// What is done about a package that is not as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SafetyChecks {
    /// Nothing.
    Disabled,
    /// A warning.
    Warn,
    /// It is refused.
    Enabled,
}

/// The least important message that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the option")]
pub enum LogLevel {
    Off,
    Critical,
    Error,
    Warning,
    Info,
    Debug,
    Trace,
}

/// The surroundings that some defaults depend on.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Every environment variable.
    pub environment: &'a BTreeMap<String, String>,
    /// The home directory, where there is one.
    pub home: Option<&'a Path>,
    /// What relative paths are relative to.
    pub cwd: &'a Path,
}

/// All keys with their types. Texts may hold credentials, so `Debug` shows none.
#[derive(Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the keys, which `keys` describes")]
pub struct Settings {
    /// Absolute, the first first. Default: `pkgs` of the root prefix, then `~/.mamba/pkgs`.
    pub pkgs_dirs: Vec<PathBuf>,
    /// Absolute, the first first; `envs` of the root prefix is always the last.
    pub envs_dirs: Vec<PathBuf>,
    /// `None` is the platform of the program.
    pub platform: Option<String>,
    pub use_uv: bool,
    /// Without the default: an empty list is for the caller to fill.
    pub channels: Vec<String>,
    pub channel_alias: String,
    pub default_channels: Vec<String>,
    pub custom_channels: BTreeMap<String, String>,
    pub custom_multichannels: BTreeMap<String, Vec<String>>,
    pub mirrored_channels: BTreeMap<String, Vec<String>>,
    pub override_channels_enabled: bool,
    pub show_anaconda_channel_warnings: bool,
    /// `ssl_verify` and `cacert_path` in one.
    pub ssl_verify: SslVerify,
    /// In seconds; 0 asks always, 1 is as the server says.
    pub local_repodata_ttl: u64,
    pub offline: bool,
    /// `proxy_servers` and the variables.
    pub proxies: Proxies,
    /// Where logins for hosts are: NETRC, else `~/.netrc`; need not exist.
    pub netrc: Option<PathBuf>,
    pub remote_connect_timeout_secs: u64,
    pub remote_backoff_factor: u64,
    pub remote_max_retries: u64,
    pub repodata_use_zst: bool,
    pub use_sharded_repodata: bool,
    pub channel_priority: ChannelPriority,
    pub no_pin: bool,
    pub no_py_pin: bool,
    pub add_pip_as_python_dependency: bool,
    pub pinned_packages: Vec<String>,
    pub retry_clean_cache: bool,
    pub allow_uninstall: bool,
    pub allow_downgrade: bool,
    /// At least 1.
    pub download_threads: usize,
    /// As written; see [`Settings::extract_workers`].
    pub extract_threads: i64,
    pub allow_softlinks: bool,
    pub always_copy: bool,
    pub always_softlink: bool,
    pub safety_checks: SafetyChecks,
    pub extra_safety_checks: bool,
    /// In seconds; 0 waits without end.
    pub lock_timeout: u64,
    pub use_lockfiles: bool,
    pub compile_pyc: bool,
    pub skip_run_link_scripts: bool,
    /// Also true under `quiet` and `json`, which imply it.
    pub always_yes: bool,
    pub auto_activate_base: bool,
    pub dry_run: bool,
    pub download_only: bool,
    pub log_level: LogLevel,
    pub json: bool,
    pub changeps1: bool,
    pub shell_completion: bool,
    pub env_prompt: String,
    pub quiet: bool,
    pub debug: bool,
    /// `--no-env`, or its variable.
    pub no_env: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Settings").finish_non_exhaustive()
    }
}

impl Settings {
    /// Gives each key its type. Values that their key does not allow were passed over by loading.
    pub fn new(config: &Config, around: &Surroundings<'_>) -> Self {
        let read = Reader { config, around };
        let (json, quiet) = (read.bool("json"), read.bool("quiet"));
        Self {
            pkgs_dirs: read.paths("pkgs_dirs"),
            envs_dirs: read.paths("envs_dirs"),
            platform: Some(read.text("platform")).filter(|platform| !platform.is_empty()),
            use_uv: read.bool("use_uv"),
            channels: read.list("channels"),
            channel_alias: read.text("channel_alias"),
            default_channels: read.list("default_channels"),
            custom_channels: read.map("custom_channels"),
            custom_multichannels: read.lists("custom_multichannels"),
            mirrored_channels: read.lists("mirrored_channels"),
            override_channels_enabled: read.bool("override_channels_enabled"),
            show_anaconda_channel_warnings: read.bool("show_anaconda_channel_warnings"),
            ssl_verify: read.ssl_verify(),
            local_repodata_ttl: read.count("local_repodata_ttl"),
            offline: read.bool("offline"),
            proxies: Proxies::new(read.map("proxy_servers"), around.environment),
            netrc: read.netrc(),
            remote_connect_timeout_secs: read.count("remote_connect_timeout_secs"),
            remote_backoff_factor: read.count("remote_backoff_factor"),
            remote_max_retries: read.count("remote_max_retries"),
            repodata_use_zst: read.bool("repodata_use_zst"),
            use_sharded_repodata: read.bool("use_sharded_repodata"),
            channel_priority: read.channel_priority(),
            no_pin: read.bool("no_pin"),
            no_py_pin: read.bool("no_py_pin"),
            add_pip_as_python_dependency: read.bool("add_pip_as_python_dependency"),
            pinned_packages: read.list("pinned_packages"),
            retry_clean_cache: read.bool("retry_clean_cache"),
            allow_uninstall: read.bool("allow_uninstall"),
            allow_downgrade: read.bool("allow_downgrade"),
            download_threads: usize::try_from(read.count("download_threads")).unwrap_or(usize::MAX).max(1),
            extract_threads: read.int("extract_threads"),
            allow_softlinks: read.bool("allow_softlinks"),
            always_copy: read.bool("always_copy"),
            always_softlink: read.bool("always_softlink"),
            safety_checks: read.safety_checks(),
            extra_safety_checks: read.bool("extra_safety_checks"),
            lock_timeout: read.count("lock_timeout"),
            use_lockfiles: read.bool("use_lockfiles"),
            compile_pyc: read.bool("compile_pyc"),
            skip_run_link_scripts: read.bool("skip_run_link_scripts"),
            always_yes: read.bool("always_yes") || json || quiet,
            auto_activate_base: read.bool("auto_activate_base"),
            dry_run: read.bool("dry_run"),
            download_only: read.bool("download_only"),
            log_level: read.log_level(),
            json,
            changeps1: read.bool("changeps1"),
            shell_completion: read.bool("shell_completion"),
            env_prompt: read.text("env_prompt"),
            quiet,
            debug: read.bool("debug"),
            no_env: config.without_variables(),
        }
    }

    /// How many packages are unpacked at a time where `processors` are there: 0 is all of them but at most 10, a
    /// negative number that many fewer. At least 1.
    pub fn extract_workers(&self, processors: usize) -> usize {
        let asked = usize::try_from(self.extract_threads.unsigned_abs()).unwrap_or(usize::MAX);
        let workers = match self.extract_threads.signum() {
            0 => processors.min(10),
            1 => asked,
            _ => processors.saturating_sub(asked),
        };
        workers.max(1)
    }
}

struct Reader<'a> {
    config: &'a Config,
    around: &'a Surroundings<'a>,
}

impl Reader<'_> {
    fn value(&self, key: &str) -> Option<&Value> {
        debug_assert!(crate::keys::find(key).is_some(), "{key} is in the table");
        self.config.get(key).map(|resolved| &resolved.value)
    }

    fn bool(&self, key: &str) -> bool {
        self.value(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn int(&self, key: &str) -> i64 {
        self.value(key).and_then(Value::as_int).unwrap_or_default()
    }

    /// Numbers below zero mean nothing here and count as zero.
    fn count(&self, key: &str) -> u64 {
        u64::try_from(self.int(key)).unwrap_or_default()
    }

    fn text(&self, key: &str) -> String {
        self.value(key).and_then(Value::as_text).unwrap_or_default().to_owned()
    }

    fn list(&self, key: &str) -> Vec<String> {
        self.value(key).map(Value::as_list).unwrap_or_default().to_vec()
    }

    fn map(&self, key: &str) -> BTreeMap<String, String> {
        if let Some(Value::Map(map)) = self.value(key) { map.clone() } else { BTreeMap::new() }
    }

    fn lists(&self, key: &str) -> BTreeMap<String, Vec<String>> {
        if let Some(Value::ListMap(map)) = self.value(key) { map.clone() } else { BTreeMap::new() }
    }

    fn path(&self, text: &str) -> PathBuf {
        absolute(&expand_home(text, self.around.home), self.around.cwd)
    }

    fn paths(&self, key: &str) -> Vec<PathBuf> {
        self.list(key).iter().map(PathBuf::from).collect()
    }

    /// `cacert_path` wins over a path in `ssl_verify`, but does not turn checks on again.
    fn ssl_verify(&self) -> SslVerify {
        let verify = self.text("ssl_verify");
        let bundle = match verify.trim().to_lowercase().as_str() {
            "false" | "0" | "<false>" | "no" | "off" => return SslVerify::Off,
            "" | "true" | "1" | "<true>" | "yes" | "on" | "<system>" | "truststore" => String::new(),
            _ => verify,
        };
        let bundle = Some(self.text("cacert_path")).filter(|path| !path.is_empty()).unwrap_or(bundle);
        if bundle.is_empty() { SslVerify::System } else { SslVerify::Bundle(self.path(&bundle)) }
    }

    fn netrc(&self) -> Option<PathBuf> {
        let named = self.around.environment.get("NETRC").filter(|path| !path.is_empty());
        let named = named.map(|path| self.path(path));
        named.or_else(|| self.around.home.map(|home| home.join(".netrc")))
    }

    fn channel_priority(&self) -> ChannelPriority {
        match self.text("channel_priority").as_str() {
            "strict" => ChannelPriority::Strict,
            "disabled" => ChannelPriority::Disabled,
            _ => ChannelPriority::Flexible,
        }
    }

    fn safety_checks(&self) -> SafetyChecks {
        match self.text("safety_checks").as_str() {
            "enabled" => SafetyChecks::Enabled,
            "disabled" => SafetyChecks::Disabled,
            _ => SafetyChecks::Warn,
        }
    }

    /// `json` wants nothing beside its object, so it turns messages off unless a level was asked for.
    fn log_level(&self) -> LogLevel {
        let asked = self.config.get("log_level").is_some_and(|resolved| resolved.is_set());
        if !asked && self.bool("json") {
            return LogLevel::Critical;
        }
        match self.text("log_level").as_str() {
            "off" => LogLevel::Off,
            "critical" | "fatal" => LogLevel::Critical,
            "error" => LogLevel::Error,
            "info" => LogLevel::Info,
            "debug" => LogLevel::Debug,
            "trace" => LogLevel::Trace,
            _ => LogLevel::Warning,
        }
    }
}
