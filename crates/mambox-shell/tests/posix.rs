//! Hook and activation in the shells of POSIX's kind that are here.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::World;

/// The shells with the names that the hook gets.
const SHELLS: [(&[&str], &str); 5] = [
    (&["bash", "--norc"], "bash"),
    (&["dash"], "dash"),
    (&["busybox", "sh"], "posix"),
    (&["zsh", "-f"], "zsh"),
    (&["mksh"], "posix"),
];

/// Evaluates the hook and then the text in every shell, which must all print the same.
fn everywhere(world: &World, text: &str) -> String {
    let mut first: Option<(String, &str)> = None;
    for (shell, name) in SHELLS {
        let text = format!("PS1='$ '\nset -eu\neval \"$(\"$MM\" shell hook --shell {name})\"\n{text}");
        let Some(printed) = world.shell(shell, &text) else { continue };
        match &first {
            None => first = Some((printed, shell[0])),
            Some((expected, other)) => assert_eq!(&printed, expected, "{shell:?} and {other}"),
        }
    }
    first.expect("a shell is here").0
}

/// Prints all variables but those that shells themselves change.
const SHOW: &str = "show() { env | grep -v -e '^_=' -e '^SHLVL=' -e '^PWD=' -e '^OLDPWD=' -e '^HOME=' -e '^LOGNAME=' | sort; }\n";

fn two_environments() -> World {
    let world = World::new();
    world.with_environment(".").with_environment("envs/py").with_environment("envs/with space");
    world
}

