//! What is written, word for word.

mod common;

use common::{scripted, tricky};
use mambox_activate::{
    Change, Shell, apptainer_scripts, family_scripts, profile_script, render, render_change,
};

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
    let [(_, first), (_, last), _] = apptainer_scripts(&tricky(), false);
    insta::assert_snapshot!(first + "---\n" + &last, @r#"
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
    mambox_given=
    { mambox_given=$(</.inject-apptainer-env.sh); } 2>/dev/null || :
    if [ -z "$mambox_given" ]; then { mambox_given=$(</.inject-singularity-env.sh); } 2>/dev/null || :; fi
    eval "$mambox_given"
    if [ "${MAMBA_SKIP_ACTIVATE-}" = 1 ]; then
    mambox_path=:${PATH-}:
    case $mambox_path in
      *:'/opt/my env/bin':*) mambox_path=${mambox_path%%:'/opt/my env/bin':*}:${mambox_path#*:'/opt/my env/bin':} ;;
    esac
    mambox_path=${mambox_path#:}
    export PATH="${mambox_path%:}"
    unset mambox_path
    if [ "${CONDA_PREFIX-}" = '/opt/my env' ]; then export CONDA_PREFIX=; fi
    if [ "${CONDA_SHLVL-}" = '1' ]; then export CONDA_SHLVL=; fi
    if [ "${CONDA_DEFAULT_ENV-}" = 'base' ]; then export CONDA_DEFAULT_ENV=; fi
    if [ "${CONDA_PROMPT_MODIFIER-}" = '(base) ' ]; then export CONDA_PROMPT_MODIFIER=; fi
    if [ "${EMPTY-}" = '' ]; then export EMPTY=; fi
    if [ "${GDAL_DATA-}" = '/opt/my env/share' ]; then export GDAL_DATA=; fi
    export QUOTES=
    export SEVERAL_LINES=
    export SHELL_WORDS=
    export UNICODE=
    else
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
    fi
    "#);
}

#[test]
fn what_shells_source_in_the_family() {
    let texts: String = family_scripts().map(|(path, text)| format!("--- {path}\n{text}")).collect();
    insta::assert_snapshot!(texts, @r#"
    --- /.singularity.d/env/05-mambox.sh
    # Variables of the host must not win over the image's. Written by mambox.
    export BASH_ENV=
    export CONDA_DEFAULT_ENV=
    export CONDA_PREFIX=
    export CONDA_PROMPT_MODIFIER=
    export CONDA_SHLVL=
    export PYTHONHOME=
    export PYTHONPATH=
    --- /.singularity.d/env/95-mambox.sh
    # The environment of ENV_NAME becomes active. Written by mambox.
    mambox_given=
    { mambox_given=$(</.inject-apptainer-env.sh); } 2>/dev/null || :
    if [ -z "$mambox_given" ]; then { mambox_given=$(</.inject-singularity-env.sh); } 2>/dev/null || :; fi
    eval "$mambox_given"
    if [ -x /usr/local/bin/mambox-init ]; then eval "$(/usr/local/bin/mambox-init exports)"; fi
    --- /.singularity.d/env/99-mambox.sh
    # What is given with --env and APPTAINERENV_NAME has the last word. Written by mambox.
    eval "${mambox_given-}"
    unset mambox_given
    --- /etc/profile.d/mambox.sh
    # The active conda environment in login shells, whose /etc/profile resets PATH. Written by mambox.
    if [ -x /usr/local/bin/mambox-init ] && [ -n "${CONDA_PREFIX-}" ] && [ -d "$CONDA_PREFIX/conda-meta" ]; then
      eval "$(ENV_NAME=$CONDA_PREFIX /usr/local/bin/mambox-init exports)"
    fi
    "#);
}

const ALL: [Shell; 5] = [Shell::Posix, Shell::Fish, Shell::Tcsh, Shell::Xonsh, Shell::PowerShell];

#[test]
fn a_change() {
    let change = Change {
        set: [("A", "it's"), ("PATH", "/opt/it's/bin:/bin"), ("NOT.A.NAME", "x")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        unset: ["GONE".into(), "NOT.A.NAME.EITHER".into(), "UID".into()].into(),
    };
    insta::assert_snapshot!(ALL.map(|shell| render_change(&change, shell)).join("---\n"), @r#"
    unset GONE
    export A='it'"'"'s'
    export PATH='/opt/it'"'"'s/bin:/bin'
    ---
    set -e GONE
    set -gx A 'it\'s'
    set -gx PATH '/opt/it\'s/bin' '/bin'
    ---
    unsetenv GONE
    setenv A 'it'\''s'
    setenv PATH '/opt/it'\''s/bin:/bin'
    ---
    if 'GONE' in ${...}:
        del $GONE
    $A = 'it\'s'
    $PATH = ['/opt/it\'s/bin', '/bin']
    ---
    ${Env:GONE} = $null
    ${Env:A} = 'it''s'
    ${Env:PATH} = '/opt/it''s/bin:/bin'
    "#);
}

#[test]
fn what_scripts_changed() {
    insta::assert_snapshot!(ALL.map(|shell| render(&scripted(), shell)).join("---\n"), @r#"
    case ":${PATH-}:" in
      *:'/opt/conda/bin':*) ;;
      *) export PATH='/opt/conda/bin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/second':*) ;;
      *) export PATH='/opt/conda/second':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/it'"'"'s first':*) ;;
      *) export PATH='/opt/conda/it'"'"'s first':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/late':*) ;;
      *) export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}":'/opt/conda/late' ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/last':*) ;;
      *) export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}":'/opt/conda/last' ;;
    esac
    export CONDA_PREFIX='/opt/conda'
    export CONDA_SHLVL='1'
    export CONDA_DEFAULT_ENV='base'
    export CONDA_PROMPT_MODIFIER='(base) '
    export GDAL_DATA='/opt/conda/share/gdal'
    export PRICE='5$'
    unset PROJ_LIB
    ---
    contains -- '/opt/conda/bin' $PATH; or set -gx PATH '/opt/conda/bin' $PATH
    contains -- '/opt/conda/second' $PATH; or set -gx PATH '/opt/conda/second' $PATH
    contains -- '/opt/conda/it\'s first' $PATH; or set -gx PATH '/opt/conda/it\'s first' $PATH
    contains -- '/opt/conda/late' $PATH; or set -gx PATH $PATH '/opt/conda/late'
    contains -- '/opt/conda/last' $PATH; or set -gx PATH $PATH '/opt/conda/last'
    set -gx CONDA_PREFIX '/opt/conda'
    set -gx CONDA_SHLVL '1'
    set -gx CONDA_DEFAULT_ENV 'base'
    set -gx CONDA_PROMPT_MODIFIER '(base) '
    set -gx GDAL_DATA '/opt/conda/share/gdal'
    set -gx PRICE '5$'
    set -e PROJ_LIB
    ---
    if ( ":${PATH}:" !~ *:'/opt/conda/bin':* ) setenv PATH '/opt/conda/bin':"${PATH}"
    if ( ":${PATH}:" !~ *:'/opt/conda/second':* ) setenv PATH '/opt/conda/second':"${PATH}"
    if ( ":${PATH}:" !~ *:'/opt/conda/it'\''s first':* ) setenv PATH '/opt/conda/it'\''s first':"${PATH}"
    if ( ":${PATH}:" !~ *:'/opt/conda/late':* ) setenv PATH "${PATH}":'/opt/conda/late'
    if ( ":${PATH}:" !~ *:'/opt/conda/last':* ) setenv PATH "${PATH}":'/opt/conda/last'
    setenv CONDA_PREFIX '/opt/conda'
    setenv CONDA_SHLVL '1'
    setenv CONDA_DEFAULT_ENV 'base'
    setenv CONDA_PROMPT_MODIFIER '(base) '
    setenv GDAL_DATA '/opt/conda/share/gdal'
    setenv PRICE '5$'
    unsetenv PROJ_LIB
    ---
    if '/opt/conda/bin' not in $PATH:
        $PATH.insert(0, '/opt/conda/bin')
    if '/opt/conda/second' not in $PATH:
        $PATH.insert(0, '/opt/conda/second')
    if '/opt/conda/it\'s first' not in $PATH:
        $PATH.insert(0, '/opt/conda/it\'s first')
    if '/opt/conda/late' not in $PATH:
        $PATH.append('/opt/conda/late')
    if '/opt/conda/last' not in $PATH:
        $PATH.append('/opt/conda/last')
    $CONDA_PREFIX = '/opt/conda'
    $CONDA_SHLVL = '1'
    $CONDA_DEFAULT_ENV = 'base'
    $CONDA_PROMPT_MODIFIER = '(base) '
    $GDAL_DATA = '/opt/conda/share/gdal'
    $PRICE = '5$'
    if 'PROJ_LIB' in ${...}:
        del $PROJ_LIB
    ---
    if (($Env:PATH -split ':') -cnotcontains '/opt/conda/bin') { $Env:PATH = '/opt/conda/bin' + ':' + $Env:PATH }
    if (($Env:PATH -split ':') -cnotcontains '/opt/conda/second') { $Env:PATH = '/opt/conda/second' + ':' + $Env:PATH }
    if (($Env:PATH -split ':') -cnotcontains '/opt/conda/it''s first') { $Env:PATH = '/opt/conda/it''s first' + ':' + $Env:PATH }
    if (($Env:PATH -split ':') -cnotcontains '/opt/conda/late') { $Env:PATH = $Env:PATH + ':' + '/opt/conda/late' }
    if (($Env:PATH -split ':') -cnotcontains '/opt/conda/last') { $Env:PATH = $Env:PATH + ':' + '/opt/conda/last' }
    ${Env:CONDA_PREFIX} = '/opt/conda'
    ${Env:CONDA_SHLVL} = '1'
    ${Env:CONDA_DEFAULT_ENV} = 'base'
    ${Env:CONDA_PROMPT_MODIFIER} = '(base) '
    ${Env:GDAL_DATA} = '/opt/conda/share/gdal'
    ${Env:PRICE} = '5$'
    ${Env:PROJ_LIB} = $null
    "#);
}

