//! Where requirements say that distributions are looked for.

use std::path::Path;

use mambox_env::expand_variables;
use url::Url;

use crate::{error::PipError, reader::Requirements, request::PipRequest};

/// Options with a value, and their short forms.
const OPTIONS: [(&str, Option<&str>); 4] = [
    ("--index-url", Some("-i")),
    ("--extra-index-url", None),
    ("--find-links", Some("-f")),
    ("--trusted-host", None),
];
/// The one without a value.
const NO_INDEX: &str = "--no-index";

/// The options of a pip section that say where distributions are looked for (`--index-url`, `--extra-index-url`,
/// `--no-index`, `--find-links` and `--trusted-host`), so that other requirements can be looked for at the same places: one
/// line each, `--option value`, in order, those of files that it includes with `-r` too.
///
/// They mean what they mean to uv. Files that are included with `-c` have no say, nor have those that these include. A relative path of
/// `--find-links` starts at the folder of the file that names it, one of an index at [`PipRequest::folder`]; here both are absolute
/// where that folder is. `${NAME}` stays as it is written. There is one `--index-url` at most, since uv refuses two that differ.
///
/// # Errors
/// Where an included file cannot be read, a hash cannot be checked, or there is too much of it.
pub fn index_options(request: &PipRequest<'_>) -> Result<Vec<String>, PipError> {
    Ok(Requirements::read(request)?.index_options)
}

/// Adds the options of a line that stands in a file of that folder.
pub(crate) fn add(options: &mut Vec<String>, line: &str, folder: &Path, request: &PipRequest<'_>) {
    let mut rest = line;
    // These two may have another option behind them.
    while let Some((flag, behind)) =
        [NO_INDEX, "--require-hashes"].iter().find_map(|flag| Some((*flag, behind(rest, flag)?)))
    {
        if flag == NO_INDEX {
            options.push(NO_INDEX.to_owned());
        }
        rest = behind;
    }
    let Some((option, written)) = valued(rest) else { return };
    if option == "--index-url" && options.iter().any(|line| behind(line, option).is_some()) {
        return;
    }
    let folder = if option == "--find-links" { folder } else { request.folder };
    let is_place = option != "--trusted-host";
    let value = if is_place { place(written, folder, request) } else { written.to_owned() };
    options.push(format!("{option} {value}"));
}

/// What follows a word at the begin of a line.
fn behind<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// The long name of an option, and its value without quotes. `-iURL` is pip's spelling alone.
fn valued(line: &str) -> Option<(&'static str, &str)> {
    let (option, rest) = OPTIONS.iter().find_map(|(long, short)| {
        let after_long = line.strip_prefix(long).filter(|rest| rest.starts_with(['=', ' ', '\t']));
        let rest = after_long.or_else(|| line.strip_prefix((*short)?))?;
        Some((*long, rest))
    })?;
    let value = rest.strip_prefix('=').unwrap_or(rest).trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then_some((option, value))
}

