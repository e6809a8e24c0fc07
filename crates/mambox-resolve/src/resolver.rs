//! The front: one value that locks and fetches.

use std::path::{Path, PathBuf};

use mambox_env::{EnvSpec, ExplicitPackage, Lock, PipPackage, VirtualPackageFacts};
use mambox_progress::Reporter;
use rattler_conda_types::{RepoDataRecord, Subdir};
use rattler_networking::LazyClient;
use thiserror::Error;
use url::Url;

use crate::{
    auth::UrlCredentials,
    cache::PackageCache,
    channel,
    client::{ClientError, client},
    document::{DocumentError, document},
    explicit::{self, ExplicitError, explicit},
    fetch::{FetchError, FetchedFile, FetchedPackage, Fetcher, Wanted},
    repodata::Repodata,
    request::prepare_any,
    retry::Retry,
    settings::Settings,
    solve::{Solution, Solve, SolveRequest},
    solve_error::SolveError,
};

/// Why the settings are of no use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Relative channel folders need a place to start from.
    #[error("the base folder for channel paths is not absolute: {}", .0.display())]
    BaseDir(PathBuf),
}

/// Locks environments and fetches packages, by one set of settings.
///
/// Making one is cheap: no file is made and no TLS is set up before it is needed. Dropping any of its futures
/// stops the work and leaves nothing half-written visible.
pub struct Resolver {
    settings: Settings,
    client: LazyClient,
    credentials: UrlCredentials,
    repodata: Repodata,
    cache: PackageCache,
}

impl Resolver {
    /// Checks the settings; `on` hears of login files that cannot be read.
    ///
    /// The program must have installed a rustls crypto provider before the first request over the network.
    pub fn new(settings: Settings, on: &dyn Reporter) -> Result<Self, SettingsError> {
        if !settings.base_dir.is_absolute() {
            return Err(SettingsError::BaseDir(settings.base_dir));
        }
        let credentials = UrlCredentials::default();
        learn_from(&settings, &credentials);
        let client = client(&settings, &credentials, on)?;
        let repodata = Repodata::new(&settings, client.clone());
        let cache = PackageCache::new(&settings.cache_dir);
        Ok(Self { settings, client, credentials, repodata, cache })
    }

    /// The package cache.
    pub fn cache(&self) -> &PackageCache {
        &self.cache
    }

    /// Solves an environment for the image that `facts` describe. Channels come from the command line, then
    /// the environment, then the rc files.
    pub async fn lock(
        &self,
        spec: &EnvSpec,
        facts: &VirtualPackageFacts,
        on: &dyn Reporter,
    ) -> Result<Lock, SolveError> {
        let fetcher = self.fetcher(&[], on);
        self.solver(&fetcher, on).lock(spec, facts).await
    }

    /// Solves a request that may build upon what is installed. Channels as in [`Self::lock`].
    pub async fn solve(&self, request: SolveRequest, on: &dyn Reporter) -> Result<Solution, SolveError> {
        let fetcher = self.fetcher(&[], on);
        self.solver(&fetcher, on).solve(request).await
    }

    /// All records of the names that `specs` give, and with `recursive` of all that they may depend on; in the
    /// order of the channels. Whether a record matches its spec is the caller's business.
    pub async fn records(
        &self,
        spec: &EnvSpec,
        platform: Subdir,
        recursive: bool,
        on: &dyn Reporter,
    ) -> Result<Vec<RepoDataRecord>, SolveError> {
        let mut channels = channel::channels(&self.settings, &spec.channels, spec.nodefaults)?;
        let specs = prepare_any(&self.settings, &spec.specs, &mut channels)?;
        channels.with_credentials.iter().for_each(|url| self.credentials.learn(url));
        let repodata = self.repodata.query(&channels, platform, &specs, recursive, on).await?;
        Ok(repodata.iter().flatten().cloned().collect())
    }

    /// Every package name that the channels have for the platform, sorted.
    pub async fn names(&self, spec: &EnvSpec, platform: Subdir) -> Result<Vec<String>, SolveError> {
        let channels = channel::channels(&self.settings, &spec.channels, spec.nodefaults)?;
        channels.with_credentials.iter().for_each(|url| self.credentials.learn(url));
        let mut names = self.repodata.names(&channels, platform).await;
        names.sort();
        Ok(names)
    }

    /// Downloads one archive to a path, whose folder is made. It is compared with the hash that the record names, if it
    /// names one (a list of addresses need not), and is not visible under its name before. Credentials in its URL count.
    pub async fn download(
        &self,
        record: &RepoDataRecord,
        path: &Path,
        on: &dyn Reporter,
    ) -> Result<(), FetchError> {
        let package = &record.package_record;
        let wanted = explicit::wanted(&record.url, package.sha256, package.md5, &self.credentials);
        let wanted = Wanted { file_name: record.identifier.to_file_name(), size: package.size, ..wanted };
        self.fetcher(&[], on).download_to(&wanted, path).await
    }

