#!/usr/bin/env bash
# pipeline.sh PAYLOADS zstd|pigz OUT: decompresses, hashes and compresses every payload with command-line tools.
# This is the yardstick: the least that any builder has to do with these bytes.
set -euo pipefail
payloads=$1 compressor=$2 out=$3
case $compressor in
  zstd) compress=(zstd -q -3 -c) ;;
  pigz) compress=(pigz -6 -c) ;;
  *) echo "zstd or pigz" >&2; exit 2 ;;
esac
mkdir -p "$out"
fifo=$out/fifo
[ -p "$fifo" ] || mkfifo "$fifo"
for payload in "$payloads"/*.tar.zst; do
  name=${payload##*/}
  sha256sum <"$fifo" >"$out/$name.sha256" &
  zstd -q -dc "$payload" | tee "$fifo" | "${compress[@]}" >"$out/$name.$compressor"
  wait
done
