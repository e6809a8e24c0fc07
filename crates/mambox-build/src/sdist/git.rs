//! Commits of git repositories, by the program `git` of this machine.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mambox_env::strip_credentials;
use mambox_progress::{Outcome, Stage, Unit};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::sync::OnceCell;
use url::Url;

use super::error::SdistProblem;
use crate::scratch::Scratch;
use crate::{BuildError, Context, sandboxed};

/// For one call.
const TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Of what git says.
const MOST_SAID: u64 = 1 << 20;
/// The folder within a temporary one.
const CHECKOUT: &str = "checkout";
/// Hexadecimal digits of a commit.
const COMMIT: usize = 40;

/// What the user's settings must not change about a checkout, and what must not run or be asked.
const SETTINGS: [&str; 10] = [
    "core.autocrlf=false",
    "core.eol=lf",
    "core.symlinks=true",
    "core.fileMode=true",
    "core.attributesFile=/dev/null",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "advice.detachedHead=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=120",
];
/// Variables by which git would work on another repository than ours.
const FOREIGN: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
];

/// A commit of a repository; checked out once, when its files are first wanted, and removed with this value.
#[derive(Debug)]
pub(crate) struct Commit {
    url: Url,
    commit: String,
    subdirectory: Option<String>,
    checkout: OnceCell<Scratch>,
}

impl Commit {
    /// Of a repository (without `git+`), by all 40 digits.
    pub(crate) fn new(url: Url, commit: &str, subdirectory: Option<String>) -> Self {
        Self { url, commit: commit.to_ascii_lowercase(), subdirectory, checkout: OnceCell::new() }
    }

    pub(super) fn id(&self) -> &str {
        &self.commit
    }

    pub(super) fn label(&self) -> String {
        label(&self.url, &self.commit)
    }

    pub(super) fn subdirectory(&self) -> Option<&str> {
        self.subdirectory.as_deref()
    }

    /// The files, with git's own folder.
    pub(super) async fn folder(&self, context: &Context) -> Result<PathBuf, BuildError> {
        let made = self.checkout.get_or_try_init(|| async {
            let scratch = Scratch::new(&context.cache_dir)?;
            let folder = scratch.path().join(CHECKOUT);
            checkout(&self.url, &self.commit, &folder, &context.search_path, context).await?;
            Ok::<_, BuildError>(scratch)
        });
        Ok(made.await?.path().join(CHECKOUT))
    }
}

/// Checks a commit out, with its submodules, into `folder`, which is made. Passwords are not asked for.
///
/// # Errors
/// [`BuildError::Sdist`], without credentials in it.
pub(crate) async fn checkout(
    url: &Url,
    commit: &str,
    folder: &Path,
    search_path: &OsStr,
    context: &Context,
) -> Result<(), BuildError> {
    let label = label(url, commit);
    let task = context.on().begin(Stage::Fetch, &label, None, Unit::Items);
    let git = Git { url, folder, search_path, settings: &[], variables: &[] };
    git.checkout(commit).await.map_err(|problem| problem.of(label))?;
    task.finish(Outcome::Done);
    Ok(())
}

fn label(url: &Url, commit: &str) -> String {
    format!("{} at {}", strip_credentials(url), commit.get(..12).unwrap_or(commit))
}

struct Git<'a> {
    url: &'a Url,
    folder: &'a Path,
    search_path: &'a OsStr,
    /// Further ones.
    settings: &'a [&'a str],
    variables: &'a [(&'a str, &'a OsStr)],
}

impl Git<'_> {
    async fn checkout(&self, commit: &str) -> Result<(), SdistProblem> {
        if commit.len() != COMMIT || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SdistProblem::WrongCommit("none: a commit has 40 hexadecimal digits".into()));
        }
        std::fs::create_dir(self.folder).map_err(SdistProblem::io("cannot write", self.folder))?;
        self.run("make a repository", &["init", "--quiet", "--template="]).await?;
        self.run("make a repository", &["remote", "add", "--", "origin", self.url.as_str()]).await?;
        let fetch = ["fetch", "--quiet", "--no-tags", "--depth", "1", "origin", commit];
        if let Err(problem) = self.run("fetch the commit", &fetch).await {
            if matches!(problem, SdistProblem::NoGit) {
                return Err(problem);
            }
            // Some servers give no commits by their name: all branches and tags, then.
            let all = ["fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"];
            self.run("fetch the repository", &all).await?;
        }
        self.run("check the commit out", &["checkout", "--quiet", "--force", "--detach", commit]).await?;
        let head = self.run("tell the commit", &["rev-parse", "--verify", "HEAD"]).await?;
        if !head.trim().eq_ignore_ascii_case(commit) {
            return Err(SdistProblem::WrongCommit(head.trim().chars().take(COMMIT).collect()));
        }
        if std::fs::symlink_metadata(self.folder.join(".gitmodules")).is_ok() {
            self.run("fetch submodules", &["submodule", "--quiet", "update", "--init", "--recursive"])
                .await?;
        }
        Ok(())
    }

    /// Standard output.
    async fn run(&self, step: &'static str, arguments: &[&str]) -> Result<String, SdistProblem> {
        let mut command = Command::new("git");
        let settings = SETTINGS.iter().chain(self.settings).flat_map(|setting| ["-c", *setting]);
        command
            .args(settings)
            .args(arguments)
            .current_dir(self.folder)
            .env("PATH", OsString::from(self.search_path))
            .env("GIT_TERMINAL_PROMPT", "0")
            // /etc/gitattributes changes bytes as the user's attributes do.
            .env("GIT_ATTR_NOSYSTEM", "1")
            // What a commit holds, whether or not git-lfs is here.
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .env("LC_ALL", "C")
            .envs(self.variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in FOREIGN {
            command.env_remove(name);
        }
        let failed = |said: String| SdistProblem::Git { step, said: self.without_secrets(&said) };
        let ended = tokio::time::timeout(TIMEOUT, to_its_end(command)).await;
        match ended {
            Err(_) => Err(failed(format!("it takes longer than {} minutes", TIMEOUT.as_secs() / 60))),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err(SdistProblem::NoGit),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Ok(Ok((true, output, _))) => Ok(String::from_utf8_lossy(&output).into_owned()),
            Ok(Ok((false, _, said))) => Err(failed(sandboxed::last_lines(&said))),
        }
    }

    /// git repeats addresses as it got them.
    fn without_secrets(&self, said: &str) -> String {
        let mut said = said.replace(self.url.as_str(), strip_credentials(self.url).as_str());
        let secrets = [self.url.password(), Some(self.url.username()).filter(|name| *name != "git")];
        for secret in secrets.into_iter().flatten().filter(|secret| !secret.is_empty()) {
            said = said.replace(secret, "***");
        }
        said
    }
}

