#!/usr/bin/env bash
# Where the time goes: flame graphs of a cold build (gzip, zstd), of a rebuild, of a push where REGISTRY names one that speaks
# plain HTTP, and of a load where there is docker, as small SVG files in docs/src/flame. Arguments: see lib.sh.
# Needs perf, and inferno (cargo install inferno). The program must have its symbols:
#   CARGO_PROFILE_RELEASE_STRIP=false cargo build --release -p mambox
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need perf inferno-collapse-perf inferno-flamegraph
FLAME=${FLAME:-$root/docs/src/flame}
mkdir -p "$FLAME"

cache=$WORK/flame-cache out=$WORK/flame-out
# Names without hashes, generic parameters and folders of this machine.
short() {
  sed -E 's/::h[0-9a-f]{16}//g; :more s/::<[^<>;]*>//g; s/([A-Za-z0-9_])<[^<>;]*>/\1/g; s/<([^<>;]*) as [^<>;]*>/\1/g
    s/<([^<>;]*)>/\1/g; t more; s/\[[^];]*\/([^];]+)\]/[\1]/g; s/^mambox[^;]*/mambox/'
}
flame() { # NAME TITLE COMMAND
  perf record -q -e cpu-clock -F "${HERTZ:-999}" --call-graph dwarf,16384 -o "$WORK/perf.data" -- bash -c "exec $3" >/dev/null
  perf script --no-inline -i "$WORK/perf.data" 2>/dev/null | inferno-collapse-perf 2>/dev/null | short >"$WORK/$1.folded"
  inferno-flamegraph --title "$2" --countname ns --minwidth 0.5 --fontsize 11 --width 1000 "$WORK/$1.folded" >"$FLAME/$1.svg"
  rm -f "$WORK/perf.data"
  printf '%s: %s s, %s bytes\n' "$1" "$(awk '{s += $NF} END {print s / 1e9}' "$WORK/$1.folded")" "$(wc -c <"$FLAME/$1.svg")"
}

rm -rf "$cache" "$out"
flame cold-gzip 'cold build, gzip, one layer at a time' "$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --jobs 1)"
rm -rf "$cache" "$out"
flame cold-zstd 'cold build, zstd, one layer at a time' "$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --jobs 1 --compression zstd:3)"
rm -rf "$out"
HERTZ=9999 flame rebuild 'nothing changed' "$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --compression zstd:3)"
# To other places than a file.
elsewhere() { mambox_build "$ENVIRONMENT" "$cache" nowhere --compression zstd:3 "$@" | sed 's/ -o nowhere / /'; }
if [ -n "${REGISTRY:-}" ]; then
  HERTZ=1999 flame push 'push to a registry on this machine, from cached layers' \
    "$(elsewhere -t "$REGISTRY/flame:1" --push --insecure-registry "$REGISTRY")"
fi
if docker info >/dev/null 2>&1; then
  HERTZ=1999 flame load 'loading into Docker, from cached layers' "$(elsewhere -t mambox-flame:1 --load)"
  docker rmi mambox-flame:1 >/dev/null
fi
rm -rf "$cache" "$out"
