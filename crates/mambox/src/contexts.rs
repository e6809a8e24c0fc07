//! A build's surroundings out of options, rc files and variables.

use std::path::PathBuf;

use mambox_build::Context;
use mambox_env::{CondaRc, SslVerify};
use mambox_resolve::{ChannelPriority, ChannelSettings, NetworkSettings, Proxies, Settings};
use mambox_transport::{RegistrySettings, Transport};

use crate::failure::Failure;
use crate::machine::Machine;
use crate::rc_files::RcFiles;
use crate::terminal::Console;

/// What the command line says of channels and of the network.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// Channels named on the command line or in `mambox.toml`.
    pub(crate) channels: Vec<String>,
    /// Leave out those of the rc files.
    pub(crate) override_channels: bool,
    /// Else that of the rc files, else strict.
    pub(crate) channel_priority: Option<ChannelPriority>,
    /// Rc files to read instead of the usual ones.
    pub(crate) rc_files: Vec<PathBuf>,
    /// Read no rc file at all.
    pub(crate) no_rc: bool,
    /// No network.
    pub(crate) offline: bool,
    /// A PEM file.
    pub(crate) cacert: Option<PathBuf>,
    /// Registries that speak plain HTTP.
    pub(crate) insecure_registries: Vec<String>,
    /// Layers made at the same time.
    pub(crate) jobs: Option<usize>,
    /// The cache's folder.
    pub(crate) cache_dir: Option<PathBuf>,
}

impl Wishes {
    /// The context that fulfils them.
    pub(crate) fn context(&self, machine: &Machine, console: &Console) -> Result<Context, Failure> {
        let rc = match self.no_rc {
            true => RcFiles::default(),
            false => RcFiles::read(machine, &self.rc_files),
        };
        let reporter = console.reporter();
        rc.warnings.into_iter().for_each(|warning| reporter.warn(warning));
        let cache_dir = machine.cache_dir(self.cache_dir.as_ref())?;
        // Now, rather than in the midst of a build with some other file's name in the message.
        std::fs::create_dir_all(&cache_dir).map_err(|error| {
            let path = cache_dir.display();
            Failure::Machine(format!(
                "the cache folder {path} cannot be made: {error}; choose another with --cache-dir or MAMBOX_CACHE_DIR"
            ))
        })?;
        Ok(Context {
            resolve: self.settings(machine, rc.rc, cache_dir.clone()),
            transport: self.transport(machine, cache_dir.clone()),
            cache_dir,
            search_path: machine.var("PATH").unwrap_or_default().into(),
            entry_programs: machine.entry_programs(),
            variables: machine.variables().clone(),
            threads: self.jobs.unwrap_or(machine.processors).max(1),
            reporter,
        })
    }

    fn settings(&self, machine: &Machine, rc: CondaRc, cache_dir: PathBuf) -> Settings {
        Settings {
            base_dir: machine.current_dir.clone(),
            home: machine.home.clone(),
            cache_dir,
            network: self.network(machine, &rc),
            channels: self.channels(rc),
        }
    }

    fn channels(&self, rc: CondaRc) -> ChannelSettings {
        let usual = ChannelSettings::default();
        let or = |list: Vec<String>, default: Vec<String>| if list.is_empty() { default } else { list };
        ChannelSettings {
            requested: self.channels.clone(),
            configured: rc.channels,
            override_configured: self.override_channels,
            alias: rc.channel_alias.unwrap_or(usual.alias),
            defaults: or(rc.default_channels, usual.defaults),
            custom: rc.custom_channels,
            multi: rc.custom_multichannels,
            mirrors: rc.mirrored_channels,
            priority: self.channel_priority.or(rc.channel_priority.map(priority)).unwrap_or(usual.priority),
            use_zst: rc.repodata_use_zst.unwrap_or(usual.use_zst),
            use_sharded: rc.use_sharded_repodata.unwrap_or(usual.use_sharded),
        }
    }

    fn network(&self, machine: &Machine, rc: &CondaRc) -> NetworkSettings {
        let usual = NetworkSettings::default();
        let bundle = match &rc.ssl_verify {
            Some(SslVerify::Bundle(path)) => Some(path.as_str()),
            _ => rc.cacert_path.as_deref(),
        };
        let ca_of_rc = bundle.map(|path| machine.current_dir.join(path));
        let proxy = |key: &str| rc.proxy_servers.get(key).cloned();
        let proxies = proxies(machine);
        let home = |below: &str| machine.home.as_ref().map(|home| home.join(below));
        NetworkSettings {
            offline: self.offline || rc.offline == Some(true),
            verify_tls: rc.ssl_verify != Some(SslVerify::Off),
            ca_file: self.ca_file(machine).or(ca_of_rc),
            proxies: Proxies {
                http: proxy("http").or(proxies.http),
                https: proxy("https").or(proxies.https),
                all: proxy("all").or(proxies.all),
                none_for: proxies.none_for,
            },
            connect_timeout: rc
                .remote_connect_timeout_secs
                .map_or(usual.connect_timeout, std::time::Duration::from_secs),
            retries: rc.remote_max_retries.map_or(usual.retries, |retries| retries.min(20) as u32),
            concurrency: rc
                .download_threads
                .map_or(usual.concurrency, |threads| threads.clamp(1, 64) as usize),
            netrc: machine.path_var("NETRC").or_else(|| home(".netrc")),
            auth_file: machine.path_var("RATTLER_AUTH_FILE").or_else(|| home(".rattler/credentials.json")),
            ..usual
        }
    }

