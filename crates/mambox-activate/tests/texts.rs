//! What is written, word for word.

mod common;

use common::tricky;
use mambox_activate::{Shell, apptainer_scripts, profile_script, render};

#[test]
fn posix() {
    insta::assert_snapshot!(render(&tricky(), Shell::Posix), @r#"
    case ":${PATH-}:" in
      *:'/opt/my env/bin':*) ;;
      *) export PATH='/opt/my env/bin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    export CONDA_PREFIX='/opt/my env'
    export CONDA_SHLVL='1'
    export CONDA_DEFAULT_ENV='base'
    export CONDA_PROMPT_MODIFIER='(base) '
    export EMPTY=''
    export GDAL_DATA='/opt/my env/share'
    export QUOTES='it'"'"'s "quoted" '"'"'twice'"'"''
    export SEVERAL_LINES='one
    two\
    !three'
    export SHELL_WORDS='$HOME ${x} $(id) `id` \ \\ \n !x !! %s ~ * ;&|<>#'
    export UNICODE='é ☃ ‘x’ 👩‍💻'
    "#);
}

#[test]
fn fish() {
    insta::assert_snapshot!(render(&tricky(), Shell::Fish), @r#"
    contains -- '/opt/my env/bin' $PATH; or set -gx PATH '/opt/my env/bin' $PATH
    set -gx CONDA_PREFIX '/opt/my env'
    set -gx CONDA_SHLVL '1'
    set -gx CONDA_DEFAULT_ENV 'base'
    set -gx CONDA_PROMPT_MODIFIER '(base) '
    set -gx EMPTY ''
    set -gx GDAL_DATA '/opt/my env/share'
    set -gx QUOTES 'it\'s "quoted" \'twice\''
    set -gx SEVERAL_LINES 'one
    two\\
    !three'
    set -gx SHELL_WORDS '$HOME ${x} $(id) `id` \\ \\\\ \\n !x !! %s ~ * ;&|<>#'
    set -gx UNICODE 'é ☃ ‘x’ 👩‍💻'
    "#);
}

#[test]
fn tcsh() {
    insta::assert_snapshot!(render(&tricky(), Shell::Tcsh), @r#"
    if ( ":${PATH}:" !~ *:'/opt/my env/bin':* ) setenv PATH '/opt/my env/bin':"${PATH}"
    setenv CONDA_PREFIX '/opt/my env'
    setenv CONDA_SHLVL '1'
    setenv CONDA_DEFAULT_ENV 'base'
    setenv CONDA_PROMPT_MODIFIER '(base) '
    setenv EMPTY ''
    setenv GDAL_DATA '/opt/my env/share'
    setenv QUOTES 'it'\''s "quoted" '\''twice'\'''
    setenv SEVERAL_LINES 'one\
    two'\\'\
    '\!'three'
    setenv SHELL_WORDS '$HOME ${x} $(id) `id` '\\' '\\''\\' '\\'n '\!'x '\!''\!' %s ~ * ;&|<>#'
    setenv UNICODE 'é ☃ ‘x’ 👩‍💻'
    "#);
}

#[test]
fn xonsh() {
    insta::assert_snapshot!(render(&tricky(), Shell::Xonsh), @r#"
    if '/opt/my env/bin' not in $PATH:
        $PATH.insert(0, '/opt/my env/bin')
    $CONDA_PREFIX = '/opt/my env'
    $CONDA_SHLVL = '1'
    $CONDA_DEFAULT_ENV = 'base'
    $CONDA_PROMPT_MODIFIER = '(base) '
    $EMPTY = ''
    $GDAL_DATA = '/opt/my env/share'
    $QUOTES = 'it\'s "quoted" \'twice\''
    $SEVERAL_LINES = 'one\U0000000atwo\\\U0000000a!three'
    $SHELL_WORDS = '$HOME ${x} $(id) `id` \\ \\\\ \\n !x !! %s ~ * ;&|<>#'
    $UNICODE = '\U000000e9 \U00002603 \U00002018x\U00002019 \U0001f469\U0000200d\U0001f4bb'
    "#);
}

#[test]
fn powershell() {
    insta::assert_snapshot!(render(&tricky(), Shell::PowerShell), @r#"
    if (($Env:PATH -split ':') -cnotcontains '/opt/my env/bin') { $Env:PATH = '/opt/my env/bin' + ':' + $Env:PATH }
    ${Env:CONDA_PREFIX} = '/opt/my env'
    ${Env:CONDA_SHLVL} = '1'
    ${Env:CONDA_DEFAULT_ENV} = 'base'
    ${Env:CONDA_PROMPT_MODIFIER} = '(base) '
    ${Env:EMPTY} = ''
    ${Env:GDAL_DATA} = '/opt/my env/share'
    ${Env:QUOTES} = 'it''s "quoted" ''twice'''
    ${Env:SEVERAL_LINES} = 'one
    two\
    !three'
    ${Env:SHELL_WORDS} = '$HOME ${x} $(id) `id` \ \\ \n !x !! %s ~ * ;&|<>#'
    ${Env:UNICODE} = 'é ☃ ‘‘x’’ 👩‍💻'
    "#);
}

#[test]
fn profile() {
    insta::assert_snapshot!(profile_script(&tricky()), @r#"
    # The conda environment in login shells, whose /etc/profile resets PATH. Written by mambox.
    if [ -z "${CONDA_PREFIX-}" ]; then
    export CONDA_PREFIX='/opt/my env'
    export CONDA_SHLVL='1'
    export CONDA_DEFAULT_ENV='base'
    export CONDA_PROMPT_MODIFIER='(base) '
    fi
    if [ "$CONDA_PREFIX" = '/opt/my env' ]; then
    case ":${PATH-}:" in
      *:'/opt/my env/bin':*) ;;
      *) export PATH='/opt/my env/bin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    if [ -z "${EMPTY+x}" ]; then export EMPTY=''; fi
    if [ -z "${GDAL_DATA+x}" ]; then export GDAL_DATA='/opt/my env/share'; fi
    if [ -z "${QUOTES+x}" ]; then export QUOTES='it'"'"'s "quoted" '"'"'twice'"'"''; fi
    if [ -z "${SEVERAL_LINES+x}" ]; then export SEVERAL_LINES='one
    two\
    !three'; fi
    if [ -z "${SHELL_WORDS+x}" ]; then export SHELL_WORDS='$HOME ${x} $(id) `id` \ \\ \n !x !! %s ~ * ;&|<>#'; fi
    if [ -z "${UNICODE+x}" ]; then export UNICODE='é ☃ ‘x’ 👩‍💻'; fi
    fi
    "#);
}

#[test]
fn apptainer() {
    let scripts = apptainer_scripts(&tricky());
    insta::assert_snapshot!(scripts.first + "---\n" + &scripts.last, @r#"
    # Variables of the host must not win over the image's. Written by mambox.
    export BASH_ENV=
    export CONDA_DEFAULT_ENV=
    export CONDA_PREFIX=
    export CONDA_PROMPT_MODIFIER=
    export CONDA_SHLVL=
    export EMPTY=
    export GDAL_DATA=
    export PYTHONHOME=
    export PYTHONPATH=
    export QUOTES=
    export SEVERAL_LINES=
    export SHELL_WORDS=
    export UNICODE=
    ---
    # What the image's Env could not carry. Written by mambox.
    case ":${PATH-}:" in
      *:'/opt/my env/bin':*) ;;
      *) export PATH='/opt/my env/bin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    if [ -z "${CONDA_PREFIX-}" ]; then export CONDA_PREFIX='/opt/my env'; fi
    if [ -z "${CONDA_SHLVL-}" ]; then export CONDA_SHLVL='1'; fi
    if [ -z "${CONDA_DEFAULT_ENV-}" ]; then export CONDA_DEFAULT_ENV='base'; fi
    if [ -z "${CONDA_PROMPT_MODIFIER-}" ]; then export CONDA_PROMPT_MODIFIER='(base) '; fi
    if [ -z "${EMPTY-}" ]; then export EMPTY=''; fi
    if [ -z "${GDAL_DATA-}" ]; then export GDAL_DATA='/opt/my env/share'; fi
    export QUOTES='it'"'"'s "quoted" '"'"'twice'"'"''
    export SEVERAL_LINES='one
    two\
    !three'
    export SHELL_WORDS='$HOME ${x} $(id) `id` \ \\ \n !x !! %s ~ * ;&|<>#'
    export UNICODE='é ☃ ‘x’ 👩‍💻'
    "#);
}
