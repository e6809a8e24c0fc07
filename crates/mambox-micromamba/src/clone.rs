//! `create --clone`: another environment with the same packages.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mambox_config::Fallback;

use crate::console::Progress;
use crate::environment;
use crate::failure::{Failure, Outcome};
use crate::runtime::block_on;
use crate::session::Session;
use crate::solve::Changes;
use crate::transaction::{Transaction, Wish};

/// Makes the environment; `before` runs when all is fetched.
pub(crate) fn create(
    session: &Session<'_>,
    source: &str,
    before: impl FnOnce(&Path) -> Outcome,
) -> Outcome<Option<PathBuf>> {
    let from = find(session, source)?;
    let to = session.target(Fallback::None, None)?;
    environment::check_creatable(session, &to)?;
    let installed = environment::installed(session, &from)?;
    let changes = Changes::between(&[], installed.repodata().cloned().collect(), &|_| false);
    let update_specs = installed.requested.values().cloned().collect();
    let wish = Wish { update_specs, ..Wish::default() };
    block_on(async |cancel| {
        let progress = Progress::new(Arc::clone(&session.console));
        let resolver = session.resolver(&[], &progress)?;
        let transaction = Transaction { session, prefix: &to, changes, wish };
        let done = transaction.run(&resolver, &progress, &cancel, || before(&to)).await?;
        Ok(done.then(|| to.clone()))
    })
}

fn find(session: &Session<'_>, source: &str) -> Outcome<PathBuf> {
    let path = match source {
        "base" => session.root_prefix.clone(),
        path if path.contains('/') => session.machine.absolute(Path::new(path)),
        name => session
            .settings
            .envs_dirs
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| session.root_prefix.join("envs").join(name)),
    };
    if path.join("conda-meta").is_dir() {
        return Ok(path);
    }
    Err(Failure::Message(format!("there is no environment to clone at {}", path.display())))
}
