#!/usr/bin/env bash
# All benchmarks, one table after the other; those of Docker and Apptainer where these are. Arguments: see lib.sh.
# INSTRUCTIONS=no leaves the slow one out.
set -euo pipefail
here=$(dirname "$0")
"$here/cold-build.sh" "$@"
echo
"$here/rebuild.sh" "$@"
echo
"$here/memory.sh" "$@"
echo
if docker info >/dev/null 2>&1 && command -v docker-registry >/dev/null && [ -x "$here/../target/micromamba/micromamba" ]; then
  "$here/docker.sh" "$@"
  echo
fi
if command -v apptainer >/dev/null; then
  "$here/sif.sh" "$@"
  echo
fi
"$here/entry.sh"
echo
"$here/encoders.sh" "$@"
[ "${INSTRUCTIONS:-yes}" = no ] || { echo; "$here/instructions.sh" "$@"; }
