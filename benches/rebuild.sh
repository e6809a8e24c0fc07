#!/usr/bin/env bash
# Rebuilds with a warm cache: nothing changed, and one package changed. Arguments: see lib.sh.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need hyperfine jq

cache=$WORK/warm-cache out=$WORK/warm-out snapshot=$WORK/warm-snapshot
rm -rf "$cache" "$out" "$snapshot"
eval "$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --compression zstd:3)" >/dev/null
mkdir "$snapshot"
cp -a "$cache" "$snapshot/cache"
cp -a "$out" "$snapshot/out"

row() { # NAME ENVIRONMENT: each run starts from the cache and the layout that the first build left
  hyperfine --style none --runs "$RUNS" --warmup 1 --export-json "$WORK/warm.json" \
    --prepare "$(quoted rm -rf "$cache" "$out") && $(quoted cp -a "$snapshot/cache" "$cache") && $(quoted cp -a "$snapshot/out" "$out")" \
    "$(mambox_build "$2" "$cache" "oci:$out" --compression zstd:3)" >/dev/null
  printf '| %s | %s |\n' "$1" "$(seconds "$(means "$WORK/warm.json")")"
}

echo "Rebuild of ${ENVIRONMENT##*/} to an OCI layout, zstd ($(machine); mean of $RUNS)"
echo
echo '| | time |'
echo '|---|---:|'
row 'nothing changed' "$ENVIRONMENT"
[ -z "$CHANGED" ] || row 'one package changed' "$CHANGED"
rm -rf "$cache" "$out" "$snapshot"
