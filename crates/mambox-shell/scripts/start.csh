setenv MAMBA_EXE @EXE@
setenv MAMBA_ROOT_PREFIX @ROOT@
if ( -r @PROFILE@ ) source @PROFILE@