    fn transport(&self, machine: &Machine, cache_dir: PathBuf) -> Transport {
        let proxies = proxies(machine);
        Transport {
            cache_dir: Some(cache_dir),
            offline: self.offline,
            registry: RegistrySettings {
                auth_files: auth_files(machine),
                insecure: self.insecure_registries.clone(),
                ca_file: self.ca_file(machine),
                proxies: mambox_transport::Proxies {
                    http: proxies.http,
                    https: proxies.https,
                    all: proxies.all,
                    none_for: proxies.none_for,
                },
                offline: self.offline,
                ..RegistrySettings::default()
            },
            ..Transport::default()
        }
    }

    fn ca_file(&self, machine: &Machine) -> Option<PathBuf> {
        let option = self.cacert.as_ref().map(|file| machine.current_dir.join(file));
        option.or_else(|| {
            ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].iter().find_map(|name| machine.path_var(name))
        })
    }
}

fn priority(priority: mambox_env::ChannelPriority) -> ChannelPriority {
    match priority {
        mambox_env::ChannelPriority::Strict => ChannelPriority::Strict,
        mambox_env::ChannelPriority::Flexible => ChannelPriority::Flexible,
        mambox_env::ChannelPriority::Disabled => ChannelPriority::Disabled,
    }
}

/// The variables of curl; the lower-case spelling goes first.
fn proxies(machine: &Machine) -> Proxies {
    Proxies {
        http: machine.first_var(&["http_proxy", "HTTP_PROXY"]),
        https: machine.first_var(&["https_proxy", "HTTPS_PROXY"]),
        all: machine.first_var(&["all_proxy", "ALL_PROXY"]),
        none_for: machine.first_var(&["no_proxy", "NO_PROXY"]),
    }
}

/// Where docker, podman and skopeo keep logins: `REGISTRY_AUTH_FILE` alone if it is set, as in
/// containers-auth.json(5); else what `DOCKER_CONFIG` names, podman's files, docker's file.
fn auth_files(machine: &Machine) -> Vec<PathBuf> {
    if let Some(file) = machine.path_var("REGISTRY_AUTH_FILE") {
        return vec![file];
    }
    let containers = "containers/auth.json";
    let files = [
        machine.path_var("DOCKER_CONFIG").map(|folder| folder.join("config.json")),
        machine.path_var("XDG_RUNTIME_DIR").map(|folder| folder.join(containers)),
        machine.xdg("XDG_CONFIG_HOME", ".config").map(|folder| folder.join(containers)),
        machine.home.as_ref().map(|home| home.join(".docker/config.json")),
    ];
    files.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_looked_for_where_docker_and_podman_keep_them() {
        let files = |variables: &[(&str, &str)]| {
            let files = auth_files(&Machine::with(variables));
            files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(files(&[("DOCKER_CONFIG", "/ci"), ("XDG_RUNTIME_DIR", "/run/user/1")]), @r"
        /ci/config.json
        /run/user/1/containers/auth.json
        /home/me/.config/containers/auth.json
        /home/me/.docker/config.json
        ");
        assert_eq!(files(&[("DOCKER_CONFIG", "/ci"), ("REGISTRY_AUTH_FILE", "/a.json")]), "/a.json");
    }

    #[test]
    fn the_command_line_goes_before_rc_files_and_variables() {
        let machine = Machine::with(&[("SSL_CERT_FILE", "/env.pem"), ("https_proxy", "http://env:1")]);
        let rc = CondaRc {
            channels: vec!["rc".into()],
            channel_priority: Some(mambox_env::ChannelPriority::Disabled),
            ssl_verify: Some(SslVerify::Bundle("/rc.pem".into())),
            proxy_servers: [("https".to_owned(), "http://rc:1".to_owned())].into(),
            ..CondaRc::default()
        };
        let settings = |wishes: Wishes| wishes.settings(&machine, rc.clone(), "/cache".into());
        let plain = settings(Wishes::default());
        assert_eq!(plain.channels.priority, ChannelPriority::Disabled);
        assert_eq!(plain.network.ca_file, Some("/env.pem".into()));
        assert_eq!(plain.network.proxies.https.as_deref(), Some("http://rc:1"));
        assert_eq!(plain.channels.configured, ["rc"]);
        let wished = settings(Wishes {
            channel_priority: Some(ChannelPriority::Strict),
            cacert: Some("mine.pem".into()),
            offline: true,
            ..Wishes::default()
        });
        assert_eq!(wished.channels.priority, ChannelPriority::Strict);
        assert_eq!(wished.network.ca_file, Some("/work dir/mine.pem".into()));
        assert!(wished.network.offline);
    }
}
