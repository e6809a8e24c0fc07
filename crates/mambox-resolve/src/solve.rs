//! An environment's specs become a lock.

use std::collections::HashSet;

use mambox_env::{EnvSpec, Lock, LockedPackage, VirtualPackageFacts};
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use rattler_conda_types::{
    GenericVirtualPackage, MatchSpec, PackageName, RepoDataRecord, package::CondaArchiveIdentifier,
};
use rattler_repodata_gateway::RepoData;
use rattler_solve::{CancellationToken, ChannelRepoData, SolverImpl, SolverTask, resolvo};

use crate::{
    auth::UrlCredentials,
    blocking::blocking,
    channel::{Channels, channels},
    explain::{unknown_package, unsolvable},
    explicit::{fetch_records, wanted},
    fetch::Fetcher,
    repodata::Repodata,
    request::prepare,
    settings::{ChannelPriority, Settings},
    solve_error::SolveError,
};

/// All that a solve needs besides its inputs.
pub(crate) struct Solve<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) repodata: &'a Repodata,
    pub(crate) credentials: &'a UrlCredentials,
    pub(crate) fetcher: &'a Fetcher<'a>,
    pub(crate) on: &'a dyn Reporter,
}

impl Solve<'_> {
    /// Solves `spec` for the image that `facts` describe.
    pub(crate) async fn lock(&self, spec: &EnvSpec, facts: &VirtualPackageFacts) -> Result<Lock, SolveError> {
        let mut channels = channels(self.settings, &spec.channels, spec.nodefaults)?;
        let specs = prepare(self.settings, &spec.specs, &mut channels)?;
        channels.with_credentials.iter().for_each(|url| self.credentials.learn(url));
        let virtual_packages = facts.virtual_packages()?;
        let direct = self.direct(&specs).await?;
        let queried = queried(&specs, &direct);
        let repodata = self.repodata.records(&channels, facts.platform, &queried, self.on).await?;
        self.check_known(&specs, &repodata, &channels, facts).await?;
        let priority = self.settings.channels.priority;
        let task = Task { direct, repodata, specs, virtual_packages, priority };
        let records = self.solve(task, facts).await?;
        let urls = channels.iter().map(|channel| channel.base_url.as_str().to_owned());
        let packages =
            records.into_iter().map(LockedPackage::from_repodata).collect::<Result<Vec<_>, _>>()?;
        Ok(Lock::new(facts.platform, urls, packages)?)
    }

    /// Packages that specs name by URL: fetched, and read for what they are.
    async fn direct(&self, specs: &[MatchSpec]) -> Result<Vec<RepoDataRecord>, SolveError> {
        let wanted: Vec<_> = specs
            .iter()
            .filter_map(|spec| Some(wanted(spec.url.as_ref()?, spec.sha256, spec.md5, self.credentials)))
            .collect();
        let mut records = Vec::new();
        for (wanted, package_record) in fetch_records(wanted, self.fetcher).await? {
            let identifier = CondaArchiveIdentifier::try_from_filename(&wanted.file_name);
            let identifier = identifier.map(Into::into).ok_or_else(|| SolveError::Solver {
                reason: format!("'{}' is no conda package's file name", wanted.file_name),
            })?;
            records.push(RepoDataRecord { package_record, identifier, url: wanted.url, channel: None });
        }
        Ok(records)
    }

    /// A name that no channel has is told before the solver tells it at length.
    async fn check_known(
        &self,
        specs: &[MatchSpec],
        repodata: &[RepoData],
        channels: &Channels,
        facts: &VirtualPackageFacts,
    ) -> Result<(), SolveError> {
        let known: HashSet<&str> =
            repodata.iter().flatten().map(|record| record.package_record.name.as_normalized()).collect();
        let unknown = specs
            .iter()
            .filter(|spec| spec.url.is_none())
            .filter_map(|spec| spec.name.as_exact())
            .map(|name| name.as_normalized())
            .find(|name| !name.starts_with("__") && !known.contains(name));
        match unknown {
            None => Ok(()),
            Some(name) => {
                let names = self.repodata.names(channels, facts.platform).await;
                Err(unknown_package(name, facts.platform, channels, &names))
            }
        }
    }

    async fn solve(
        &self,
        task: Task,
        facts: &VirtualPackageFacts,
    ) -> Result<Vec<RepoDataRecord>, SolveError> {
        let progress = self.on.begin(Stage::Solve, facts.platform.to_string(), None, Unit::Items);
        let cancel = CancelOnDrop(CancellationToken::new());
        let token = cancel.0.clone();
        let (task, result) = blocking(move || {
            let result = task.run(token);
            (task, result)
        })
        .await;
        let records = result.map_err(|error| match error {
            rattler_solve::SolveError::Unsolvable(reasons) => unsolvable(&reasons, facts, &task),
            rattler_solve::SolveError::DuplicateRecords(reason) => SolveError::Contradiction { reason },
            other => SolveError::Solver { reason: crate::mask::mask_text(&other.to_string()) },
        })?;
        progress.finish(Outcome::Done);
        Ok(records)
    }
}

