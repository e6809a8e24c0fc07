//! One run of the program: settings, prefixes and where output goes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mambox_config::{
    ChannelPriority, Config, Disk, Fallback, Inputs, ListOptions, LogLevel, Login, Logins, RootInputs,
    Settings, Source, SslVerify, Surroundings, TargetInputs, root_prefix, target_prefix,
};
use mambox_progress::Reporter;
use mambox_resolve::{ChannelSettings, NetworkSettings, Proxies, Resolver};
use rattler_conda_types::Subdir;
use url::Url;

use crate::cli::{Global, Overrides};
use crate::console::{Console, Level};
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::packages::PackageDirs;

/// Everything that commands work with.
pub(crate) struct Session<'m> {
    pub(crate) machine: &'m Machine,
    pub(crate) console: Arc<Console>,
    pub(crate) config: Config,
    pub(crate) settings: Settings,
    pub(crate) root_prefix: PathBuf,
    pub(crate) global: Global,
    override_channels: bool,
}

impl<'m> Session<'m> {
    /// Reads the configuration. `fallback` says which environment counts if none is named: its rc file is read, too.
    pub(crate) fn open(
        global: Global,
        mut overrides: Overrides,
        machine: &'m Machine,
        fallback: Fallback,
    ) -> Outcome<Self> {
        global.settings(&mut overrides);
        let override_channels = overrides.remove("override_channels").is_some();
        let root_prefix = root_prefix(&RootInputs {
            flag: global.root_prefix.as_deref().and_then(Path::to_str),
            environment: &machine.variables,
            executable: &machine.executable,
            home: machine.home.as_deref(),
            cwd: &machine.current_dir,
            exists: &|path| path.exists(),
        })
        .map_err(Failure::new)?;
        let load = |target: Option<PathBuf>| {
            Config::load(&Inputs {
                cli: overrides.clone(),
                environment: &machine.variables,
                home: machine.home.clone(),
                root_prefix: Some(root_prefix.clone()),
                target_prefix: target,
                rc_files: global.common.rc_file.clone(),
                no_rc: global.common.no_rc,
                no_env: global.common.no_env,
                cwd: &machine.current_dir,
                files: &Disk,
            })
            .map_err(Failure::new)
        };
        let settings = |config: &Config| {
            Settings::new(
                config,
                &Surroundings {
                    environment: &machine.variables,
                    home: machine.home.as_deref(),
                    cwd: &machine.current_dir,
                },
            )
        };
        let mut loaded = load(None)?;
        let mut read = settings(&loaded.config);
        // Where a named environment lies is itself a matter of configuration.
        let target =
            target(&global, &read, &root_prefix, machine, fallback, None).ok().map(|target| target.prefix);
        if let Some(target) =
            target.filter(|target| [".condarc", ".mambarc"].iter().any(|rc| target.join(rc).exists()))
        {
            loaded = load(Some(target))?;
            read = settings(&loaded.config);
        }
        let console = Arc::new(console(&global, &read, machine));
        loaded.warnings.iter().for_each(|warning| console.warn(warning));
        let config = loaded.config;
        if let Some(options) = dump_options(&global) {
            console.result(mambox_config::list(&config, &[], options).trim_end());
            return Err(Failure::Quiet(0));
        }
        Ok(Self { machine, console, config, settings: read, root_prefix, global, override_channels })
    }

    /// The environment that the command works on; absolute, need not exist.
    pub(crate) fn target(&self, fallback: Fallback, yaml_name: Option<&str>) -> Outcome<PathBuf> {
        let found =
            target(&self.global, &self.settings, &self.root_prefix, self.machine, fallback, yaml_name)?;
        if let Some(warning) = found.warning {
            self.console.warn(warning);
        }
        Ok(found.prefix)
    }

    /// [`Self::target`] that must be an environment.
    pub(crate) fn existing_target(&self, fallback: Fallback, yaml_name: Option<&str>) -> Outcome<PathBuf> {
        let prefix = self.target(fallback, yaml_name)?;
        if prefix.join("conda-meta").is_dir() {
            return Ok(prefix);
        }
        Err(Failure::Message(format!("No prefix found at: {}", prefix.display())))
    }

