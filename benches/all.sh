#!/usr/bin/env bash
# All benchmarks, one table after the other. Arguments: see lib.sh. INSTRUCTIONS=no leaves the slow one out.
set -euo pipefail
here=$(dirname "$0")
"$here/cold-build.sh" "$@"
echo
"$here/rebuild.sh" "$@"
echo
"$here/memory.sh" "$@"
echo
if command -v apptainer >/dev/null; then
  "$here/sif.sh" "$@"
  echo
fi
"$here/entry.sh"
[ "${INSTRUCTIONS:-yes}" = no ] || { echo; "$here/instructions.sh" "$@"; }
