
# Completion: subcommands, and names of environments behind -n and activate.
__mamba_complete() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} folder name
    local root=${MAMBA_ROOT_PREFIX-}
    local -a words=()
    COMPREPLY=()
    if [[ -z $root ]]; then
        root=@ROOT@
    fi
    if ((COMP_CWORD == 1)); then
        words=(@COMMANDS@)
    else
        case $before in
            -n | --name | activate)
                words=(base)
                for folder in "$root"/envs/*/conda-meta; do
                    if [[ -d $folder ]]; then
                        folder=${folder%/conda-meta}
                        words+=("${folder##*/}")
                    fi
                done
                ;;
            shell) words=(@SHELL_COMMANDS@) ;;
            env) words=(@ENV_COMMANDS@) ;;
            config) words=(@CONFIG_COMMANDS@) ;;
        esac
    fi
    for name in ${words[@]+"${words[@]}"}; do
        if [[ $name == "$word"* ]]; then
            printf -v name %q "$name"
            COMPREPLY+=("$name")
        fi
    done
}
if type complete >/dev/null 2>&1; then
    complete -o default -F __mamba_complete @NAME@
fi
