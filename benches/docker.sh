#!/usr/bin/env bash
# End to end against docker: `docker build` of a Dockerfile that runs our static micromamba, and `docker push`, beside
# `mambox build --push`: the same @EXPLICIT lock, the same base, packages from the same local HTTP server, the same local
# registry. Prints a Markdown table; each ratio is of one hyperfine run, ± is the standard deviation.
#
# Arguments: see lib.sh; CHANNEL must be a folder here, and its packages must run on the base.
# Environment besides: BASE_TAR (a root file system as a tar; made by mmdebstrap where it is not given), MICROMAMBA
# (target/micromamba/micromamba, as .ci/build-static micromamba makes it), PYC ("off on": a table for each).
# Needs root or the group docker, a running engine, which trusts registries on 127.0.0.1, and
# docker-registry (the program; a registry is started for the measurement and ended with it). Its images are removed in
# the end, and docker's build cache is emptied.
#
# Both sides hold the base already, in the engine or the cache, and in the registry; docker's base also holds the
# package manager. Cold: docker without build cache and mambox without anything else in its cache folder push to a
# repository that does not exist yet. Changed: both built and pushed the first lock before; the second differs in a
# package, and docker's build has its cache as far as the COPY of the lock.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need hyperfine jq docker docker-registry curl python3
MICROMAMBA=$(realpath "${MICROMAMBA:-$root/target/micromamba/micromamba}")
[ -x "$MICROMAMBA" ] || { echo "no $MICROMAMBA: run .ci/build-static micromamba, or set MICROMAMBA" >&2; exit 1; }
[ -d "$CHANNEL" ] || { echo "the channel must be a folder, which is served to both" >&2; exit 1; }
unset CONDA_OVERRIDE_GLIBC

work=$WORK/docker
rm -rf "$work"
mkdir -p "$work/context" "$work/registry"
started=()
label=mambox-bench-$$
clean_up() {
  docker images -q --filter "label=bench=$label" | sort -u | xargs -r docker rmi -f >/dev/null 2>&1 || true
  docker images --format '{{.Repository}}:{{.Tag}}' | grep -F "$label" | xargs -r docker rmi -f >/dev/null 2>&1 || true
  docker builder prune -af >/dev/null 2>&1 || true
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT

# A port that is free now, for a server that is started at once.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for() { for _ in $(seq 100); do curl -fsS -o /dev/null "$1" 2>/dev/null && return; sleep 0.1; done; echo "no answer from $1" >&2; exit 1; }
port=$(free_port)
registry=127.0.0.1:$port
printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' \
  "$work/registry" "$registry" >"$work/registry.yml"
docker-registry serve "$work/registry.yml" >/dev/null 2>&1 &
started+=($!)
wait_for "http://$registry/v2/"
port=$(free_port)
python3 -m http.server --bind 127.0.0.1 --protocol HTTP/1.1 --directory "$CHANNEL" "$port" >/dev/null 2>&1 &
started+=($!)
channel=http://127.0.0.1:$port
wait_for "$channel/noarch/repodata.json"

# The base, for both.
if [ -z "${BASE_TAR:-}" ]; then
  command -v mmdebstrap >/dev/null || { echo "set BASE_TAR to the tar of a root file system, or install mmdebstrap" >&2; exit 1; }
  BASE_TAR=$work/base.tar
  mmdebstrap --quiet --variant=minbase trixie "$BASE_TAR"
fi
base=$registry/$label/base:1
docker import -c "LABEL bench=$label" "$BASE_TAR" "$base" >/dev/null
docker push -q "$base" >/dev/null
cp "$MICROMAMBA" "$work/context/micromamba"
printf 'FROM %s\nCOPY micromamba /bin/micromamba\nENV MAMBA_ROOT_PREFIX=/opt/conda PATH=/opt/conda/bin:/usr/bin:/bin\n' "$base" \
  >"$work/context/Dockerfile"
tooled=$registry/$label/tooled:1
docker build -q -t "$tooled" "$work/context" >/dev/null
docker push -q "$tooled" >/dev/null

lock() { # ENVIRONMENT FILE
  "$MAMBOX" lock "$1" --no-config --no-rc --channel "$channel" --override-channels --base "docker://$base" \
    --platform linux/amd64 --cache-dir "$work/base-cache" --explicit -q >"$2"
}
lock "$ENVIRONMENT" "$work/first.txt"
[ -z "$CHANGED" ] || lock "$CHANGED" "$work/second.txt"
# What mambox knows of the base stays, as docker has it unpacked; repodata goes.
"$MAMBOX" convert -q --cache-dir "$work/base-cache" "docker://$base" "oci:$work/base" >/dev/null
find "$work/base-cache" -mindepth 1 -maxdepth 1 ! -name blobs ! -name tags ! -name facts -exec rm -r {} +
rm "$work/context/micromamba"

# What is measured. Each run has a number, and a repository of that name.
cat >"$work/docker" <<SH
set -e
name=$registry/$label/docker-\$(cat $(quoted "$work/run")):1
docker build -q \${2-} --network host --build-arg NO_PYC="\${1-}" -t "\$name" $(quoted "$work/context")
docker push -q "\$name"
SH
cat >"$work/context/Dockerfile" <<DOCKERFILE
FROM $tooled
ARG NO_PYC
COPY lock.txt /tmp/lock.txt
RUN micromamba install -q -y --no-rc -n base -f /tmp/lock.txt \$NO_PYC && micromamba clean -q --all --yes
DOCKERFILE
cat >"$work/mambox" <<SH
set -e
$(quoted "$MAMBOX") build $(quoted "$work/lock.txt") --no-config --no-rc --base docker://$base --platform linux/amd64 \
  --cache-dir $(quoted "$work/cache") -t $registry/$label/mambox-\$(cat $(quoted "$work/run")):1 --push -q --pyc "\$1" --compression "\$2"
SH
# Before each run: the next number, an empty or the remembered state.
cat >"$work/cold" <<SH
set -e
cd $(quoted "$work")
echo \$((\$(cat run) + 1)) >run
cp first.txt lock.txt
cp first.txt context/lock.txt
docker images --format '{{.Repository}}:{{.Tag}}' | grep -F $label/docker- | xargs -r docker rmi -f >/dev/null 2>&1 || true
rm -rf cache
cp -a base-cache cache
SH
cat >"$work/changed" <<SH
set -e
cd $(quoted "$work")
echo \$((\$(cat run) + 1)) >run
cp first.txt lock.txt
cp first.txt context/lock.txt
rm -rf cache
case \$1 in
  docker) sh docker "\$2" >/dev/null ;;
  mambox) cp -a "warm-\$3" cache && sh mambox "\$2" "\$3" >/dev/null ;;