/// A URL or an absolute path as it is, and a relative path behind its folder.
fn place(written: &str, folder: &Path, request: &PipRequest<'_>) -> String {
    let value = |name: &str| request.variables.get(name).cloned();
    let is_relative = |expanded: String| {
        let is_url = expanded.contains("://") || expanded.starts_with("file:");
        !is_url && Path::new(&expanded).is_relative()
    };
    // Without the value of its variable it leads nowhere for uv, too.
    if !expand_variables(written, &value).is_ok_and(is_relative) {
        return written.to_owned();
    }
    // uv reads up to a `#`, but not an encoded one.
    let is_odd = folder.to_str().is_none_or(|text| text.contains(['#', '\n', '\r']));
    match Url::from_directory_path(folder) {
        Ok(url) if is_odd => format!("{url}{written}"),
        _ => folder.join(written).display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use mambox_env::{Libc, WheelTarget};
    use proptest::prelude::*;
    use rattler_conda_types::Subdir;

    use super::*;

    /// The options of a section in a folder, one a line; its name is replaced.
    fn told(folder: &Path, lines: &[&str]) -> String {
        let requirements: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        let target = WheelTarget {
            python: (3, 13),
            free_threaded: false,
            platform: Subdir::Linux64,
            libc: Libc::None,
        };
        let variables = [("LINKS", "wheels"), ("INDEX", "https://four.example.invalid/simple")];
        let request = PipRequest {
            file: "environment.yml",
            requirements: &requirements,
            folder,
            target: &target,
            installed: &[],
            no_build: false,
            variables: &variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            cache_dir: folder,
            offline: true,
        };
        let told = match index_options(&request) {
            Ok(options) => options.join("\n"),
            Err(error) => error.to_string(),
        };
        told.replace(&folder.display().to_string(), "[folder]")
    }

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("sub")).expect("a folder");
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).expect("a file");
        }
        folder
    }

    #[test]
    fn every_spelling_becomes_one() {
        let lines = [
            "-i 'https://one.example.invalid/simple'  # why",
            "--extra-index-url=https://two.example.invalid/${TOKEN}/simple",
            "-fhttps://three.example.invalid/links#part",
            "--extra-index-url ${INDEX}",
            "--require-hashes --no-index --find-links\t/abs/links",
            "-f=./with space\n--find-links \"${LINKS}/x\"",
            "-f \\\n ../up",
            "--find-links ${NOWHERE}/links",
            "--find-links file:links",
            "--trusted-host one.example.invalid:8080",
            "--only-binary :all:",
            "--find-links-of-mine x",
            "--index-urls x",
            "-f",
            "--pre",
            "-e ./x",
            "lib --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
        ];
        insta::assert_snapshot!(told(project(&[]).path(), &lines), @"
        --index-url https://one.example.invalid/simple
        --extra-index-url https://two.example.invalid/${TOKEN}/simple
        --find-links https://three.example.invalid/links#part
        --extra-index-url ${INDEX}
        --no-index
        --find-links /abs/links
        --find-links [folder]/./with space
        --find-links [folder]/${LINKS}/x
        --find-links [folder]/../up
        --find-links ${NOWHERE}/links
        --find-links file:links
        --trusted-host one.example.invalid:8080
        ");
        insta::assert_snapshot!(told(project(&[]).path(), &["-ihttps://me:${PW}@one.example.invalid/"]), @"--index-url https://me:${PW}@one.example.invalid/");
    }

    #[test]
    fn included_files_have_their_say_and_constraints_have_none() {
        let project = project(&[
            (
                "sub/more.txt",
                "lib\n--find-links ./links\n--extra-index-url ./index\n-r deep.txt\n-c limits.txt\n",
            ),
            ("sub/deep.txt", "--index-url https://deep.example.invalid/simple\n"),
            ("sub/limits.txt", "--no-index\n-r unheard.txt\n"),
            ("sub/unheard.txt", "--extra-index-url https://unheard.example.invalid/simple\n"),
        ]);
        let lines = ["-f links", "-r sub/more.txt", "--extra-index-url https://last.example.invalid/simple"];
        insta::assert_snapshot!(told(project.path(), &lines), @"
        --find-links [folder]/links
        --find-links [folder]/sub/./links
        --extra-index-url [folder]/./index
        --index-url https://deep.example.invalid/simple
        --extra-index-url https://last.example.invalid/simple
        ");
        insta::assert_snapshot!(told(project.path(), &["-r absent.txt"]), @"
        environment.yml: its pip requirements name what is not there, or is no Python project:
        -r absent.txt: cannot read [folder]/absent.txt: No such file or directory (os error 2)
        Relative paths start at the folder of the file that names them
        ");
    }

    /// uv takes one `--index-url`, also where several files have the same.
    #[test]
    fn the_index_is_named_once() {
        let project = project(&[("same.txt", "-i https://one.example.invalid/simple\n")]);
        let lines = ["-r same.txt", "--index-url https://one.example.invalid/simple", "-r same.txt"];
        assert_eq!(told(project.path(), &lines), "--index-url https://one.example.invalid/simple");
    }

    #[test]
    fn a_folder_whose_name_would_end_the_line_is_a_url() {
        let project = project(&[]);
        let folder = project.path().join("c# of\nmine");
        let line = told(&folder, &["-f links"]).replace(&project.path().display().to_string(), "[project]");
        assert_eq!(line, "--find-links file://[project]/c%23%20of%0Amine/links");
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic_and_each_becomes_one_line(line in "(-i|-f|--no-index|--find-links)[ =\"'#/:$\\{\\}\\PC]{0,30}") {
            let lines = told(Path::new("/folder"), &[&line]);
            prop_assert!(lines.lines().count() <= 40);
            for line in lines.lines() {
                prop_assert!(line.starts_with("--"), "{}", line);
            }
        }
    }
}
