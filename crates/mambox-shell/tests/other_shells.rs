//! Hook and activation in shells that are not of POSIX's kind, where they are here.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test")]

mod common;

use common::World;

/// With a root prefix of this name.
fn world(root: &'static str) -> World {
    let world = World::with_root(root);
    world.with_environment(".").with_environment("envs/py");
    for (ending, text) in
        [("fish", "echo sourced fish"), ("csh", "echo sourced csh"), ("xsh", "print('sourced xsh')")]
    {
        world.write(&format!("envs/py/etc/conda/activate.d/x.{ending}"), text);
    }
    world
}

#[test]
fn fish_activates_and_goes_back() {
    let text = "$MM shell hook --shell fish | source
        set -l before \"$PATH\"
        micromamba activate py; echo $CONDA_DEFAULT_ENV $CONDA_SHLVL $WHO \"$OWN_PY\" \"$PATH\"
        micromamba install x
        micromamba activate ./none; echo status $status
        micromamba deactivate; echo $CONDA_SHLVL; set -q WHO; echo $status; test $before = \"$PATH\"; echo $status";
    let Some(printed) = world("it's \"$HOME\" `x`").shell(&["fish", "--no-config"], text) else { return };
    insta::assert_snapshot!(printed, @r#"
    critical Cannot activate, prefix does not exist at: DIR/none
    sourced fish
    py 1 py it's "$X" \ `id` ROOT/envs/py/bin:ROOT/condabin:/usr/bin:/bin
    ran install x
    sourced fish
    status 1
    0
    1
    0
    "#);
}

#[test]
fn the_prompt_of_fish_tells_what_is_active() {
    let text = "function fish_prompt; echo -n \"[$status]> \"; end
        $MM shell hook --shell fish | source; $MM shell hook --shell fish | source
        micromamba activate py >/dev/null; false; fish_prompt; micromamba deactivate; fish_prompt";
    let Some(printed) = world("root").shell(&["fish", "--no-config", "--interactive"], text) else { return };
    // Before, fish may miss a terminal.
    assert!(printed.ends_with("\n(py) [1]> [0]> ") || printed == "(py) [1]> [0]> ", "{printed}");
}

/// tcsh is set up by `init` alone: its aliases need a file.
#[test]
fn tcsh_activates_and_goes_back() {
    let text = "$MM:q shell init --shell tcsh; source ~/.tcshrc
        set before = \"$PATH\"
        micromamba activate py; echo $CONDA_DEFAULT_ENV:q $CONDA_SHLVL $WHO $OWN_PY:q $PATH:q
        micromamba install x
        micromamba 'list of' \"it's\" | sed s/ran/piped/
        micromamba activate ./none; echo $CONDA_SHLVL
        micromamba deactivate; echo $CONDA_SHLVL $?WHO; if ( \"$before\" == \"$PATH\" ) echo the same";
    let Some(printed) = world("it's \"$HOME\" `x`").shell(&["tcsh", "-f"], text) else { return };
    insta::assert_snapshot!(printed, @r#"
    critical Cannot activate, prefix does not exist at: DIR/none
    sourced csh
    py 1 py it's "$X" \ `id` ROOT/envs/py/bin:ROOT/condabin:/usr/bin:/bin
    ran install x
    sourced csh
    piped list of it's
    1
    0 0
    the same
    "#);
}

/// xonsh's own `source-bash` does not take a path with quotes.
#[test]
fn xonsh_activates_and_goes_back() {
    let text = "import subprocess
execx(subprocess.run([$MM, 'shell', 'hook', '--shell', 'xonsh'], stdout=subprocess.PIPE).stdout.decode())
before = list($PATH)
micromamba activate py
print($CONDA_DEFAULT_ENV, $CONDA_SHLVL, $WHO, $OWN_PY, $PATH[0])
micromamba install x
micromamba deactivate
print($CONDA_SHLVL, 'WHO' in ${...}, before == list($PATH))";
    let Some(printed) = world("a b").shell(&["xonsh", "--no-rc"], text) else { return };
    // Its threads print in an order of their own.
    for part in
        ["py 1 py it's \"$X\" \\ `id` ROOT/envs/py/bin\n", "sourced xsh", "ran install x", "0 False True\n"]
    {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

#[test]
fn powershell_activates_and_goes_back() {
    let text = "& $Env:MM shell hook --shell powershell | Out-String | Invoke-Expression
        micromamba activate py; \"$Env:CONDA_DEFAULT_ENV $Env:CONDA_SHLVL $Env:WHO\"
        micromamba deactivate; \"$Env:CONDA_SHLVL\"";
    let Some(printed) = world("it's \"$HOME\" `x`").shell(&["pwsh", "-NoProfile"], text) else { return };
    assert_eq!(printed, "py 1 py\n0\n");
}
