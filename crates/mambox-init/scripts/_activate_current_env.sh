# shellcheck shell=bash
# Activates the conda environment $ENV_NAME (base) in the bash that sources this file, as a .bashrc does.
# The functions micromamba, conda and mamba are made where the programs are, even with MAMBA_SKIP_ACTIVATE=1.
# Nothing here ends the shell or fails, whatever is missing. Not a function, in which scripts could declare only
# local variables.

_mambox_old_prompt=${CONDA_PROMPT_MODIFIER-}
case ${ENV_NAME:-base} in
  base) _mambox_prefix=${MAMBA_ROOT_PREFIX:-/opt/conda} ;;
  */*) _mambox_prefix=$ENV_NAME ;;
  *) _mambox_prefix=${MAMBA_ROOT_PREFIX:-/opt/conda}/envs/$ENV_NAME ;;
esac

if [[ -x ${MAMBA_EXE-} ]]; then
  eval "$("$MAMBA_EXE" shell hook --shell=bash)" || :
  if [[ ${MAMBA_SKIP_ACTIVATE-} != 1 ]] && declare -F micromamba >/dev/null; then
    micromamba activate "${ENV_NAME:-base}" || :
  fi
elif [[ ${MAMBA_SKIP_ACTIVATE-} != 1 ]]; then
  # The entry programs know how: under their own name, or as _entrypoint.sh, if that is our executable and no script.
  if _mambox_program=$(type -P mambox-init); then
    eval "$("$_mambox_program" hook --shell bash)" || :
  elif _mambox_program=$(type -P _entrypoint.sh) && IFS= read -r -n 4 _mambox_magic <"$_mambox_program" &&
    [[ $_mambox_magic == $'\177ELF' ]]; then
    eval "$(exec -a mambox-init "$_mambox_program" hook --shell bash)" || :
  fi
fi

for _mambox_folder in "$_mambox_prefix" "${MAMBA_ROOT_PREFIX:-/opt/conda}"; do
  if ! declare -F conda >/dev/null && [[ -r $_mambox_folder/etc/profile.d/conda.sh ]]; then
    # shellcheck source=/dev/null
    . "$_mambox_folder/etc/profile.d/conda.sh" || :
  fi
  if ! declare -F mamba >/dev/null; then
    if [[ -r $_mambox_folder/etc/profile.d/mamba.sh ]]; then
      # shellcheck source=/dev/null
      . "$_mambox_folder/etc/profile.d/mamba.sh" || :
    elif [[ -x $_mambox_folder/bin/mamba ]]; then
      eval "$("$_mambox_folder/bin/mamba" shell hook --shell=bash)" || :
    fi
  fi
done

# The prompt of an interactive shell names the environment, also where it was active before and nothing changed.
if [[ $- == *i* && -n ${CONDA_PROMPT_MODIFIER-} && ${PS1-} != "$CONDA_PROMPT_MODIFIER"* ]]; then
  PS1=$CONDA_PROMPT_MODIFIER${PS1#"$_mambox_old_prompt"}
fi
unset _mambox_old_prompt _mambox_prefix _mambox_program _mambox_magic _mambox_folder
