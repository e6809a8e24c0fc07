#!/usr/bin/env bash
# Instructions of a build as callgrind counts them: a number without noise, for comparing two versions of mambox.
# Callgrind is some fifty times slower than the machine: choose a small environment. Arguments: see lib.sh.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need valgrind

cache=$WORK/instructions-cache out=$WORK/instructions-out
count() { # one build; the total stands in the last line that callgrind writes
  local log=$WORK/callgrind.log command=$1
  eval "valgrind --tool=callgrind --callgrind-out-file=$(quoted "$WORK/callgrind.out") --log-file=$(quoted "$log") $command" >/dev/null
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log" | tail -n 1 | awk '{printf "%.2f G", $1 / 1e9}'
}

rm -rf "$cache" "$out" "$WORK/callgrind.out"
build=$(mambox_build "$ENVIRONMENT" "$cache" "oci:$out" --compression zstd:3 --jobs 1)
echo "Instructions of a build of ${ENVIRONMENT##*/}, zstd, one thread ($("$MAMBOX" --version))"
echo
echo '| | instructions |'
echo '|---|---:|'
for state in cold 'nothing changed'; do
  total=$(count "$build")
  printf '| %s | %s |\n' "$state" "$total"
done
rm -rf "$cache" "$out" "$WORK/callgrind.out"
