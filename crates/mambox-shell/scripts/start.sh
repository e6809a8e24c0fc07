export MAMBA_EXE=@EXE@
export MAMBA_ROOT_PREFIX=@ROOT@
if __mamba_hook=$("$MAMBA_EXE" shell hook --shell @SHELL@ --root-prefix "$MAMBA_ROOT_PREFIX" 2>/dev/null); then
    eval "$__mamba_hook"
fi
unset __mamba_hook
