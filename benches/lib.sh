# shellcheck shell=bash
# What the benchmarks share: arguments, a work folder, packages of an environment, tables. To be sourced.
#
# Arguments of every script: [CHANNEL ENVIRONMENT [CHANGED]]
#   CHANNEL      folder or URL of a channel; without one, a synthetic channel is made
#   ENVIRONMENT  an environment.yml that CHANNEL can satisfy
#   CHANGED      the same environment with one package in another version, for rebuild.sh
# Environment: MAMBOX (the program; target/release/mambox), BASE (scratch), RUNS (5), WORK (target/bench)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
MAMBOX=$(realpath "${MAMBOX:-$root/target/release/mambox}")
BASE=${BASE:-scratch}
RUNS=${RUNS:-5}
WORK=$(realpath -m "${WORK:-$root/target/bench}")
mkdir -p "$WORK"
# `scratch` has no C library, but packages ask for one: what is measured is the build, not what runs in the end. So
# noarch packages are not compiled either (--pyc off): the tools that are compared with do not do that.
export CONDA_OVERRIDE_GLIBC=${CONDA_OVERRIDE_GLIBC-2.36}

need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "$0 needs $tool" >&2; exit 1; }
  done
}
[ -x "$MAMBOX" ] || { echo "no $MAMBOX: run cargo build --release -p mambox, or set MAMBOX" >&2; exit 1; }

if [ $# -ge 2 ]; then
  CHANNEL=$1 ENVIRONMENT=$(realpath "$2") CHANGED=${3:+$(realpath "$3")}
  [ ! -d "$CHANNEL" ] || CHANNEL=$(realpath "$CHANNEL")
else
  CHANNEL=$WORK/synthetic
  ENVIRONMENT=$CHANNEL/environment.yml CHANGED=$CHANNEL/changed.yml
  [ -e "$CHANGED" ] || (cd "$root" && cargo run -q -p mambox-testkit --example synthetic_channel -- "$CHANNEL")
fi
# What the benchmarked commands read is quoted once, here.
quoted() { printf '%q ' "$@"; }

# mambox_build ENVIRONMENT CACHE OUTPUT [OPTION…]: the command line of a build, quoted.
mambox_build() {
  local environment=$1 cache=$2 output=$3
  shift 3
  quoted "$MAMBOX" build "$environment" --no-config --no-rc --channel "$CHANNEL" --base "$BASE" \
    --platform linux/amd64 --pyc off --cache-dir "$cache" -o "$output" -q "$@"
}

# The package archives of the environment, a path a line, downloaded where the channel is remote.
archives() {
  local list=$WORK/explicit.txt url file
  "$MAMBOX" lock "$ENVIRONMENT" --no-config --no-rc --channel "$CHANNEL" --base "$BASE" \
    --platform linux/amd64 --cache-dir "$WORK/lock-cache" --explicit -q >"$list"
  mkdir -p "$WORK/archives"
  grep '://' "$list" | sed 's/#.*//' | while read -r url; do
    case $url in
      file://*) printf '%s\n' "${url#file://}" ;;
      *)
        file=$WORK/archives/${url##*/}
        [ -s "$file" ] || curl -fsSL -o "$file" "$url"
        printf '%s\n' "$file"
        ;;
    esac
  done
}

# Takes the payloads (pkg-*.tar.zst, or the whole .tar.bz2 recompressed) out of the archives into $WORK/payloads,
# so that the pipeline pays for nothing but decompressing, hashing and compressing.
payloads() {
  local archive name
  rm -rf "$WORK/payloads"
  mkdir -p "$WORK/payloads"
  archives | while read -r archive; do
    name=${archive##*/}
    case $name in
      *.conda) unzip -p "$archive" 'pkg-*.tar.zst' >"$WORK/payloads/$name.tar.zst" ;;
      *) bzip2 -dc "$archive" | zstd -q -19 -o "$WORK/payloads/$name.tar.zst" ;;
    esac
  done
}

# The mean of each command in a hyperfine report, in seconds.
means() { jq -r '.results[].mean' "$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }
seconds() { awk -v s="$1" 'BEGIN {if (s < 1) printf "%.0f ms", s * 1000; else printf "%.2f s", s}'; }
mebibytes() { awk -v b="$1" 'BEGIN {printf "%.0f MiB", b / 1048576}'; }
machine() {
  printf '%s, %s cores, %s' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$("$MAMBOX" --version)"
}
