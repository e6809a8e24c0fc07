//! `search` and `repoquery`.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row("search", "§2: search", "search -c {channel} leaf")
            .says(&["Name", "Version", "leaf", "2.0", "leaf", "1.1", "leaf", "1.0"]),
        row("search-disk", "§2: search, on disk", "search -c {channel} 'leaf >=2'")
            .on_disk()
            .says(&["2.0"])
            .silent(&["1.1"]),
        row("search-glob", "§2: search", "search -c {channel} 'wants-*'").says(&["wants-new"]),
        row("search-none", "§2: search", "search -c {channel} no-such-package")
            .exit(1)
            .warns(&["no-such-package"]),
        row("search-json", "§3 --json", "search --json -c {channel} leaf")
            .length("/result/pkgs", 3)
            .json("/result/pkgs/0/version", "2.0"),
        row("repoquery-search", "§2: repoquery", "repoquery search -c {channel} branch").says(&["branch"]),
        row("repoquery-depends", "§2: repoquery", "repoquery depends -c {channel} branch").says(&["leaf"]),
        row("repoquery-whoneeds", "§2: repoquery", "repoquery whoneeds -c {channel} leaf")
            .says(&["wants-new", "1.0"])
            .silent(&["trunk "]),
        row("repoquery-local", "§2: repoquery", "repoquery search --local -n base leaf")
            .before("install -q -n base -c {channel} leaf=1.0")
            .says(&["1.0"])
            .silent(&["2.0"]),
        row("search-missing", "§3: missing arguments: 106", "search").exit(106),
    ]
}

#[test]
fn search() {
    check(&rows());
}