#[test]
fn what_scripts_changed_in_logins() {
    insta::assert_snapshot!(profile_script(&scripted()), @r#"
    # The conda environment in login shells, whose /etc/profile resets PATH. Written by mambox.
    if [ -z "${CONDA_PREFIX-}" ]; then
    export CONDA_PREFIX='/opt/conda'
    export CONDA_SHLVL='1'
    export CONDA_DEFAULT_ENV='base'
    export CONDA_PROMPT_MODIFIER='(base) '
    fi
    if [ "$CONDA_PREFIX" = '/opt/conda' ]; then
    case ":${PATH-}:" in
      *:'/opt/conda/bin':*) ;;
      *) export PATH='/opt/conda/bin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/second':*) ;;
      *) export PATH='/opt/conda/second':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/it'"'"'s first':*) ;;
      *) export PATH='/opt/conda/it'"'"'s first':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/late':*) ;;
      *) export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}":'/opt/conda/late' ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/last':*) ;;
      *) export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}":'/opt/conda/last' ;;
    esac
    if [ -z "${GDAL_DATA+x}" ]; then export GDAL_DATA='/opt/conda/share/gdal'; fi
    if [ -z "${PRICE+x}" ]; then export PRICE='5$'; fi
    unset PROJ_LIB
    fi
    "#);
}