    /// How an environment is called: `base`, its name, or its path.
    pub(crate) fn name_of(&self, prefix: &Path) -> String {
        mambox_config::environment_name(prefix, &self.root_prefix, &self.settings.envs_dirs)
    }

    /// The platform that packages are for.
    pub(crate) fn platform(&self) -> Outcome<Subdir> {
        match &self.settings.platform {
            Some(name) => name.parse().map_err(|_| {
                Failure::Message(format!(
                    "'{name}' is no platform; known are linux-64, linux-aarch64, osx-arm64 and their like"
                ))
            }),
            None => Subdir::current()
                .ok_or_else(|| Failure::Message("conda has no packages for this machine".to_owned())),
        }
    }

    /// The platform that an option or a variable names, and no file: an environment made for it has to remember it.
    pub(crate) fn platform_of_call(&self) -> Option<String> {
        let strongest = self.config.get("platform")?.sources.first()?;
        matches!(strongest, Source::Cli | Source::Env(_)).then(|| self.settings.platform.clone()).flatten()
    }

    /// Whether and how long other processes are waited for.
    pub(crate) fn lock_options(&self) -> mambox_prefix::LockOptions {
        mambox_prefix::LockOptions {
            use_lockfiles: self.settings.use_lockfiles,
            timeout: match self.settings.lock_timeout {
                // Without end.
                0 => Duration::from_secs(u64::from(u32::MAX)),
                seconds => Duration::from_secs(seconds),
            },
        }
    }

    /// The package cache.
    pub(crate) fn package_dirs(&self) -> PackageDirs {
        PackageDirs::new(self.settings.pkgs_dirs.clone())
    }

    /// The channels that are asked, in order; `from_files` are those that environment files name.
    pub(crate) fn channels(&self, from_files: &[String]) -> Vec<String> {
        self.config.channels(from_files, self.override_channels)
    }

    /// What solves and downloads, from [`Self::channels`].
    pub(crate) fn resolver(&self, from_files: &[String], on: &dyn Reporter) -> Outcome<Resolver> {
        install_crypto();
        let dirs = self.package_dirs();
        // Repodata that cannot be kept is kept for this run alone.
        let cache = dirs.writable().unwrap_or_else(|_| std::env::temp_dir().join("micromamba"));
        let mut settings =
            mambox_resolve::Settings::new(self.machine.current_dir.clone(), cache.join("cache"));
        settings.home = self.machine.home.clone();
        settings.channels = self.channel_settings(from_files);
        settings.network = self.network_settings();
        Ok(Resolver::new(settings, on)?)
    }

    fn channel_settings(&self, from_files: &[String]) -> ChannelSettings {
        let usual = ChannelSettings::default();
        let settings = &self.settings;
        ChannelSettings {
            requested: self.channels(from_files),
            configured: Vec::new(),
            override_configured: false,
            alias: settings.channel_alias.clone(),
            defaults: match settings.default_channels.as_slice() {
                [] => usual.defaults,
                some => some.to_vec(),
            },
            custom: settings.custom_channels.clone(),
            multi: settings.custom_multichannels.clone(),
            mirrors: settings.mirrored_channels.clone(),
            priority: match settings.channel_priority {
                ChannelPriority::Strict => mambox_resolve::ChannelPriority::Strict,
                ChannelPriority::Flexible => mambox_resolve::ChannelPriority::Flexible,
                ChannelPriority::Disabled => mambox_resolve::ChannelPriority::Disabled,
            },
            use_zst: settings.repodata_use_zst,
            use_sharded: settings.use_sharded_repodata,
        }
    }

    fn proxies(&self) -> Proxies {
        let proxies = &self.settings.proxies;
        let of = |scheme| proxies.of_scheme(scheme).map(str::to_owned);
        let none_for = Some(proxies.exempt().join(",")).filter(|hosts| !hosts.is_empty());
        Proxies { http: of("http"), https: of("https"), all: of("all"), none_for }
    }

