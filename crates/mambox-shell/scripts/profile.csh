# Lets @NAME@ change the tcsh that sources this, from a start-up file or as the alias that it makes.
# A file, since an alias holds no branches and its pipes and redirections count for its last command alone.

if ( "$1" == call ) then
    shift argv
    # An alias, since quotes do not nest in what stands in backticks.
    alias __mamba_exe @QUOTED_EXE@
    set __mamba_answer = ( )
    switch ( "$1" )
        case activate:
        case deactivate:
        case reactivate:
            set __mamba_answer = ( "`__mamba_exe shell $argv:q --shell tcsh`" )
            breaksw
        case install:
        case update:
        case upgrade:
        case remove:
        case uninstall:
            __mamba_exe $argv:q
            if ( $status == 0 ) set __mamba_answer = ( "`__mamba_exe shell reactivate --shell tcsh`" )
            breaksw
        default:
            __mamba_exe $argv:q
    endsw
    if ( $#__mamba_answer ) then
        eval "$__mamba_answer"
        rehash
        if ( $?prompt ) then
            if ( ! $?__mamba_prompt ) set __mamba_prompt = "$prompt"
            set prompt = "$__mamba_prompt"
            if ( $?CONDA_PROMPT_MODIFIER ) set prompt = "${CONDA_PROMPT_MODIFIER}$__mamba_prompt"
        endif
    endif
    unset __mamba_answer
else
    @HOOK@
endif