    fn solver<'a>(&'a self, fetcher: &'a Fetcher<'a>, on: &'a dyn Reporter) -> Solve<'a> {
        Solve {
            settings: &self.settings,
            repodata: &self.repodata,
            credentials: &self.credentials,
            fetcher,
            on,
        }
    }

    /// Makes a lock of an explicit list: fetches each archive and reads what it depends on. Nothing is solved.
    /// An archive without a hash in the list gets that of the bytes that came.
    pub async fn explicit(
        &self,
        packages: &[ExplicitPackage],
        platform: Subdir,
        on: &dyn Reporter,
    ) -> Result<Lock, ExplicitError> {
        explicit(packages, platform, &self.fetcher(&[], on), &self.credentials).await
    }

    /// Gets every archive of a lock, in the lock's order. Each was compared with its sha256 (md5 where the lock
    /// has nothing else): downloads before they become visible in the cache, local files in place.
    pub async fn fetch(&self, lock: &Lock, on: &dyn Reporter) -> Result<Vec<FetchedPackage>, FetchError> {
        self.fetch_with(lock, &[], on).await
    }

    /// [`Self::fetch`] that also looks in channel folders (`<folder>/<subdir>/<file>`): for a lock out of an
    /// image, whose `file:///<channel>/…` URLs no longer say where a local channel lay.
    pub async fn fetch_with(
        &self,
        lock: &Lock,
        folders: &[PathBuf],
        on: &dyn Reporter,
    ) -> Result<Vec<FetchedPackage>, FetchError> {
        self.fetcher(folders, on).packages(lock.packages()).await
    }

    /// Gets the files of distributions of PyPI's kind, in their order: wheels and source archives, each compared with its
    /// sha256. Folders and commits have no file, and are `None`.
    pub async fn fetch_pip(
        &self,
        packages: &[PipPackage],
        folders: &[PathBuf],
        on: &dyn Reporter,
    ) -> Result<Vec<Option<FetchedFile>>, FetchError> {
        let wanted: Vec<Option<Wanted>> = packages.iter().map(Wanted::of_pip).collect();
        let fetched = self.fetcher(folders, on).archives(wanted.iter().flatten().cloned().collect()).await?;
        let mut fetched = fetched.into_iter().map(|file| FetchedFile { path: file.path, size: file.size });
        Ok(wanted.iter().map(|wanted| wanted.as_ref().and_then(|_| fetched.next())).collect())
    }

    /// Remembers the login of a URL for everything on its host; indexes of distributions keep files beside their pages.
    pub fn learn_login(&self, url: &Url) {
        let token = url.path().strip_prefix("/t/").and_then(|rest| rest.split('/').next());
        let root = token.map_or("/".to_owned(), |token| format!("/t/{token}/"));
        if let Ok(root) = url.join(&root) {
            self.credentials.learn(&root);
        }
    }

    /// Downloads a text such as an environment.yml, of at most `most` bytes.
    pub async fn document(&self, url: &Url, most: u64) -> Result<Vec<u8>, DocumentError> {
        document(&self.client, url, most, self.settings.network.retries + 1).await
    }

    /// The folders among the channels of the settings, for [`Self::fetch_with`].
    pub fn channel_folders(&self) -> Vec<PathBuf> {
        let channels = &self.settings.channels;
        channels
            .requested
            .iter()
            .chain(&channels.configured)
            .filter_map(|written| channel::base_url(&self.settings, written).ok()?.to_file_path().ok())
            .collect()
    }

    fn fetcher<'a>(&'a self, folders: &'a [PathBuf], on: &'a dyn Reporter) -> Fetcher<'a> {
        let network = &self.settings.network;
        Fetcher {
            client: &self.client,
            cache: &self.cache,
            folders,
            retry: Retry { retries: network.retries, backoff: network.backoff },
            concurrency: network.concurrency,
            on,
        }
    }
}

/// Credentials in configured URLs also serve locks that were made with them.
fn learn_from(settings: &Settings, credentials: &UrlCredentials) {
    settings.network.logins.iter().for_each(|url| credentials.learn(url));
    let channels = &settings.channels;
    let written = channels
        .requested
        .iter()
        .chain(&channels.configured)
        .chain(&channels.defaults)
        .chain(channels.custom.values())
        .chain(channels.multi.values().flatten())
        .chain([&channels.alias]);
    for url in
        written.filter(|written| written.contains("://")).filter_map(|written| Url::parse(written).ok())
    {
        let mut url = url;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        credentials.learn(&url);
    }
}
