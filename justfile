# The few commands people type. `just` lists them.

_default:
    @just --list

# Everything that a change has to pass.
check: fmt lint test

# Formatting, as CI wants it.
fmt:
    cargo fmt --check

# Clippy on everything, warnings are errors.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# All tests. Engines that are missing are skipped, and said to be.
test *args:
    cargo test --workspace {{ args }}

# The tests as CI runs them, with container engines (Debian, root: installs packages).
ci:
    bash .ci/run

# The static entry programs of images, into target/init/mambox-init.
init *args:
    .ci/build-static init {{ args }}

# The static package manager for inside images, into target/micromamba/micromamba.
micromamba *args:
    .ci/build-static micromamba {{ args }}

# Builds the example image and shows its digest.
hello:
    cargo run --example hello

# Licences and banned crates (needs cargo-deny).
deny:
    cargo deny check bans licenses sources

# Spelling (needs typos).
typos:
    typos

# The book, into target/book (needs mdbook).
book:
    mdbook build docs

# Time and memory against command-line tools (needs hyperfine, pigz, zstd, GNU time, valgrind).
bench *args:
    cargo build --release -p mambox
    .ci/build-static init
    benches/all.sh {{ args }}

# The package manager inside images against command-line tools (needs hyperfine, jq, zstd, unzip, GNU time).
bench-micromamba *args:
    .ci/build-static micromamba
    benches/micromamba.sh {{ args }}

# Compares plans of layers, and puts the tables into the book.
layer-study:
    cargo xtask layer-study --write docs/src/layer-study.md

# Fuzzes one target for a minute (needs cargo-fuzz and a nightly toolchain).
fuzz target:
    cargo +nightly fuzz run --fuzz-dir fuzz {{ target }} -- -max_total_time=60
