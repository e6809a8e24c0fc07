//! Everything that decides where packages come from, as a plain value.
//!
//! The command fills it from its flags, the environment and the rc files; nothing in this crate looks at the
//! environment or the home directory by itself.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

pub use mambox_env::ChannelPriority;
use url::Url;

/// Where a plain channel name leads unless an rc file says otherwise.
pub const DEFAULT_ALIAS: &str = "https://conda.anaconda.org";

/// What the channel name `defaults` stands for on Linux and macOS, as conda defines it.
pub const DEFAULT_DEFAULTS: [&str; 2] =
    ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"];

/// Where packages come from, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Absolute folder that relative channel paths start from.
    pub base_dir: PathBuf,
    /// Home folder, for channel paths that begin with `~/`.
    pub home: Option<PathBuf>,
    /// Folder for downloaded packages and repodata; made when first needed.
    pub cache_dir: PathBuf,
    /// How channels are found and ranked.
    pub channels: ChannelSettings,
    /// How servers are reached.
    pub network: NetworkSettings,
}

/// How channels are found and ranked. Channels are given as a person writes them: names, URLs or paths.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// Named on the command line; they come first.
    pub requested: Vec<String>,
    /// Named in rc files; they come last, and not at all after `nodefaults` or with `override_configured`.
    pub configured: Vec<String>,
    /// Leaves `configured` out (`--override-channels`).
    pub override_configured: bool,
    /// Base URL of plain channel names.
    pub alias: String,
    /// What the name `defaults` stands for.
    pub defaults: Vec<String>,
    /// Name → base URL to which the name is appended.
    pub custom: BTreeMap<String, String>,
    /// Name → several channels that rank as one.
    pub multi: BTreeMap<String, Vec<String>>,
    /// Name or URL → URLs that serve the same content, in order of preference.
    pub mirrors: BTreeMap<String, Vec<String>>,
    /// What happens to a package that several channels offer.
    pub priority: ChannelPriority,
    /// Whether `repodata.json.zst` is looked for.
    pub use_zst: bool,
    /// Whether sharded repodata (CEP 16) is looked for.
    pub use_sharded: bool,
}

/// How servers are reached.
#[derive(Debug, Clone)]
pub struct NetworkSettings {
    /// Only what is in the cache or on disk may be used.
    pub offline: bool,
    /// Whether servers' certificates are checked.
    pub verify_tls: bool,
    /// PEM file with certificate authorities to trust besides the usual ones.
    pub ca_file: Option<PathBuf>,
    /// Proxies.
    pub proxies: Proxies,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long a server may be silent within an answer.
    pub read_timeout: Duration,
    /// How often a failed request is repeated.
    pub retries: u32,
    /// Pause before the first repetition; doubled each time, overridden by the server's `Retry-After`.
    pub backoff: Duration,
    /// Downloads at the same time.
    pub concurrency: usize,
    /// A netrc file with logins by host; may be missing.
    pub netrc: Option<PathBuf>,
    /// The credentials file of `rattler auth login` and `pixi auth login`; may be missing.
    pub auth_file: Option<PathBuf>,
    /// URLs with credentials in them, slash at the end: requests below them get those.
    pub logins: Vec<Url>,
    /// Tokens for the header, by host.
    pub bearers: BTreeMap<String, String>,
}

/// Proxy URLs by scheme of the request, as in the rc key `proxy_servers` or the usual variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http://` requests.
    pub http: Option<String>,
    /// For `https://` requests.
    pub https: Option<String>,
    /// For both, where the specific one is missing.
    pub all: Option<String>,
    /// Hosts that are reached directly, comma-separated, as in `no_proxy`.
    pub none_for: Option<String>,
}

impl Settings {
    /// Settings with nothing configured.
    pub fn new(base_dir: impl Into<PathBuf>, cache_dir: impl Into<PathBuf>) -> Self {
        Self {
            base_dir: base_dir.into(),
            home: None,
            cache_dir: cache_dir.into(),
            channels: ChannelSettings::default(),
            network: NetworkSettings::default(),
        }
    }
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            requested: Vec::new(),
            configured: Vec::new(),
            override_configured: false,
            alias: DEFAULT_ALIAS.to_owned(),
            defaults: DEFAULT_DEFAULTS.map(str::to_owned).to_vec(),
            custom: BTreeMap::new(),
            multi: BTreeMap::new(),
            mirrors: BTreeMap::new(),
            priority: ChannelPriority::Strict,
            use_zst: true,
            use_sharded: true,
        }
    }
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            offline: false,
            verify_tls: true,
            ca_file: None,
            proxies: Proxies::default(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            retries: 3,
            backoff: Duration::from_millis(500),
            concurrency: 8,
            netrc: None,
            auth_file: None,
            logins: Vec::new(),
            bearers: BTreeMap::new(),
        }
    }
}
