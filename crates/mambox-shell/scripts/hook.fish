# Lets @NAME@ change the fish that sources this.

function __mamba_exe
    @EXE@ $argv
end

# Sources what the program answers.
function __mamba_xctivate
    if contains -- --help $argv; or contains -- -h $argv
        __mamba_exe shell $argv
        return
    end
    set -l answer (__mamba_exe shell $argv --shell fish)
    or return
    string join \n -- $answer | source
end

function __mamba_wrap
    switch "$argv[1]"
        case activate deactivate reactivate
            __mamba_xctivate $argv
        case install update upgrade remove uninstall
            __mamba_exe $argv
            or return
            __mamba_xctivate reactivate
        case '*'
            __mamba_exe $argv
    end
end

function @NAME@
    __mamba_wrap $argv
end

if not set -q CONDA_SHLVL
    set -gx CONDA_SHLVL 0
    set -gx PATH @CONDABIN@ $PATH
end

# The prompt tells what is active, whichever prompt that is.
if status is-interactive; and not functions -q __mamba_prompt_before; and functions -q fish_prompt
    functions -c fish_prompt __mamba_prompt_before
    function __mamba_status
        return $argv[1]
    end
    function fish_prompt
        set -l last $status
        if set -q CONDA_PROMPT_MODIFIER
            echo -n $CONDA_PROMPT_MODIFIER
        end
        # The prompt may tell the status of the last command.
        __mamba_status $last
        __mamba_prompt_before
    end
end
