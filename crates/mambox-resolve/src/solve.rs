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

/// What is to be solved.
#[derive(Debug, Clone)]
pub struct SolveRequest {
    /// Channels and match specs.
    pub spec: EnvSpec,
    /// The machine or image it is for.
    pub facts: VirtualPackageFacts,
    /// Installed packages that stay as they are unless something stands against it. They are in the solution only
    /// if a spec leads to them.
    pub installed: Vec<RepoDataRecord>,
    /// Installed packages that must stay as they are, if they are in the solution.
    pub frozen: Vec<RepoDataRecord>,
    /// What packages of the solution must fulfil; none is installed for it.
    pub constraints: Vec<MatchSpec>,
}

impl SolveRequest {
    /// A request that builds upon nothing.
    pub fn new(spec: EnvSpec, facts: VirtualPackageFacts) -> Self {
        Self { spec, facts, installed: Vec::new(), frozen: Vec::new(), constraints: Vec::new() }
    }
}

/// What fulfils a request.
#[derive(Debug, Clone)]
pub struct Solution {
    /// One record a package, in no particular order.
    pub records: Vec<RepoDataRecord>,
    /// URLs of the channels that were asked, the first with the highest rank.
    pub channels: Vec<String>,
}

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
        let Solution { records, channels } =
            self.solve(SolveRequest::new(spec.clone(), facts.clone())).await?;
        let packages =
            records.into_iter().map(LockedPackage::from_repodata).collect::<Result<Vec<_>, _>>()?;
        Ok(Lock::new(facts.platform, channels, packages)?)
    }

    /// Solves a request, which may build upon what is installed.
    pub(crate) async fn solve(&self, request: SolveRequest) -> Result<Solution, SolveError> {
        let SolveRequest { spec, facts, installed, frozen, constraints } = request;
        let mut channels = channels(self.settings, &spec.channels, spec.nodefaults)?;
        let specs = prepare(self.settings, &spec.specs, &mut channels)?;
        let constraints = prepare(self.settings, &constraints, &mut channels)?;
        channels.with_credentials.iter().for_each(|url| self.credentials.learn(url));
        let virtual_packages = facts.virtual_packages()?;
        let direct = self.direct(&specs).await?;
        let queried = queried(&specs, &direct, installed.iter().chain(&frozen));
        let repodata = self.repodata.records(&channels, facts.platform, &queried, self.on).await?;
        let at_hand =
            installed.iter().chain(&frozen).map(|record| record.package_record.name.as_normalized());
        self.check_known(&specs, &repodata, at_hand.collect(), &channels, &facts).await?;
        let priority = self.settings.channels.priority;
        let task =
            Task { direct, repodata, specs, virtual_packages, priority, installed, frozen, constraints };
        let records = self.run(task, &facts).await?;
        let channels = channels.iter().map(|channel| channel.base_url.as_str().to_owned()).collect();
        Ok(Solution { records, channels })
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
        mut known: HashSet<&str>,
        channels: &Channels,
        facts: &VirtualPackageFacts,
    ) -> Result<(), SolveError> {
        known.extend(repodata.iter().flatten().map(|record| record.package_record.name.as_normalized()));
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

    async fn run(&self, task: Task, facts: &VirtualPackageFacts) -> Result<Vec<RepoDataRecord>, SolveError> {
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

/// The names to ask the channels for: of specs without a URL, of what is installed, and of what packages by URL
/// depend on.
///
/// Names alone, since rattler would leave out records that do not match a spec, and strict priority must know
/// that a channel has a package even if no version of it fits.
fn queried<'a>(
    specs: &[MatchSpec],
    direct: &[RepoDataRecord],
    installed: impl Iterator<Item = &'a RepoDataRecord>,
) -> Vec<MatchSpec> {
    let of_specs = specs.iter().filter(|spec| spec.url.is_none()).filter_map(|spec| {
        let name = spec.name.as_exact()?.clone();
        Some(MatchSpec { extras: spec.extras.clone(), ..MatchSpec::from(name) })
    });
    let depends = direct.iter().flat_map(|record| &record.package_record.depends);
    // What cannot be parsed makes the solver refuse that package, with its reason.
    let of_direct = depends.filter_map(|depend| PackageName::from_matchspec_str(depend).ok());
    let of_installed = installed.map(|record| record.package_record.name.clone());
    of_specs.chain(of_direct.chain(of_installed).map(MatchSpec::from)).collect()
}

/// What the solver works on, on a thread of its own.
pub(crate) struct Task {
    pub(crate) direct: Vec<RepoDataRecord>,
    pub(crate) repodata: Vec<RepoData>,
    pub(crate) specs: Vec<MatchSpec>,
    pub(crate) virtual_packages: Vec<GenericVirtualPackage>,
    pub(crate) priority: ChannelPriority,
    pub(crate) installed: Vec<RepoDataRecord>,
    pub(crate) frozen: Vec<RepoDataRecord>,
    pub(crate) constraints: Vec<MatchSpec>,
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
            // Rattler's words: what is locked is preferred, what is pinned stays.
            locked_packages: self.installed.iter().collect(),
            pinned_packages: self.frozen.iter().collect(),
            constraints: self.constraints.clone(),
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
