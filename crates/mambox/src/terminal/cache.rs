//! What the caches hold.

use mambox_build::{CacheInfo, CachePart};

use super::style::Style;
use super::table::Table;
use super::text::{bytes, clean_line};

/// The contents as text.
pub(crate) fn cache_contents(info: &CacheInfo, style: Style) -> String {
    format!("{}\n{}", style.bold(clean_line(&info.path)), parts(info))
}

/// What was removed, as text.
pub(crate) fn cache_removed(removed: &CacheInfo) -> String {
    match removed.parts.iter().all(|part| part.entries == 0) {
        true => "nothing to remove\n".into(),
        false => format!("removed from {}\n{}", clean_line(&removed.path), parts(removed)),
    }
}

fn parts(info: &CacheInfo) -> String {
    let mut table = Table::indented(2).right(&[1, 2]);
    let mut row = |part: &CachePart| {
        table.row([clean_line(&part.name), part.entries.to_string(), bytes(part.bytes)]);
    };
    info.parts.iter().for_each(&mut row);
    let (entries, bytes) =
        info.parts.iter().fold((0, 0), |sum, part| (sum.0 + part.entries, sum.1 + part.bytes));
    row(&CachePart { name: "total".into(), entries, bytes });
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_their_sum() {
        let part = |name: &str, entries, bytes| CachePart { name: name.into(), entries, bytes };
        let mut info = CacheInfo {
            path: "/home/me/.cache/mambox".into(),
            parts: vec![part("packages", 45, 61_200_000), part("layers", 120, 1_500_000_000)],
        };
        insta::assert_snapshot!(cache_contents(&info, Style::PLAIN), @r"
        /home/me/.cache/mambox
          packages   45  61.2 MB
          layers    120   1.5 GB
          total     165   1.6 GB
        ");
        insta::assert_snapshot!(cache_removed(&info), @r"
        removed from /home/me/.cache/mambox
          packages   45  61.2 MB
          layers    120   1.5 GB
          total     165   1.6 GB
        ");
        info.parts = vec![part("layers", 0, 0)];
        assert_eq!(cache_removed(&info), "nothing to remove\n");
    }
}
