alias @NAME@ @CALL@;
if ( ! $?CONDA_SHLVL ) setenv PATH @CONDABIN@:"${PATH}";
if ( ! $?CONDA_SHLVL ) setenv CONDA_SHLVL 0;
