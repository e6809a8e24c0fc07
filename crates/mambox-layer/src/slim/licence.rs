//! Files that state a licence, which no policy leaves out: whoever passes an image on owes them to its readers.

/// How words begin that name such files: `COPYING.LIB`, `LICENSE-MIT`, `licence`, `NOTICES`, `AUTHORS`.
const BEGINS: [&str; 9] =
    ["licen", "copying", "copyright", "notice", "eula", "patents", "authors", "artistic", "perlartistic"];
/// Whole words: the folder `legal`, man pages and chapters that are a licence's text.
const WHOLE: [&str; 4] = ["legal", "unlicense", "fdl", "gfdl"];

/// Whether the name of the file, or of a folder above it, says that it is about a licence. It errs on the side of yes.
pub(super) fn is_licence(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        BEGINS.iter().any(|begin| word.starts_with(begin))
            || WHOLE.contains(&word)
            // gpl, lgpl, agpl, perlgpl; a version behind it as in gplv3.
            || word.trim_end_matches('v').ends_with("gpl")
    })
}

#[cfg(test)]
mod tests {
    use super::is_licence;

    #[test]
    fn licences_by_many_names() {
        let licences = [
            "share/doc/xz/COPYING.GPLv3",
            "share/doc/jq/AUTHORS",
            "share/doc/a/copyright",
            "share/doc/a/LICENSES/MIT.txt",
            "share/doc/a/UNLICENSE",
            "share/doc/a/THIRD-PARTY-NOTICES.html",
            "share/man/man1/perlgpl.1",
            "share/man/man1/perlartistic.1",
            "share/man/man7/gfdl.7",
            "include/a/license_1_0.txt",
            "lib/python3.13/test/LICENCE",
        ];
        let others = [
            "share/doc/xz/NEWS",
            "share/man/man1/xz.1",
            "include/boost/illegal.hpp",
            "share/doc/a/simplified",
        ];
        assert_eq!(licences.map(is_licence), [true; 11]);
        assert_eq!(others.map(is_licence), [false; 4]);
    }
}
