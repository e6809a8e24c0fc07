#!/usr/bin/env bash
# The package manager inside images: its start, installing from a warm cache beside `cp -al`, from a cold one beside
# `zstd -d` and sha256sum; and its memory.
#   [CHANNEL]          folder of a local channel; a synthetic one is made without it
#   [ENVIRONMENT.yml]  what to install from it
# Environment: MICROMAMBA (target/micromamba/micromamba, as .ci/build-static micromamba makes it); RUNS (10).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${MICROMAMBA:-$root/target/micromamba/micromamba}")
RUNS=${RUNS:-10}
for tool in hyperfine jq zstd unzip; do
  command -v "$tool" >/dev/null || { echo "$0 needs $tool" >&2; exit 1; }
done
[ -x "$program" ] || { echo "no $program: run .ci/build-static micromamba" >&2; exit 1; }

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work/home MAMBA_ROOT_PREFIX=$work/root
mkdir -p "$HOME"
unset CONDA_PREFIX CONDARC MAMBARC
if [ $# -lt 2 ]; then
  cargo run -q --release --manifest-path "$root/Cargo.toml" -p mambox-testkit --example synthetic_channel -- "$work/channel"
  set -- "$work/channel" "$work/channel/environment.yml"
fi
channel=$(realpath "$1") environment=$(realpath "$2")
mm() { "$program" --no-rc "$@"; }
time_of() { jq -r ".results[$1].median" "$work/$2.json"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

mm create -q -p "$work/first" --override-channels -c "$channel" -f "$environment" --no-pyc >/dev/null
mm env export -p "$work/first" --explicit >"$work/lock.txt"
mapfile -t packages < <(jq -r '.extracted_package_dir' "$work"/first/conda-meta/*.json)
mapfile -t archives < <(sed -n 's#^file://\([^\#]*\).*#\1#p' "$work/lock.txt")
files=$(find "${packages[@]}" -type f | wc -l)

hyperfine -N --style none --warmup 5 --runs 200 --export-json "$work/start.json" \
  /bin/true "$program --version" "$program shell hook --shell bash" "$program shell activate --shell bash -p $work/first" \
  "$program run -p $work/first /bin/true" >/dev/null

# Nothing is removed between runs: ext4 does not take inodes again that were freed a moment ago, and looks at each of
# them before it finds another (recently_deleted in fs/ext4/ialloc.c), which costs several times what is measured.
cat >"$work/aside" <<'SH'
set -e
for folder; do
  [ ! -e "$folder" ] || mv "$folder" "$(mktemp -d "$folder.XXXXXX")/"
done
SH
printf '%s\n' "${packages[@]}" >"$work/packages"
cat >"$work/copy" <<'SH'
set -e
mkdir -p "$1/to"
while read -r folder; do cp -al "$folder" "$1/to/"; done <"$1/packages"
SH
hyperfine --style none --warmup 1 --runs "$RUNS" --export-json "$work/warm.json" \
  --prepare "sh $work/aside $work/to" "sh $work/copy $work" \
  --prepare "sh $work/aside $work/env" "$program --no-rc create -q -p $work/env -f $work/lock.txt --no-pyc" >/dev/null

printf '%s\n' "${archives[@]}" >"$work/archives"
cat >"$work/tools" <<'SH'
one() {
  sha256sum "$1" >/dev/null
  case $1 in
    *.conda) unzip -p "$1" 'pkg-*.tar.zst' | zstd -dqc >/dev/null ;;
    *) bzip2 -dc "$1" >/dev/null ;;
  esac
}
one "$1"
SH
hyperfine --style none --runs "$RUNS" --export-json "$work/cold.json" \
  "xargs -P $(nproc) -n 1 sh $work/tools <$work/archives" \
  --prepare "sh $work/aside $work/env $work/pkgs" \
  "CONDA_PKGS_DIRS=$work/pkgs $program --no-rc create -q -p $work/env -f $work/lock.txt --no-pyc" >/dev/null

rm -rf "$work/env" "$work/pkgs"
memory=$(CONDA_PKGS_DIRS=$work/pkgs /usr/bin/time -f %M "$program" --no-rc create -q -p "$work/env" --override-channels \
  -c "$channel" -f "$environment" --no-pyc 2>&1 >/dev/null | tail -n 1)

echo "micromamba, $(stat -c %s "$program") bytes; ${#packages[@]} packages, $files files; $(nproc) cores"
echo
echo '| start | time |'
echo '|---|---:|'
names=('/bin/true' '--version' 'shell hook' 'shell activate' 'run /bin/true')
# The backticks are Markdown.
# shellcheck disable=SC2016
for index in "${!names[@]}"; do
  printf '| `%s` | %.2f ms |\n' "${names[$index]}" "$(awk -v s="$(time_of "$index" start)" 'BEGIN { print s * 1000 }')"
done
echo
echo '| install of a lock, without .pyc | micromamba | tools | ratio |'
echo '|---|---:|---:|---:|'
# shellcheck disable=SC2016
printf '| warm cache, against `cp -al` | %.3f s | %.3f s | %s |\n' "$(time_of 1 warm)" "$(time_of 0 warm)" "$(ratio "$(time_of 1 warm)" "$(time_of 0 warm)")"
# shellcheck disable=SC2016
printf '| cold cache, against `zstd -d` and sha256sum on all cores | %.3f s | %.3f s | %s |\n' "$(time_of 1 cold)" "$(time_of 0 cold)" "$(ratio "$(time_of 1 cold)" "$(time_of 0 cold)")"
echo
echo "Peak memory of solving and installing: $((memory / 1024)) MiB"
