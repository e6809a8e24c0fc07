set -gx MAMBA_EXE @EXE@
set -gx MAMBA_ROOT_PREFIX @ROOT@
$MAMBA_EXE shell hook --shell fish --root-prefix $MAMBA_ROOT_PREFIX 2>/dev/null | source
