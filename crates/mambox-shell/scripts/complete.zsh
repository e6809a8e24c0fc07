
# Completion: subcommands, and names of environments behind -n and activate.
__mamba_complete() {
    local root=${MAMBA_ROOT_PREFIX-}
    local -a found
    if [[ -z $root ]]; then
        root=@ROOT@
    fi
    if ((CURRENT == 2)); then
        found=(@COMMANDS@)
    else
        case $words[CURRENT-1] in
            -n | --name | activate)
                found=($root/envs/*/conda-meta(N:h:t))
                found=(base $found)
                ;;
            shell) found=(@SHELL_COMMANDS@) ;;
            env) found=(@ENV_COMMANDS@) ;;
            config) found=(@CONFIG_COMMANDS@) ;;
            *) _files; return ;;
        esac
    fi
    compadd -a found
}
if (( ${+functions[compdef]} )); then
    compdef __mamba_complete @NAME@
fi
