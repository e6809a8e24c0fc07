//! Link scripts of packages: `bin/.NAME-post-link.sh` and `bin/.NAME-pre-unlink.sh`.
//!
//! As micromamba does (section 4 of its reference): run by bash, else sh; a status other than 0 is told and ignored; one
//! that cannot be started is an error. `post-unlink` and `pre-link` are not run.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rattler_conda_types::PackageRecord;

use crate::error::TransactionError;
use crate::lock::Guard;
use crate::plan::{Event, Observer, Options};
use crate::prefix::Prefix;

/// Where shells are, besides the folders of PATH.
const SHELLS: [&str; 4] = ["/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh"];
const PAUSE: Duration = Duration::from_millis(5);
/// Of a script's output in a warning, from its end.
const MAX_OUTPUT: usize = 4096;

/// What link scripts run with.
pub(crate) struct Scripts<'a> {
    pub(crate) prefix: &'a Prefix,
    pub(crate) folder: &'a Path,
    pub(crate) guard: &'a Guard,
    pub(crate) options: &'a Options,
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) on: &'a dyn Observer,
}

impl Scripts<'_> {
    /// Runs a package's script of a kind, if it has one.
    pub(crate) fn run(
        &self,
        kind: &'static str,
        dist: &str,
        record: &PackageRecord,
    ) -> Result<(), TransactionError> {
        let bin = self.prefix.path().join("bin");
        let script = bin.join(format!(".{}-{kind}.sh", record.name.as_normalized()));
        if !self.options.run_link_scripts || !script.is_file() {
            return Ok(());
        }
        self.on.event(Event::Script { dist: dist.to_owned(), kind });
        let output = self.folder.join("script.log");
        let status = self.spawn(&bin, &script, record, &output);
        let status = status.map_err(|why| TransactionError::Script { dist: dist.into(), script, why })?;
        if self.cancel.load(Ordering::Relaxed) {
            return Err(TransactionError::Cancelled);
        }
        if let Some(status) = status {
            let output = tail(&fs::read(&output).unwrap_or_default());
            let text = format!("the {kind} script of {dist} failed ({status}) and was ignored\n{output}");
            self.on.event(Event::warning(text.trim_end()));
        }
        self.messages(dist);
        Ok(())
    }

    /// Its status, if it was not successful.
    fn spawn(
        &self,
        bin: &Path,
        script: &Path,
        record: &PackageRecord,
        output: &Path,
    ) -> Result<Option<String>, String> {
        let told = |error: std::io::Error| error.to_string();
        let shell = self.shell().ok_or("there is neither bash nor sh")?;
        let log = File::create(output).map_err(told)?;
        let mut child = Command::new(shell)
            .arg(script)
            .env_clear()
            .envs(self.variables(bin, record))
            .current_dir(bin)
            .stdin(self.guard.stdin())
            .stdout(log.try_clone().map_err(told)?)
            .stderr(log)
            .spawn()
            .map_err(told)?;
        loop {
            match child.try_wait().map_err(told)? {
                Some(status) => return Ok((!status.success()).then(|| status.to_string())),
                None if self.cancel.load(Ordering::Relaxed) => {
                    let _ = child.kill().and_then(|()| child.wait());
                    return Ok(None);
                }
                None => thread::sleep(PAUSE),
            }
        }
    }

    fn variables(&self, bin: &Path, record: &PackageRecord) -> BTreeMap<String, String> {
        let mut variables = self.options.environment.clone();
        let path = variables.get("PATH").map(|path| format!(":{path}")).unwrap_or_default();
        let root = self.options.root_prefix.to_string_lossy();
        let set = [
            ("PATH", format!("{}{path}", bin.display())),
            ("PREFIX", self.prefix.text().to_owned()),
            ("ROOT_PREFIX", root.into_owned()),
            ("PKG_NAME", record.name.as_normalized().to_owned()),
            ("PKG_VERSION", record.version.to_string()),
            ("PKG_BUILDNUM", record.build_number.to_string()),
        ];
        variables.extend(set.map(|(name, value)| (name.to_owned(), value)));
        variables
    }

    /// bash, of the image or else the environment, else sh.
    fn shell(&self) -> Option<PathBuf> {
        let path = self.options.environment.get("PATH").map(String::as_str).unwrap_or_default();
        let folders: Vec<&str> = path.split(':').filter(|folder| folder.starts_with('/')).collect();
        let of_path = |name: &'static str| folders.iter().map(move |folder| Path::new(folder).join(name));
        let fixed = |range: std::ops::Range<usize>| SHELLS[range].iter().map(PathBuf::from);
        let bin = self.prefix.path().join("bin");
        let bash = of_path("bash").chain(fixed(0..2)).chain([bin.join("bash")]);
        let sh = of_path("sh").chain(fixed(2..4)).chain([bin.join("sh")]);
        bash.chain(sh).find(|shell| shell.is_file())
    }

    /// What the script has left for the user.
    fn messages(&self, dist: &str) {
        let path = self.prefix.path().join(".messages.txt");
        let Ok(text) = fs::read(&path) else { return };
        let _ = fs::remove_file(&path);
        let text = tail(&text);
        if !text.is_empty() {
            self.on.event(Event::Message { dist: dist.to_owned(), text });
        }
    }
}

fn tail(bytes: &[u8]) -> String {
    let start = bytes.len().saturating_sub(MAX_OUTPUT);
    String::from_utf8_lossy(&bytes[start..]).trim().to_owned()
}