#[test]
fn what_scripts_changed_under_apptainer() {
    let [(_, first), (_, last), _] = apptainer_scripts(&scripted(), true);
    insta::assert_snapshot!(first + "---\n" + &last, @r#"
    # Variables of the host must not win over the image's. Written by mambox.
    export BASH_ENV=
    export CONDA_DEFAULT_ENV=
    export CONDA_PREFIX=
    export CONDA_PROMPT_MODIFIER=
    export CONDA_SHLVL=
    export GDAL_DATA=
    export PRICE=
    export PROJ_LIB=
    export PYTHONHOME=
    export PYTHONPATH=
    ---
    # What the image's Env could not carry. Written by mambox.
    mambox_given=
    { mambox_given=$(</.inject-apptainer-env.sh); } 2>/dev/null || :
    if [ -z "$mambox_given" ]; then { mambox_given=$(</.inject-singularity-env.sh); } 2>/dev/null || :; fi
    eval "$mambox_given"
    if [ "${MAMBA_SKIP_ACTIVATE-}" = 1 ]; then
    mambox_path=:${PATH-}:
    case $mambox_path in
      *:'/opt/conda/it'"'"'s first':*) mambox_path=${mambox_path%%:'/opt/conda/it'"'"'s first':*}:${mambox_path#*:'/opt/conda/it'"'"'s first':} ;;
    esac
    case $mambox_path in
      *:'/opt/conda/second':*) mambox_path=${mambox_path%%:'/opt/conda/second':*}:${mambox_path#*:'/opt/conda/second':} ;;
    esac
    case $mambox_path in
      *:'/opt/conda/bin':*) mambox_path=${mambox_path%%:'/opt/conda/bin':*}:${mambox_path#*:'/opt/conda/bin':} ;;
    esac
    case $mambox_path in
      *:'/opt/conda/late':*) mambox_path=${mambox_path%%:'/opt/conda/late':*}:${mambox_path#*:'/opt/conda/late':} ;;
    esac
    case $mambox_path in
      *:'/opt/conda/last':*) mambox_path=${mambox_path%%:'/opt/conda/last':*}:${mambox_path#*:'/opt/conda/last':} ;;
    esac
    mambox_path=${mambox_path#:}
    export PATH="${mambox_path%:}"
    unset mambox_path
    if [ "${CONDA_PREFIX-}" = '/opt/conda' ]; then export CONDA_PREFIX=; fi
    if [ "${CONDA_SHLVL-}" = '1' ]; then export CONDA_SHLVL=; fi
    if [ "${CONDA_DEFAULT_ENV-}" = 'base' ]; then export CONDA_DEFAULT_ENV=; fi
    if [ "${CONDA_PROMPT_MODIFIER-}" = '(base) ' ]; then export CONDA_PROMPT_MODIFIER=; fi
    if [ "${GDAL_DATA-}" = '/opt/conda/share/gdal' ]; then export GDAL_DATA=; fi
    export PRICE=
    else
    case ":${PATH-}:" in
      *:'/opt/conda/bin':*) ;;
      *) export PATH='/opt/conda/bin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/second':*) ;;
      *) export PATH='/opt/conda/second':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/it'"'"'s first':*) ;;
      *) export PATH='/opt/conda/it'"'"'s first':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/late':*) ;;
      *) export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}":'/opt/conda/late' ;;
    esac
    case ":${PATH-}:" in
      *:'/opt/conda/last':*) ;;
      *) export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}":'/opt/conda/last' ;;
    esac
    if [ -z "${CONDA_PREFIX-}" ]; then export CONDA_PREFIX='/opt/conda'; fi
    if [ -z "${CONDA_SHLVL-}" ]; then export CONDA_SHLVL='1'; fi
    if [ -z "${CONDA_DEFAULT_ENV-}" ]; then export CONDA_DEFAULT_ENV='base'; fi
    if [ -z "${CONDA_PROMPT_MODIFIER-}" ]; then export CONDA_PROMPT_MODIFIER='(base) '; fi
    if [ -z "${GDAL_DATA-}" ]; then export GDAL_DATA='/opt/conda/share/gdal'; fi
    export PRICE='5$'
    if [ -x /usr/local/bin/mambox-init ]; then eval "$(/usr/local/bin/mambox-init exports)"; fi
    fi
    "#);
}
