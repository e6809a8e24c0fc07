#!/usr/bin/env bash
# Bytes against seconds: the payloads of an environment's packages through each encoder and level, cut into blocks as
# layers are, and as one stream. Arguments: see lib.sh; ENCODERS is a list with commas. Prints a Markdown table.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need zstd unzip bzip2
ENCODERS=${ENCODERS:-gzip:1,gzip:2,gzip:3,gzip:4,gzip:5,gzip:6,gzip:7,gzip:8,gzip:9,zstd:1,zstd:3,zstd:6,zstd:9,zstd:12,zstd:15,zstd:19}

payloads
zstd -q --rm -d "$WORK"/payloads/*.zst
echo "Encoders on ${ENVIRONMENT##*/}: $(find "$WORK/payloads" -type f | wc -l) packages, $(mebibytes "$(cat "$WORK"/payloads/* | wc -c)") ($(machine))"
echo
(cd "$root" && cargo run -q --release -p mambox-oci --example encoders -- "$(nproc)" "$ENCODERS" "$WORK"/payloads/*)
rm -rf "$WORK/payloads"
