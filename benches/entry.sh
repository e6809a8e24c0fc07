#!/usr/bin/env bash
# What an entry program adds to the start of a command, beside a shell and an entrypoint in bash.
#   [EXECUTABLE]   target/init/mambox-init, as .ci/build-static init makes it
# Environment: RUNS (500) starts of each command in each of ROUNDS (5) rounds; the median of the quietest round counts.
# MAMBA_EXE: a micromamba for the bash entrypoint; without one, our own hook stands in for it, which is faster.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
executable=$(realpath "${1:-$root/target/init/mambox-init}")
RUNS=${RUNS:-500} ROUNDS=${ROUNDS:-5}
for tool in hyperfine jq; do
  command -v "$tool" >/dev/null || { echo "$0 needs $tool" >&2; exit 1; }
done
[ -x "$executable" ] || { echo "no $executable: run .ci/build-static init" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{plain,scripts}/conda-meta "$work/scripts/etc/conda/activate.d" "$work/bin"
ln -s "$executable" "$work/bin/_entrypoint.sh"
ln -s "$executable" "$work/bin/mambox-init"
for name in a b c; do
  echo "export BENCH_$name=\"\$CONDA_PREFIX/share/$name\"" >"$work/scripts/etc/conda/activate.d/$name.sh"
done
cat >"$work/bin/bash-entrypoint" <<'SCRIPT'
#!/bin/bash
set -euo pipefail
if [[ -f /etc/arg_mamba_user && ${MAMBA_USER-} != "$(cat /etc/arg_mamba_user)" ]]; then exit 1; fi
if [[ -z ${USER-} && $(id -u) -gt 0 ]]; then export USER=${MAMBA_USER-}; fi
if [[ ${HOME-} == / && $(id -u) -gt 0 ]]; then export HOME=/home/$USER; fi
if [[ -x ${MAMBA_EXE-} ]]; then
  eval "$("$MAMBA_EXE" shell hook --shell=bash)"
  micromamba activate "${ENV_NAME:-base}"
else
  eval "$(mambox-init hook --shell bash)"
fi
exec "$@"
SCRIPT
chmod +x "$work/bin/bash-entrypoint"

# The variables of a container, and no others: each one costs.
container=(PATH="$work/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root HOSTNAME=bench
  LANG=C.UTF-8 LC_ALL=C.UTF-8 ENV_NAME=base MAMBA_USER=mambauser ${MAMBA_EXE:+MAMBA_EXE="$MAMBA_EXE"})
[ ! -e /etc/arg_mamba_user ] || container+=(MAMBA_USER="$(cat /etc/arg_mamba_user)")

# measure PREFIX NAME COMMAND…: adds a round's median of each command, in microseconds.
measure() {
  local prefix=$1
  shift
  local arguments=()
  while [ $# -gt 0 ]; do arguments+=(--command-name "$1" "$2"); shift 2; done
  env -i "${container[@]}" MAMBA_ROOT_PREFIX="$prefix" hyperfine -N --style none --warmup 20 --runs "$RUNS" \
    --export-json "$work/round.json" "${arguments[@]}" >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
  jq -r '.results[] | [.command, .median * 1e6] | @tsv' "$work/round.json" >>"$work/medians"
}

for ((round = 0; round < ROUNDS; round++)); do
  measure "$work/plain" \
    'plain exec' /bin/true \
    'sh' "/bin/sh -c 'exec /bin/true'" \
    'bash' "/bin/bash -c 'exec /bin/true'" \
    '_entrypoint.sh' "$work/bin/_entrypoint.sh /bin/true" \
    'entrypoint in bash' "$work/bin/bash-entrypoint /bin/true"
  measure "$work/scripts" \
    '_entrypoint.sh, three activate.d scripts' "$work/bin/_entrypoint.sh /bin/true" \
    'entrypoint in bash, three activate.d scripts' "$work/bin/bash-entrypoint /bin/true"
done

echo "Start of /bin/true ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $("$executable" --version)," \
  "$(stat -Lc %s "$executable") bytes)"
echo
echo '| through | time | over a plain exec | over sh |'
echo '|---|---:|---:|---:|'
awk -F '\t' '
  !($1 in best) { order[++count] = $1; best[$1] = $2 }
  $2 < best[$1] { best[$1] = $2 }
  END {
    for (i = 1; i <= count; i++) {
      name = order[i]
      printf "| %s | %.2f ms | %+.2f ms | %+.2f ms |\n", name, best[name] / 1e3,
        (best[name] - best["plain exec"]) / 1e3, (best[name] - best["sh"]) / 1e3
    }
  }' "$work/medians"
