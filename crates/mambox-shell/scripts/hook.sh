# Lets @NAME@ change the shell that evaluates this: bash, zsh, dash and others of POSIX's kind.
# Nothing here reads a variable that may be unset, or leaves one of its own behind.

__mamba_exe() (
    @EXE@ "$@"
)

# Forgets where programs were found: others come first in PATH now.
__mamba_hashr() {
    \hash -r 2>/dev/null || :
}

# Evaluates what the program answers. The prompt is not exported, so it is handed over for this one call.
__mamba_xctivate() {
    case " $* " in
        *" --help "* | *" -h "*)
            __mamba_exe shell "$@"
            return
            ;;
    esac
    __mamba_answer=$(
        \export PS1="${PS1-}"
        __mamba_exe shell "$@" --shell @SHELL@
    ) || {
        set -- "$?"
        \unset __mamba_answer
        return "$1"
    }
    \eval "\\unset __mamba_answer
$__mamba_answer"
    __mamba_hashr
}

__mamba_wrap() {
    case "${1-}" in
        activate | deactivate | reactivate)
            __mamba_xctivate "$@"
            ;;
        install | update | upgrade | remove | uninstall)
            __mamba_exe "$@" || return
            __mamba_xctivate reactivate
            ;;
        *)
            __mamba_exe "$@"
            ;;
    esac
}

@NAME@() {
    __mamba_wrap "$@"
}

if [ -z "${CONDA_SHLVL+x}" ]; then
    \export CONDA_SHLVL=0
    \export PATH=@CONDABIN@:"${PATH:-@DEFAULT_PATH@}"
    if [ -z "${PS1+x}" ]; then
        PS1=
    fi
fi