    /// What `auth login` kept. A file that cannot be read is warned of: most channels need no login.
    fn logins(&self) -> (Vec<Url>, BTreeMap<String, String>) {
        let (mut urls, mut bearers) = (Vec::new(), BTreeMap::new());
        let Some(home) = &self.machine.home else { return (urls, bearers) };
        let logins = Logins::read(&Logins::path(home)).unwrap_or_else(|error| {
            self.console.warn(error.to_string());
            Logins::default()
        });
        for host in logins.hosts() {
            for scheme in ["https", "http"] {
                let Ok(mut url) = Url::parse(&format!("{scheme}://{}/", host.trim_end_matches('/'))) else {
                    continue;
                };
                match logins.for_url(&url) {
                    Some(Login::CondaToken { token }) => url.set_path(&format!("/t/{token}{}", url.path())),
                    Some(Login::Basic { user, password }) => {
                        let _ = url.set_username(&user).and_then(|()| url.set_password(Some(&password)));
                    }
                    Some(Login::Bearer { token }) => {
                        bearers.extend(url.host_str().map(|host| (host.to_owned(), token)));
                        continue;
                    }
                    None => continue,
                }
                urls.push(url);
            }
        }
        (urls, bearers)
    }

    fn network_settings(&self) -> NetworkSettings {
        let settings = &self.settings;
        let (logins, bearers) = self.logins();
        let own = || {
            let executable = &self.machine.executable;
            mambox_config::ca_bundle(executable, Some(&self.root_prefix), &|path| path.exists())
        };
        NetworkSettings {
            logins,
            bearers,
            offline: settings.offline,
            verify_tls: settings.ssl_verify != SslVerify::Off,
            ca_file: match &settings.ssl_verify {
                SslVerify::Bundle(path) => Some(path.clone()),
                SslVerify::System => own(),
                SslVerify::Off => None,
            },
            proxies: self.proxies(),
            connect_timeout: Duration::from_secs(settings.remote_connect_timeout_secs),
            retries: u32::try_from(settings.remote_max_retries).unwrap_or(u32::MAX).min(20),
            concurrency: settings.download_threads.min(64),
            netrc: settings.netrc.clone(),
            ..NetworkSettings::default()
        }
    }
}

/// The hidden options that print the configuration and do nothing else.
fn dump_options(global: &Global) -> Option<ListOptions> {
    match (global.common.print_config_only, global.common.print_context_only) {
        (true, _) => Some(ListOptions::DUMP),
        (_, true) => Some(ListOptions::CONTEXT),
        _ => None,
    }
}

fn target(
    global: &Global,
    settings: &Settings,
    root: &Path,
    machine: &Machine,
    fallback: Fallback,
    yaml_name: Option<&str>,
) -> Outcome<mambox_config::Target> {
    target_prefix(&TargetInputs {
        flag_prefix: global.prefix.as_deref().and_then(Path::to_str),
        flag_name: global.common.name.as_deref(),
        yaml_name,
        environment: &machine.variables,
        root,
        envs_dirs: &settings.envs_dirs,
        fallback,
        home: machine.home.as_deref(),
        cwd: &machine.current_dir,
        exists: &|path| path.exists(),
        writable: &|folder| Disk.can_write_in(folder),
    })
    .map_err(Failure::new)
}

fn console(global: &Global, settings: &Settings, machine: &Machine) -> Console {
    let level = match global.common.verbose {
        0 => match settings.log_level {
            LogLevel::Trace => Level::Trace,
            LogLevel::Debug => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warning => Level::Warning,
            LogLevel::Error => Level::Error,
            LogLevel::Critical => Level::Critical,
            LogLevel::Off => Level::Off,
        },
        count => Level::of_verbosity(count),
    };
    let bars = machine.stdout_terminal && machine.var("CI").is_none();
    Console::new(settings.json, settings.quiet, level, bars)
}

/// rustls wants to be told who does its arithmetic; a second call changes nothing.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
