//! How servers are reached, and how much is done at once.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::contexts::Wishes;

#[derive(Debug, Args)]
#[command(next_help_heading = "Network and machine")]
pub(crate) struct NetworkArgs {
    /// Use nothing but the cache and local files
    #[arg(long)]
    offline: bool,
    /// A PEM file of certificate authorities to trust, too [default: $SSL_CERT_FILE]
    #[arg(long, visible_alias = "cacert-path", value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Speak plain HTTP to this registry (HOST[:PORT]); may be repeated
    #[arg(long = "insecure-registry", value_name = "HOST")]
    insecure_registries: Vec<String>,
    /// How many layers are made at the same time [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

impl NetworkArgs {
    pub(super) fn fill(&self, wishes: &mut Wishes) {
        wishes.offline = self.offline;
        wishes.cacert = self.cacert.clone();
        wishes.insecure_registries = self.insecure_registries.clone();
        wishes.jobs = self.jobs.map(NonZeroUsize::get);
    }
}
