//! What the command finds on the machine: variables, folders, terminals. Nothing else in mambox looks for them.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::terminal::Style;

/// The surroundings, read once.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    variables: BTreeMap<String, String>,
    /// Absolute.
    pub(crate) current_dir: PathBuf,
    /// `HOME`, else what the system's accounts say.
    pub(crate) home: Option<PathBuf>,
    /// The folder of this program.
    pub(crate) program_dir: Option<PathBuf>,
    /// Processors that we may use.
    pub(crate) processors: usize,
    /// Whether somebody looks at stdout.
    pub(crate) stdout_terminal: bool,
    /// Whether somebody looks at stderr.
    pub(crate) stderr_terminal: bool,
}

impl Machine {
    /// Looks around. Variables that are no Unicode are left out.
    pub(crate) fn of_process() -> Result<Self, Failure> {
        #[allow(clippy::disallowed_methods, reason = "this is the one place that may")]
        let current_dir = std::env::current_dir().map_err(Failure::io("read", "the current folder"))?;
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self {
            variables,
            current_dir,
            home: std::env::home_dir().filter(|home| home.is_absolute()),
            program_dir: std::env::current_exe()
                .ok()
                .and_then(|program| Some(program.parent()?.to_path_buf())),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// A variable's value; a set but empty one counts as unset.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of these variables that is set.
    pub(crate) fn first_var(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.var(name)).map(str::to_owned)
    }

    /// A variable that names a file or folder, absolute.
    pub(crate) fn path_var(&self, name: &str) -> Option<PathBuf> {
        self.var(name).map(|path| self.current_dir.join(path))
    }

    /// All variables whose names begin so; empty values included.
    pub(crate) fn vars_that_begin(&self, prefix: &str) -> BTreeMap<String, String> {
        let wanted = self.variables.iter().filter(|(name, _)| name.starts_with(prefix));
        wanted.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Every variable, for `${NAME}` in environment files.
    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// An XDG base folder, or its default below the home folder. The specification has relative ones ignored.
    pub(crate) fn xdg(&self, variable: &str, default: &str) -> Option<PathBuf> {
        let set = self.var(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        set.or_else(|| self.home.as_ref().map(|home| home.join(default)))
    }

    /// Where the caches are: the option, `MAMBOX_CACHE_DIR`, `$XDG_CACHE_HOME/mambox`, `~/.cache/mambox`.
    pub(crate) fn cache_dir(&self, option: Option<&PathBuf>) -> Result<PathBuf, Failure> {
        let chosen = option.map(|path| self.current_dir.join(path));
        let chosen = chosen.or_else(|| self.path_var("MAMBOX_CACHE_DIR"));
        let chosen = chosen.or_else(|| Some(self.xdg("XDG_CACHE_HOME", ".cache")?.join("mambox")));
        chosen.ok_or_else(|| {
            Failure::usage("there is no home folder, hence no place for the cache", "add --cache-dir FOLDER")
        })
    }

    /// Files that may be `mambox-init`: what `MAMBOX_INIT` names, else those beside this program and in the
    /// folder of programs that only programs call (FHS 4.7).
    pub(crate) fn entry_programs(&self) -> Vec<PathBuf> {
        self.programs("MAMBOX_INIT", "mambox-init")
    }

    /// Files that may be the micromamba for inside an image, likewise; `MAMBOX_MICROMAMBA` names one.
    pub(crate) fn micromambas(&self) -> Vec<PathBuf> {
        self.programs("MAMBOX_MICROMAMBA", "micromamba")
    }

    fn programs(&self, variable: &str, name: &str) -> Vec<PathBuf> {
        if let Some(file) = self.path_var(variable) {
            return vec![file];
        }
        let folders = self.program_dir.iter().flat_map(|dir| [dir.clone(), dir.join("../libexec/mambox")]);
        folders.map(|folder| folder.join(name)).collect()
    }

    /// `SOURCE_DATE_EPOCH` (reproducible-builds.org).
    pub(crate) fn source_date_epoch(&self) -> Result<Option<i64>, Failure> {
        let Some(text) = self.var("SOURCE_DATE_EPOCH") else { return Ok(None) };
        let wrong = |_| {
            Failure::usage(
                format!("SOURCE_DATE_EPOCH is '{text}', which is no number of seconds"),
                "set it to seconds since 1970, such as $(git log -1 --format=%ct), or unset it",
            )
        };
        text.parse().map(Some).map_err(wrong)
    }

    /// How results are styled.
    pub(crate) fn out_style(&self) -> Style {
        Style::new(self.stdout_terminal && self.wants_colour())
    }

    /// How messages are styled.
    pub(crate) fn err_style(&self) -> Style {
        Style::new(self.stderr_terminal && self.wants_colour())
    }

    /// Whether bars can be drawn on stderr.
    pub(crate) fn can_draw(&self) -> bool {
        self.stderr_terminal && self.var("TERM") != Some("dumb")
    }

    fn wants_colour(&self) -> bool {
        self.var("NO_COLOR").is_none() && self.var("TERM") != Some("dumb")
    }
}

#[cfg(test)]
impl Machine {
    /// A machine that has only these variables.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        Self {
            variables: variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            current_dir: "/work dir".into(),
            home: Some("/home/me".into()),
            program_dir: Some("/usr/bin".into()),
            processors: 2,
            stdout_terminal: true,
            stderr_terminal: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_has_four_possible_places() {
        let place = |variables: &[(&str, &str)], option: Option<&str>| {
            let option = option.map(PathBuf::from);
            Machine::with(variables).cache_dir(option.as_ref()).unwrap().display().to_string()
        };
        assert_eq!(place(&[], None), "/home/me/.cache/mambox");
        assert_eq!(place(&[("XDG_CACHE_HOME", "/xdg")], None), "/xdg/mambox");
        assert_eq!(place(&[("XDG_CACHE_HOME", "relative")], None), "/home/me/.cache/mambox");
        assert_eq!(place(&[("XDG_CACHE_HOME", "/xdg"), ("MAMBOX_CACHE_DIR", "c")], None), "/work dir/c");
        assert_eq!(place(&[("MAMBOX_CACHE_DIR", "c")], Some("o")), "/work dir/o");
        let homeless = Machine { home: None, ..Machine::with(&[]) };
        assert!(homeless.cache_dir(None).is_err());
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        assert_eq!(Machine::with(&[]).source_date_epoch().unwrap(), None);
        assert_eq!(Machine::with(&[("SOURCE_DATE_EPOCH", "17")]).source_date_epoch().unwrap(), Some(17));
        assert!(Machine::with(&[("SOURCE_DATE_EPOCH", "yesterday")]).source_date_epoch().is_err());
    }

    #[test]
    fn colour_needs_a_terminal_and_no_objection() {
        assert_eq!(Machine::with(&[]).out_style(), Style::new(true));
        assert_eq!(Machine::with(&[("NO_COLOR", "1")]).out_style(), Style::PLAIN);
        assert_eq!(Machine::with(&[("NO_COLOR", "")]).out_style(), Style::new(true));
        assert_eq!(Machine::with(&[("TERM", "dumb")]).err_style(), Style::PLAIN);
        assert_eq!(Machine { stdout_terminal: false, ..Machine::with(&[]) }.out_style(), Style::PLAIN);
    }

    #[test]
    fn overrides_keep_empty_values() {
        let machine =
            Machine::with(&[("CONDA_OVERRIDE_CUDA", ""), ("CONDA_OVERRIDE_GLIBC", "2.28"), ("X", "y")]);
        let shown = format!("{:?}", machine.vars_that_begin("CONDA_OVERRIDE_"));
        assert_eq!(shown, r#"{"CONDA_OVERRIDE_CUDA": "", "CONDA_OVERRIDE_GLIBC": "2.28"}"#);
    }
}