/// Whether it went well, standard output and standard error.
async fn to_its_end(mut command: Command) -> io::Result<(bool, Vec<u8>, Vec<u8>)> {
    let mut child = command.spawn()?;
    let (output, said) = (child.stdout.take(), child.stderr.take());
    let (output, said) = tokio::join!(bounded(output), bounded(said));
    Ok((child.wait().await?.success(), output?, said?))
}

/// The first of what a stream gives; the rest is read and forgotten.
async fn bounded(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else { return Ok(kept) };
    (&mut stream).take(MOST_SAID).read_to_end(&mut kept).await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) -> String {
        let settings = ["user.name=me", "user.email=me@example.invalid", "protocol.file.allow=always"];
        let output = std::process::Command::new("git")
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("git");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Makes a repository with one file.
    fn repository(folder: &Path) {
        std::fs::create_dir(folder).expect("a folder");
        std::fs::write(folder.join("file"), "text\n").expect("a file");
        git(folder, &["init", "--quiet"]);
        git(folder, &["add", "."]);
        git(folder, &["commit", "--quiet", "-m", "one"]);
    }

    #[tokio::test]
    async fn submodules_come_along() {
        if std::process::Command::new("git").arg("--version").output().is_err() {
            return mambox_testkit::skip("submodules", "git is not here");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (inner, outer) = (folder.path().join("inner"), folder.path().join("outer"));
        repository(&inner);
        repository(&outer);
        // Relative to where the outer one is.
        git(&outer, &["submodule", "--quiet", "add", "../inner", "below"]);
        git(&outer, &["commit", "--quiet", "-m", "two"]);
        let commit = git(&outer, &["rev-parse", "HEAD"]);
        let url = Url::from_file_path(&outer).expect("a URL");
        let to = folder.path().join("to");
        let search_path = OsString::from("/usr/local/bin:/usr/bin:/bin");
        // git fetches no submodules from this machine unless it is told to.
        let settings = ["protocol.file.allow=always"];
        let git =
            Git { url: &url, folder: &to, search_path: &search_path, settings: &settings, variables: &[] };
        git.checkout(&commit).await.expect("a checkout");
        assert_eq!(std::fs::read_to_string(to.join("below/file")).expect("the file"), "text\n");
    }

    #[tokio::test]
    async fn line_ends_are_the_commits_whatever_the_user_prefers() {
        if std::process::Command::new("git").arg("--version").output().is_err() {
            return mambox_testkit::skip("line ends", "git is not here");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (origin, config) = (folder.path().join("origin"), folder.path().join("gitconfig"));
        repository(&origin);
        std::fs::write(origin.join(".gitattributes"), "* text=auto\n").expect("a file");
        git(&origin, &["add", "."]);
        git(&origin, &["commit", "--quiet", "-m", "two"]);
        let commit = git(&origin, &["rev-parse", "HEAD"]);
        let attributes = folder.path().join("attributes");
        std::fs::write(&attributes, "* eol=crlf\n").expect("a file");
        let url = Url::from_file_path(&origin).expect("a URL");
        let search_path = OsString::from("/usr/local/bin:/usr/bin:/bin");
        let variables = [("GIT_CONFIG_GLOBAL", config.as_os_str())];
        let attributes = format!("attributesFile = {}", attributes.display());
        for (n, preference) in ["eol = crlf", "autocrlf = true", &attributes].into_iter().enumerate() {
            std::fs::write(&config, format!("[core]\n{preference}\n")).expect("a file");
            let to = folder.path().join(format!("to{n}"));
            let git = Git {
                url: &url,
                folder: &to,
                search_path: &search_path,
                settings: &[],
                variables: &variables,
            };
            git.checkout(&commit).await.expect("a checkout");
            assert_eq!(std::fs::read_to_string(to.join("file")).expect("the file"), "text\n", "{preference}");
        }
    }
}
