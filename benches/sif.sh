#!/usr/bin/env bash
# A SIF file of an archive: mambox convert against `apptainer build`, in turn. Time, temporary disk beside the result,
# peak memory of the largest process. Arguments: see lib.sh. IMAGE=FILE.tar measures that docker-archive instead.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need python3 apptainer

image=${IMAGE:-$WORK/sif-image.tar}
[ -n "${IMAGE:-}" ] || bash -c "$(mambox_build "$ENVIRONMENT" "$WORK/sif-cache" "$image")" >/dev/null
python3 - "$RUNS" "$WORK/sif" "$MAMBOX" "$image" <<'PY'
import os, resource, shutil, statistics, subprocess, sys, threading, time

runs, work, mambox, image = int(sys.argv[1]), *sys.argv[2:]
out = os.path.join(work, "out.sif")

def usage(folder):
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(at, name)).st_blocks * 512
            except OSError:
                pass
    return total

def measure(command):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, "tmp"))
    peak, done = [0], threading.Event()
    def watch():
        while not done.wait(0.05):
            peak[0] = max(peak[0], usage(work))
    watcher = threading.Thread(target=watch)
    watcher.start()
    folders = {name: os.path.join(work, "tmp") for name in ("TMPDIR", "APPTAINER_TMPDIR", "APPTAINER_CACHEDIR")}
    begun = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **folders}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    elapsed = time.monotonic() - begun
    done.set()
    watcher.join()
    assert status == 0, command
    size = os.stat(out).st_size
    return elapsed, max(0, peak[0] - size), used.ru_maxrss * 1024, size

commands = {
    "mambox, zstd:3": [mambox, "convert", "-q", "--cache-dir", os.path.join(work, "tmp"), image, out],
    "mambox, gzip:6": [mambox, "convert", "-q", "--cache-dir", os.path.join(work, "tmp"), "--sif-compression", "gzip", image, out],
    "apptainer build": ["apptainer", "build", out, "docker-archive:" + image],
}
figures = {name: [] for name in commands}
for _ in range(runs):
    for name, command in commands.items():
        figures[name].append(measure(command))
mib = lambda n: f"{n / 2**20:.0f} MiB"
base = statistics.mean(one[0] for one in figures["apptainer build"])
print(f"SIF of {os.path.basename(image)}, {mib(os.stat(image).st_size)} ({os.cpu_count()} cores; mean of {runs})\n")
print("| | time | ratio | temporary disk | peak memory | file |\n|---|---:|---:|---:|---:|---:|")
for name, all in figures.items():
    elapsed = statistics.mean(one[0] for one in all)
    disk, memory, size = (max(one[n] for one in all) for n in (1, 2, 3))
    print(f"| {name} | {elapsed:.2f} s | {elapsed / base:.2f} | {mib(disk)} | {mib(memory)} | {mib(size)} |")
shutil.rmtree(work)
PY
