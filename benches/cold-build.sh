#!/usr/bin/env bash
# Cold build to an OCI layout against the mere decompression, sha256 and compression of the same payloads by
# command-line tools, measured in turn in one hyperfine run. Arguments: see lib.sh. Prints a Markdown table.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need hyperfine jq zstd pigz unzip bzip2

payloads
cache=$WORK/cold-cache out=$WORK/cold-out tools=$WORK/cold-tools
pipeline=$(quoted "$root/benches/pipeline.sh" "$WORK/payloads")
measure() { # NAME COMPRESSION TOOL
  hyperfine --style none --runs "$RUNS" --warmup 1 --export-json "$WORK/cold-$1.json" \
    --prepare "$(quoted rm -rf "$cache" "$out" "$tools")" \
    "$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --compression "$2")" \
    "$pipeline $3 $(quoted "$tools")" >/dev/null
  local times
  mapfile -t times < <(means "$WORK/cold-$1.json")
  printf '| %s | %s | %s | %s |\n' "$1" "$(seconds "${times[0]}")" "$(seconds "${times[1]}")" "$(ratio "${times[0]}" "${times[1]}")"
}

unpacked=$(for payload in "$WORK"/payloads/*; do zstd -q -dc "$payload" | wc -c; done | awk '{s += $1} END {print s}')
echo "Cold build of ${ENVIRONMENT##*/}: $(find "$WORK/payloads" -type f | wc -l) packages, $(mebibytes "$unpacked") unpacked ($(machine); mean of $RUNS)"
echo
echo '| | mambox | tools | ratio |'
echo '|---|---:|---:|---:|'
measure zstd zstd:3 zstd
measure gzip gzip:6 pigz
rm -rf "$cache" "$out" "$tools"
