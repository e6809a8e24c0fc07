//! Running uv to its end, within bounds.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::{error::PipError, request::PipRequest, stubs::io, uv::Uv};

/// Most that uv may say.
const MAX_SAID: u64 = 16 * 1024 * 1024;

/// How long uv may take. Metadata of large source distributions take minutes each.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// Variables that would lead uv into another folder, or make it write what is not meant for us.
const NOT_PASSED: [&str; 4] = ["UV_WORKING_DIR", "UV_PROJECT", "RUST_LOG", "UV_CUSTOM_COMPILE_COMMAND"];

/// How uv ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

/// Runs uv with these arguments and this standard input. Dropping the future kills it.
///
/// # Errors
/// Where it cannot be started, or goes over a bound; not where it fails by itself.
pub(crate) async fn run(
    uv: &Uv,
    request: &PipRequest<'_>,
    arguments: &[OsString],
    input: &str,
) -> Result<Finished, PipError> {
    let stopped = |why: String| PipError::Stopped { file: request.file.to_owned(), why };
    let child = start(uv, request, arguments).map_err(|source| io("start", uv.program(), source))?;
    let ended = tokio::time::timeout(PATIENCE, attend(child, input, uv.program()));
    match ended.await {
        Ok(Ok(Some(finished))) => Ok(finished),
        Ok(Ok(None)) => Err(stopped(format!(
            "it said more than {MAX_SAID} bytes; run `uv pip compile` by hand to see what"
        ))),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            let minutes = PATIENCE.as_secs() / 60;
            Err(stopped(format!(
                "no result within {minutes} minutes; pin versions in the pip section, so that there is less to try"
            )))
        }
    }
}

fn start(uv: &Uv, request: &PipRequest<'_>, arguments: &[OsString]) -> std::io::Result<Child> {
    let mut command = Command::new(uv.program());
    command.args(arguments).env_clear().envs(request.variables);
    for name in NOT_PASSED {
        command.env_remove(name);
    }
    command
        .env("UV_PYTHON_DOWNLOADS", "never")
        .current_dir(request.folder)
        .stdin(Stdio::piped())
        // uv repeats its result there.
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Nothing where uv says too much.
async fn attend(mut child: Child, input: &str, program: &Path) -> Result<Option<Finished>, PipError> {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A uv that fails early does not read it all.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        Ok(())
    };
    let stderr =
        async { read(stderr).await.map_err(|source| Some(io("read from", program, source)))?.ok_or(None) };
    let stderr = match tokio::try_join!(write, stderr) {
        Ok(((), stderr)) => stderr,
        Err(Some(error)) => return Err(error),
        Err(None) => return Ok(None),
    };
    let status = child.wait().await.map_err(|source| io("wait for", program, source))?;
    Ok(Some(Finished { status, stderr: String::from_utf8_lossy(&stderr).into_owned() }))
}

async fn read(output: Option<impl AsyncRead + Unpin>) -> std::io::Result<Option<Vec<u8>>> {
    let mut said = Vec::new();
    if let Some(output) = output {
        output.take(MAX_SAID + 1).read_to_end(&mut said).await?;
    }
    Ok((said.len() as u64 <= MAX_SAID).then_some(said))
}
