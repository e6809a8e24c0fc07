//! `run`, with commands of this machine.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use common::World;

/// A root prefix with the environment `py`, which has variables and no scripts.
fn plain() -> World {
    let world = World::new();
    world.write("envs/py/conda-meta/state", r#"{"env_vars": {"WHO": "py", "a.b": "x"}}"#);
    world
}

/// The same with scripts of both kinds.
fn with_scripts() -> World {
    let world = World::new();
    world.with_environment("envs/py").with_environment(".");
    world
}

fn command(world: &World, words: &[&str]) -> Command {
    let mut command = Command::new(world.executable());
    command.arg("run").args(words).env_clear().current_dir(world.path());
    command.env("PATH", "/usr/bin:/bin").env("MAMBA_ROOT_PREFIX", world.root()).env("MINE", "1");
    command
}

/// Exit code, messages and output, with folders taken out.
fn told(world: &World, output: &Output) -> String {
    let text =
        [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    let text =
        text.replace(world.root().to_str().unwrap(), "ROOT").replace(world.path().to_str().unwrap(), "DIR");
    format!("{}{}", text, output.status.code().map_or("killed".into(), |code| code.to_string()))
}

fn run(world: &World, words: &[&str]) -> String {
    told(world, &command(world, words).output().unwrap())
}

/// Section 5 of the reference, "activate", and section 8: nothing stands between, nothing is written to HOME.
#[test]
fn a_command_gets_the_environment_and_no_shell() {
    let world = plain();
    insta::assert_snapshot!(run(&world, &["sh", "-c", "env | grep -v -e '^PWD=' -e '^_=' | sort; exit 3"]), @"
    CONDA_DEFAULT_ENV=py
    CONDA_PREFIX=ROOT/envs/py
    CONDA_PROMPT_MODIFIER=(py) 
    CONDA_SHLVL=1
    MAMBA_ROOT_PREFIX=ROOT
    MINE=1
    PATH=ROOT/envs/py/bin:/usr/bin:/bin
    WHO=py
    3
    ");
    // dash drops the variable that no shell could set; env itself gets it.
    assert!(run(&world, &["env"]).contains("A.B=x\n"));
}

#[test]
fn scripts_are_sourced_and_the_command_replaces_their_shell() {
    let world = with_scripts();
    world
        .write("envs/py/etc/conda/activate.d/3.sh", "set -eu -- lost; export THREE=3; alias ls=false; false");
    let text = "echo \"$THREE $WHO $OWN_PY $# $1 $0\"; exit 7";
    insta::assert_snapshot!(run(&world, &["sh", "-c", text, "it's $0", "a \"b\"\n", "c"]), @r#"
    micromamba run: ROOT/envs/py/etc/conda/activate.d/3.sh has failed (status 1)
    +py1 py
    +py2 py
    3 py it's "$X" \ `id` 2 a "b"
     it's $0
    7
    "#);
}

/// A script may end the shell; the command runs nevertheless, once.
#[test]
fn a_script_that_exits_takes_nothing_along() {
    let world = with_scripts();
    world.write("envs/py/etc/conda/activate.d/1 b.sh", "exit 5");
    insta::assert_snapshot!(run(&world, &["sh", "-c", "echo ran; exit 4"]), @"
    micromamba run: an activation script has ended the shell; those after it were not sourced
    +py1 py
    ran
    4
    ");
}

/// Neither arguments nor variables need be text, and arguments may be longer than a shell's text.
#[test]
fn arguments_and_variables_arrive_to_the_byte() {
    let odd = OsStr::from_bytes(b"\xff'\n");
    let long = "x".repeat(100_000);
    for world in [plain(), with_scripts()] {
        for (more, expected) in [("", "0"), (long.as_str(), "100000")] {
            let text = "printf '%s %s %s\\n' \"$1\" \"$ODD\" \"${#2}\"";
            let mut command = command(&world, &["sh", "-c", text, "name"]);
            command.arg(odd).arg(more).env("ODD", odd);
            let output = command.output().unwrap();
            let expected = [odd.as_bytes(), b" ", odd.as_bytes(), b" ", expected.as_bytes(), b"\n"].concat();
            assert!(output.stdout.ends_with(&expected), "{}", told(&world, &output));
        }
    }
}

/// Section 5 of the reference, "run": what fails, and how.
#[test]
fn exit_codes() {
    for world in [plain(), with_scripts()] {
        let script = world.path().join("script");
        fs::write(&script, "exit 9").unwrap();
        let say = |words: &[&str]| run(&world, words).lines().last().unwrap().to_owned();
        assert_eq!(say(&["true"]), "0");
        assert_eq!(say(&["sh", "-c", "exit 255"]), "255");
        assert_eq!(say(&["no-such-program"]), "127");
        assert_eq!(say(&["./script"]), "126");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(say(&["./script"]), "9", "a script without a first line");
        assert_eq!(say(&["/"]), "126");
    }
    let world = plain();
    insta::assert_snapshot!(run(&world, &[]), @"
    critical Did not receive any command to run inside environment
    1
    ");
    insta::assert_snapshot!(run(&world, &["-p", "envs/none", "true"]), @"
    critical The given prefix does not exist: ROOT/envs/none
    1
    ");
    insta::assert_snapshot!(run(&world, &["-w", "/none", "true"]), @"
    critical --cwd /none: No such file or directory (os error 2)
    255
    ");
    insta::assert_snapshot!(run(&world, &["no-such-program"]), @"
    critical no-such-program: command not found, neither as a path nor in PATH=ROOT/envs/py/bin:/usr/bin:/bin
    127
    ");
}

/// Section 8 of the reference: signals reach the command, and its death is its own.
#[test]
fn signals_are_the_command_s() {
    for world in [plain(), with_scripts()] {
        for (signal, number) in [("TERM", 15), ("INT", 2), ("KILL", 9)] {
            let output =
                command(&world, &["sh", "-c", &format!("kill -{signal} $$; sleep 9")]).output().unwrap();
            assert_eq!(output.status.signal(), Some(number));
        }
        let text = "trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done";
        let mut child = command(&world, &["sh", "-c", text]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"));
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(42));
    }
}

/// Section 5 of the reference: `-e`, `--clean-env`, `--cwd`.
#[test]
fn variables_and_folder() {
    let world = plain();
    fs::create_dir(world.path().join("sub")).unwrap();
    fs::write(world.path().join("sub/tool"), "#!/bin/sh\necho a tool\n").unwrap();
    fs::set_permissions(world.path().join("sub/tool"), fs::Permissions::from_mode(0o755)).unwrap();
    let show = ["sh", "-c", "echo \"${MINE-none} ${NEW-none} ${WHO-none} ${HOME-none}\""];
    let with = |words: &[&str]| run(&world, &[words, &show].concat());
    assert_eq!(with(&["-e", "NEW=a=b", "-e", "WHO=lost"]), "1 a=b py none\n0");
    assert_eq!(with(&["-c"]), "none none py none\n0");
    assert_eq!(with(&["-c", "-e", "MINE", "-e", "GONE", "-e", "NEW="]), "1  py none\n0");
    assert_eq!(run(&world, &["-w", "sub", "./tool"]), "a tool\n0");
    let sub = world.path().join("sub");
    assert_eq!(
        run(&world, &["-w", sub.to_str().unwrap(), "sh", "-c", "pwd; echo $PWD"]),
        "DIR/sub\nDIR/sub\n0"
    );
}

/// Section 5 of the reference, "Target" and "Nesting", for an environment of a Dockerfile's ENV or a shell.
#[test]
fn what_is_active_already_is_not_stacked_up() {
    let world = with_scripts();
    let show = ["sh", "-c", "echo \"$CONDA_SHLVL $WHO ${CONDA_PREFIX_1-} $PATH\""];
    let program = world.executable();
    let nested = |first: &str, second: &str| {
        let words = [&["-p", first, program.to_str().unwrap(), "run", "-p", second][..], &show].concat();
        run(&world, &words)
    };
    insta::assert_snapshot!(nested("envs/py", "envs/py"), @"
    +py1 py
    +py2 py
    -py2 py
    -py1 py
    +py1 py
    +py2 py
    1 py  ROOT/envs/py/bin:/usr/bin:/bin
    0
    ");
    insta::assert_snapshot!(nested("envs/py", ""), @"
    +py1 py
    +py2 py
    -py2 py
    -py1 py
    +base1 base
    +base2 base
    2 base ROOT/envs/py ROOT/bin:/usr/bin:/bin
    0
    ");
}

/// In an image of mambox, what scripts set is known, and in its Env: they need not run.
#[test]
fn captured_scripts_are_not_sourced() {
    let world = with_scripts();
    let document = |mode: &str| {
        format!(
            r#"{{"format": 1, "mode": "{mode}", "before": {{"GDAL": null}}, "scripts":
            ["etc/conda/activate.d/1 a.sh", "etc/conda/activate.d/2 a.sh"], "captured": {{"variables": {{"GDAL": "new"}},
            "unset": ["MINE"], "path_first": ["/opt/gdal"], "path_last": [], "dynamic": []}}}}"#
        )
    };
    let show = ["sh", "-c", "echo \"${GDAL-none} ${MINE-none} $WHO $CONDA_SHLVL $PATH\""];
    let program = world.executable();
    let twice = [&[program.to_str().unwrap(), "run"][..], &show].concat();
    world.write("envs/py/conda-meta/mambox/activation.json", &document("captured"));
    assert_eq!(run(&world, &show), "new none py 1 /opt/gdal:ROOT/envs/py/bin:/usr/bin:/bin\n0");
    assert_eq!(run(&world, &twice), run(&world, &show));
    world.write("envs/py/etc/conda/activate.d/new.sh", "echo a new one");
    insta::assert_snapshot!(run(&world, &show), @"
    +py1 py
    +py2 py
    a new one
    none 1 py 1 ROOT/envs/py/bin:/usr/bin:/bin
    0
    ");
    world.write("envs/py/conda-meta/mambox/activation.json", &document("entrypoint"));
    assert!(run(&world, &show).starts_with("+py1 py\n+py2 py\na new one\n"));
}

/// Section 5 of the reference: `-a`.
#[test]
fn streams_can_be_let_go() {
    for world in [plain(), with_scripts()] {
        let text = "cat; echo out; echo err >&2";
        let with = |streams: &str| {
            let output = command(&world, &["-a", streams, "sh", "-c", text]).output().unwrap();
            [output.stdout, output.stderr]
                .map(|bytes| String::from_utf8(bytes).unwrap().lines().last().map(str::to_owned))
        };
        assert_eq!(with(""), [None, None]);
        assert_eq!(with("stdout"), [Some("out".to_owned()), None]);
        assert_eq!(with("stderr,stdin"), [None, Some("err".to_owned())]);
    }
}

/// Section 5 of the reference: `-d`.
#[test]
fn a_detached_command_goes_on_alone() {
    let world = plain();
    let done = world.path().join("done");
    let text = format!("echo out; echo $$ >'{0}.part'; mv '{0}.part' '{0}'", done.display());
    let printed = run(&world, &["-d", "sh", "-c", &text]);
    let process = printed.strip_prefix("Kill process with: kill ").unwrap().strip_suffix("\n0").unwrap();
    let there = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        done.exists()
    });
    assert!(there, "the command runs");
    assert_eq!(fs::read_to_string(&done).unwrap().trim(), process);
}

#[test]
fn a_home_that_is_missing_or_read_only_is_none_of_its_business() {
    let world = with_scripts();
    let home = world.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o555)).unwrap();
    for home in [home.to_str().unwrap(), "/nonexistent", "", "/"] {
        let output = command(&world, &["sh", "-c", "echo \"$WHO\""]).env("HOME", home).output().unwrap();
        assert!(told(&world, &output).ends_with("py\n0"), "{home}");
    }
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0);
}