/// Section 5 of the reference: hook and the table of activate.
#[test]
fn an_activated_environment_has_its_variables() {
    let world = two_environments();
    let text = format!("{SHOW}micromamba activate\nshow\nprintf '<%s>\\n' \"$PS1\"");
    insta::assert_snapshot!(everywhere(&world, &text), @r#"
    +base1 base
    +base2 base
    CONDA_DEFAULT_ENV=base
    CONDA_PREFIX=ROOT
    CONDA_PROMPT_MODIFIER=(base) 
    CONDA_SHLVL=1
    MAMBA_ROOT_PREFIX=ROOT
    MM=ROOT/bin/micromamba
    OWN_BASE=it's "$X" \ `id`
    PATH=ROOT/bin:ROOT/condabin:/usr/bin:/bin
    WHO=base
    <(base) $ >
    "#);
}

/// Section 5 of the reference, "Nesting" and "Order emitted".
#[test]
fn activations_nest_and_are_undone_to_the_letter() {
    let world = two_environments();
    let text = format!(
        "{SHOW}export WHO=mine\nbefore=$(show)\n\
         for i in base py 'with space'; do micromamba activate \"$i\"; done\n\
         micromamba activate --stack base\necho \"$CONDA_SHLVL $PATH\"\n\
         for i in 4 3 2 1; do micromamba deactivate; echo \"$CONDA_SHLVL $WHO $PATH\"; done\n\
         [ \"$before\" = \"$(show)\" ] && echo the same\nmicromamba deactivate; echo $?; printf '<%s>\\n' \"$PS1\""
    );
    insta::assert_snapshot!(everywhere(&world, &text), @"
    +base1 base
    +base2 base
    -base2 base
    -base1 base
    +py1 py
    +py2 py
    -py2 py
    -py1 py
    +with_space1 with_space
    +with_space2 with_space
    +base1 base
    +base2 base
    4 ROOT/bin:ROOT/envs/with space/bin:ROOT/condabin:/usr/bin:/bin
    -base2 base
    -base1 base
    3 with_space ROOT/envs/with space/bin:ROOT/condabin:/usr/bin:/bin
    -with_space2 with_space
    -with_space1 with_space
    +py1 py
    +py2 py
    2 py ROOT/envs/py/bin:ROOT/condabin:/usr/bin:/bin
    -py2 py
    -py1 py
    +base1 base
    +base2 base
    1 base ROOT/bin:ROOT/condabin:/usr/bin:/bin
    -base2 base
    -base1 base
    0 mine ROOT/condabin:/usr/bin:/bin
    the same
    0
    <$ >
    ");
}

/// Section 5 of the reference, "Target": the previous prefix is gone back to, the same one activated anew.
#[test]
fn going_back_and_staying() {
    let world = two_environments();
    let text = "micromamba activate base >/dev/null; micromamba activate py >/dev/null\n\
         micromamba activate base; echo \"$CONDA_SHLVL $CONDA_DEFAULT_ENV\"\n\
         micromamba activate base; echo \"$CONDA_SHLVL $CONDA_DEFAULT_ENV ${CONDA_PREFIX_1-none}\"\n\
         micromamba activate ./none || echo \"status $? $CONDA_DEFAULT_ENV ${__mamba_answer-unset}\"";
    insta::assert_snapshot!(everywhere(&world, text), @"
    critical Cannot activate, prefix does not exist at: DIR/none
    -py2 py
    -py1 py
    +base1 base
    +base2 base
    1 base
    -base2 base
    -base1 base
    +base1 base
    +base2 base
    1 base none
    status 1 base unset
    ");
}

/// Section 5 of the reference, "hook": installing is followed by reactivation.
#[test]
fn an_installation_brings_new_scripts() {
    let world = two_environments();
    let text = "micromamba activate py >/dev/null\n\
         echo 'export NEW=1' >\"$CONDA_PREFIX/etc/conda/activate.d/new.sh\"\n\
         micromamba install -y x; echo \"$NEW $CONDA_SHLVL\"; micromamba list";
    insta::assert_snapshot!(everywhere(&world, text), @"
    ran install -y x
    -py2 py
    -py1 py
    +py1 py
    +py2 py
    1 1
    ran list
    ");
}

/// `_activate_current_env.sh` of our images, sourced by bash as a `.bashrc` does.
#[test]
fn the_images_script_works_with_it() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../mambox-init/scripts/_activate_current_env.sh");
    let world = two_environments();
    let text = format!(
        "set -eu; export MAMBA_EXE=$MM; PS1='\\u '; . '{script}'; echo \"$CONDA_DEFAULT_ENV $PS1\"; . '{script}'\n\
         echo \"$CONDA_SHLVL $PS1\"; type -t micromamba; ENV_NAME=py; . '{script}'; echo \"$CONDA_DEFAULT_ENV $PS1\""
    );
    let Some(printed) = world.shell(&["bash", "--norc"], &text) else { return };
    insta::assert_snapshot!(printed, @r"
    +base1 base
    +base2 base
    base (base) \u 
    -base2 base
    -base1 base
    +base1 base
    +base2 base
    1 (base) \u 
    function
    -base2 base
    -base1 base
    +py1 py
    +py2 py
    py (py) \u
    ");
}

#[test]
fn completion_offers_commands_and_environments() {
    let world = two_environments();
    let text = r#"eval "$("$MM" shell hook --shell bash)"
        offers() { COMP_WORDS=(micromamba "$@"); COMP_CWORD=$#; __mamba_complete; echo "${COMPREPLY[@]-}"; }
        offers in; offers activate ''; offers install -n p; offers shell h; offers install -c ''"#;
    let Some(printed) = world.shell(&["bash", "--norc", "-u"], text) else { return };
    insta::assert_snapshot!(printed, @r"
    info install
    base py with\ space
    py
    hook
    ");
}

/// zsh's completion proper needs a terminal; the function is asked what it would add.
#[test]
fn zsh_is_offered_the_same() {
    let world = two_environments();
    let text = r#"eval "$("$MM" shell hook --shell zsh)"
        compadd() { print -r -- ${(P)2} }
        offers() { words=(micromamba "$@"); CURRENT=${#words}; __mamba_complete }
        offers activate ''; offers install -n ''; offers shell ''"#;
    let Some(printed) = world.shell(&["zsh", "-f", "-u"], text) else { return };
    insta::assert_snapshot!(printed, @"
    base py with space
    base py with space
    activate deactivate deinit hook init reactivate reinit
    ");
}

#[test]
fn the_base_can_be_activated_by_the_hook_itself() {
    let world = two_environments();
    for (shell, name) in SHELLS {
        let text = format!(
            "unset CONDA_SHLVL PS1; eval \"$(\"$MM\" shell hook --shell {name} --base)\"; echo $CONDA_DEFAULT_ENV"
        );
        let Some(printed) = world.shell(shell, &text) else { continue };
        assert!(printed.ends_with("base\n"), "{shell:?}: {printed}");
    }
}