/// The names to ask the channels for: of specs without a URL, and of what packages by URL depend on.
///
/// Names alone, since rattler would leave out records that do not match a spec, and strict priority must know
/// that a channel has a package even if no version of it fits.
fn queried(specs: &[MatchSpec], direct: &[RepoDataRecord]) -> Vec<MatchSpec> {
    let of_specs = specs.iter().filter(|spec| spec.url.is_none()).filter_map(|spec| {
        let name = spec.name.as_exact()?.clone();
        Some(MatchSpec { extras: spec.extras.clone(), ..MatchSpec::from(name) })
    });
    let depends = direct.iter().flat_map(|record| &record.package_record.depends);
    // What cannot be parsed makes the solver refuse that package, with its reason.
    let of_direct = depends.filter_map(|depend| PackageName::from_matchspec_str(depend).ok());
    of_specs.chain(of_direct.map(MatchSpec::from)).collect()
}

/// What the solver works on, on a thread of its own.
pub(crate) struct Task {
    pub(crate) direct: Vec<RepoDataRecord>,
    pub(crate) repodata: Vec<RepoData>,
    pub(crate) specs: Vec<MatchSpec>,
    pub(crate) virtual_packages: Vec<GenericVirtualPackage>,
    pub(crate) priority: ChannelPriority,
}

impl Task {
    fn run(&self, cancel: CancellationToken) -> Result<Vec<RepoDataRecord>, rattler_solve::SolveError> {
        let direct = (!self.direct.is_empty()).then(|| ChannelRepoData {
            records: self.direct.iter().collect::<Vec<_>>(),
            multi_channel: None,
        });
        let of_channels = self.repodata.iter().map(|repodata| ChannelRepoData {
            records: repodata.iter().collect::<Vec<_>>(),
            multi_channel: repodata.multi_channel(),
        });
        let task = SolverTask {
            available_packages: direct.into_iter().chain(of_channels).collect::<Vec<_>>(),
            specs: self.specs.clone(),
            virtual_packages: self.virtual_packages.clone(),
            channel_priority: match self.priority {
                ChannelPriority::Strict => rattler_solve::ChannelPriority::Strict,
                ChannelPriority::Flexible => rattler_solve::ChannelPriority::Flexible,
                ChannelPriority::Disabled => rattler_solve::ChannelPriority::Disabled,
            },
            cancellation_token: Some(cancel),
            locked_packages: Vec::new(),
            pinned_packages: Vec::new(),
            constraints: Vec::new(),
            timeout: None,
            exclude_newer: None,
            strategy: rattler_solve::SolveStrategy::Highest,
            dependency_overrides: Vec::new(),
            excluded_candidates: std::collections::HashMap::new(),
        };
        resolvo::Solver.solve(task).map(|solution| solution.records)
    }
}

/// Stops the solver's thread when nobody waits for it any more.
struct CancelOnDrop(CancellationToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
