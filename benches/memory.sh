#!/usr/bin/env bash
# Peak resident memory of a cold build, as the kernel counts it. Arguments: see lib.sh.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need python3

cache=$WORK/memory-cache out=$WORK/memory-out
peak() { # COMPRESSION
  rm -rf "$cache" "$out"
  python3 - "$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --compression "$1")" <<'PY'
import resource, subprocess, sys
subprocess.run(["sh", "-c", "exec " + sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
PY
}

echo "Peak memory of a cold build of ${ENVIRONMENT##*/} ($(machine))"
echo
echo '| | peak |'
echo '|---|---:|'
for compression in zstd:3 gzip:6; do
  bytes=$(peak "$compression")
  printf '| %s | %s |\n' "$compression" "$(mebibytes "$bytes")"
done
rm -rf "$cache" "$out"
