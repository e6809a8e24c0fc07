//! Every command and option that the reference marks M has a row.

use std::collections::BTreeSet;

use crate::{rows, words};

/// Section 2: the subcommand's words, and its M options.
const M: &[(&str, &str)] = &[
    (
        "",
        "-r -p -n -v --log-level -q -y --json --offline --dry-run --download-only --rc-file --no-rc --no-env --version",
    ),
    (
        "install",
        "-f -c --override-channels --channel-priority --strict-channel-priority --platform --no-deps --only-deps \
         --freeze-installed --force-reinstall --no-pin --no-py-pin --copy --always-copy --always-softlink --pyc --no-pyc \
         --allow-uninstall --allow-downgrade --ssl-verify --cacert-path",
    ),
    (
        "create",
        "-f -c --override-channels --channel-priority --strict-channel-priority --platform --no-deps --only-deps --no-pin \
         --no-py-pin --copy --always-copy --always-softlink --pyc --no-pyc --allow-uninstall --allow-downgrade --ssl-verify \
         --cacert-path",
    ),
    ("env create", "-f -c -n -p"),
    ("run", "-n -p -r -e --cwd"),
    ("shell hook", "-s -r"),
    ("shell activate", "-s -r -p -n"),
    ("shell deactivate", "-s"),
    ("shell reactivate", "-s"),
    ("shell init", "-s -r -p"),
    ("clean", "-a -i -p -t -l -f --trash"),
    ("env export", "-e --md5 --no-md5 --no-build --from-history"),
    ("env list", "--json"),
    ("info", "-e --base --json"),
    ("list", "-f --no-pip --explicit --md5 --sha256 --canonical --export --json"),
    ("config set", "--file --env"),
    ("config append", "--file --env"),
    ("config prepend", "--file --env"),
    ("config get", "--file --env --system"),
    ("config list", "-s -a -d -l -g"),
    ("activate", ""),
    ("deactivate", ""),
];

#[test]
fn every_m_flag_is_in_a_row() {
    let commands: Vec<Vec<String>> = rows::all().iter().map(|row| words::split(row.command)).collect();
    let mut missing = Vec::new();
    for (subcommand, options) in M {
        let path: Vec<&str> = subcommand.split_whitespace().collect();
        let of_it: Vec<_> = commands.iter().filter(|words| is_of(words, &path)).collect();
        if of_it.is_empty() {
            missing.push((*subcommand).to_owned());
        }
        let covered = |option: &str| of_it.iter().any(|words| words.iter().any(|word| word == option));
        missing
            .extend(options.split_whitespace().filter(|o| !covered(o)).map(|o| format!("{subcommand} {o}")));
    }
    assert!(missing.is_empty(), "no row has: {missing:#?}");
}

/// Whether the words of the subcommand follow one another.
fn is_of(words: &[String], path: &[&str]) -> bool {
    path.is_empty() || words.windows(path.len()).any(|window| window.iter().zip(path).all(|(a, b)| a == b))
}

#[test]
fn rows_have_names_of_their_own() {
    let mut names = BTreeSet::new();
    let twice: Vec<_> = rows::all().iter().map(|row| row.id).filter(|id| !names.insert(*id)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