esac
# Docker's cache knows no second lock of this number.
cp second.txt lock.txt
{ cat second.txt; echo "# \$(cat run)"; } >context/lock.txt
SH
echo 0 >"$work/run"

spread() { awk -v m="$1" -v d="$2" 'BEGIN {if (m < 1) printf "%.0f ± %.0f ms", m * 1000, d * 1000; else printf "%.2f ± %.2f s", m, d}'; }
# The quotient of two means, and its standard deviation as they are independent.
quotient() { awk -v a="$1" -v da="$2" -v b="$3" -v db="$4" 'BEGIN {r = a / b; printf "%.1f ± %.1f", r, r * sqrt((da / a) ^ 2 + (db / b) ^ 2)}'; }
rows() { # NAME REPORT: the first command of the report is docker, then come gzip and zstd
  local docker times index=0 codec
  mapfile -t docker < <(jq -r '.results[0] | .mean, .stddev' "$2")
  for codec in gzip zstd; do
    index=$((index + 1))
    mapfile -t times < <(jq -r ".results[$index] | .mean, .stddev" "$2")
    printf '| %s, %s | %s | %s | %s |\n' "$1" "$codec" "$(spread "${docker[@]}")" "$(spread "${times[@]}")" \
      "$(quotient "${docker[@]}" "${times[@]}")"
  done
}
measure() { # PYC
  local pyc=$1 no_pyc=--no-pyc codec
  [ "$pyc" = off ] || no_pyc=''
  hyperfine --style none --runs "$RUNS" --export-json "$work/cold.json" --prepare "sh $(quoted "$work/cold")" \
    "sh $(quoted "$work/docker") '$no_pyc' --no-cache" \
    "sh $(quoted "$work/mambox") $pyc gzip" "sh $(quoted "$work/mambox") $pyc zstd" >/dev/null
  rows cold "$work/cold.json"
  [ -n "$CHANGED" ] || return 0
  for codec in gzip zstd; do
    sh "$work/cold"
    sh "$work/mambox" "$pyc" "$codec" >/dev/null
    rm -rf "$work/warm-$codec"
    mv "$work/cache" "$work/warm-$codec"
  done
  hyperfine --style none --runs "$RUNS" --export-json "$work/changed.json" \
    --prepare "sh $(quoted "$work/changed") docker '$no_pyc'" "sh $(quoted "$work/docker") '$no_pyc'" \
    --prepare "sh $(quoted "$work/changed") mambox $pyc gzip" "sh $(quoted "$work/mambox") $pyc gzip" \
    --prepare "sh $(quoted "$work/changed") mambox $pyc zstd" "sh $(quoted "$work/mambox") $pyc zstd" >/dev/null
  rows 'one package changed' "$work/changed.json"
}

echo "${ENVIRONMENT##*/}, $(grep -c '^http' "$work/first.txt") packages, to a local registry ($(machine); docker" \
  "$(docker version -f '{{.Server.Version}}'), $(docker info -f '{{.Driver}}'), $("$MICROMAMBA" --version); mean of $RUNS)"
for pyc in ${PYC:-off on}; do
  echo
  echo "| \`.pyc\` files: $pyc | docker | mambox | times as fast |"
  echo '|---|---:|---:|---:|'
  measure "$pyc"
done
