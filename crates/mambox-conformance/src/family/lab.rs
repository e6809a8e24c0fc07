//! An image in an engine, and what is made of it while it is tried.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::check::{FamilyCheck, Look, Who};
use super::facts::Facts;
use super::probe;
use super::survey::{Survey, survey};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::image::Image;

/// The programs that are copied into a foreign image.
const COPIED: [&str; 6] = [
    "/bin/micromamba",
    "/usr/local/bin/_activate_current_env.sh",
    "/usr/local/bin/_dockerfile_shell.sh",
    "/usr/local/bin/_entrypoint.sh",
    "/usr/local/bin/_dockerfile_initialize_user_accounts.sh",
    "/usr/local/bin/_dockerfile_setup_root_prefix.sh",
];

/// An image, or why there is none.
pub(super) type Made = Result<Image, String>;

/// What an image is derived from, and by which instructions.
type Derivation = (String, Vec<String>);

/// Another image with the programs in it.
pub(super) struct Foreign {
    pub(super) facts: Facts,
    pub(super) image: Image,
}

/// An image that is tried in an engine.
pub(super) struct Lab<'a> {
    pub(super) engine: Engine,
    pub(super) image: &'a str,
    pub(super) facts: Facts,
    rows: &'a [FamilyCheck],
    foreign_name: Option<&'a str>,
    surveys: [OnceLock<Survey>; 3],
    // Dropped in this order: images before those that they stand on.
    derived: Mutex<HashMap<Derivation, Arc<OnceLock<Made>>>>,
    foreign: OnceLock<Result<Foreign, String>>,
    probe: Made,
    context: tempfile::TempDir,
}

impl<'a> Lab<'a> {
    /// Looks at an image, and lays the probe into it where a check needs that.
    pub(super) fn new(
        engine: Engine,
        image: &'a str,
        foreign_name: Option<&'a str>,
        rows: &'a [FamilyCheck],
    ) -> Result<Self, EngineError> {
        let facts = Facts::of(engine, image)?;
        let context = probe::context()
            .map_err(|source| EngineError::Io { command: format!("{} build", engine.program()), source })?;
        let probed = rows.iter().any(|row| row.look.needs_probe() && facts.lacks(row.needs).is_none());
        let probe = if probed {
            let instructions = probe::instructions(facts.prefix(), &facts.owner());
            engine
                .derive(image, &instructions, Some(context.path()))
                .map_err(|error| format!("the probe cannot be laid into it: {error}"))
        } else {
            Err("no check was to be made that needs the probe".to_owned())
        };
        Ok(Self {
            engine,
            image,
            facts,
            rows,
            foreign_name,
            surveys: Default::default(),
            derived: Mutex::default(),
            foreign: OnceLock::new(),
            probe,
            context,
        })
    }

    /// The image with the probe in it.
    pub(super) fn probed(&self) -> Result<&Image, String> {
        self.probe.as_ref().map_err(Clone::clone)
    }

    /// What a user's container printed for a check, line by line.
    pub(super) fn surveyed(&self, who: Who, name: &str) -> Result<Vec<String>, String> {
        let survey =
            self.surveys[who as usize].get_or_init(|| survey(self.engine, self.image, self.rows, who));
        let all = survey.as_ref().map_err(Clone::clone)?;
        let own = all.iter().find(|(other, _)| *other == name);
        Ok(own.map(|(_, lines)| lines.clone()).unwrap_or_default())
    }

    /// The name of an image with these instructions on top of another; made once.
    pub(super) fn derived(&self, base: &str, instructions: &[String]) -> Result<String, String> {
        let place = {
            let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(derived.entry((base.to_owned(), instructions.to_vec())).or_default())
        };
        let make = || self.engine.derive(base, instructions, None).map_err(|error| error.to_string());
        place.get_or_init(make).as_ref().map(|image| image.name().to_owned()).map_err(Clone::clone)
    }

    /// The foreign image with the programs; none where no foreign image was named.
    pub(super) fn foreign(&self) -> Option<&Result<Foreign, String>> {
        let name = self.foreign_name?;
        Some(self.foreign.get_or_init(|| self.make_foreign(name).map_err(|error| error.to_string())))
    }

    fn make_foreign(&self, name: &str) -> Result<Foreign, EngineError> {
        let facts = Facts::of(self.engine, name)?;
        let copies = COPIED.map(|path| format!("COPY --from={} {path} {path}", self.image));
        let (user, prefix, owner) = (self.facts.user(), self.facts.prefix(), self.facts.owner());
        let (uid, gid) = owner.split_once(':').unwrap_or_default();
        let mut lines = vec![
            "USER root".to_owned(),
            format!("ENV MAMBA_USER={user} MAMBA_USER_ID={uid} MAMBA_USER_GID={gid}"),
            format!("ENV MAMBA_ROOT_PREFIX={prefix} MAMBA_EXE=/bin/micromamba"),
        ];
        lines.extend(copies);
        lines.extend([
            r#"RUN ["/usr/local/bin/_dockerfile_initialize_user_accounts.sh"]"#.to_owned(),
            r#"RUN ["/usr/local/bin/_dockerfile_setup_root_prefix.sh"]"#.to_owned(),
        ]);
        lines.extend(probe::instructions(prefix, &owner));
        lines.extend([
            format!("USER {user}"),
            "WORKDIR /tmp".to_owned(),
            r#"SHELL ["/usr/local/bin/_dockerfile_shell.sh"]"#.to_owned(),
            r#"ENTRYPOINT ["/usr/local/bin/_entrypoint.sh"]"#.to_owned(),
        ]);
        let image = self.engine.derive(name, &lines, Some(self.context.path()))?;
        Ok(Foreign { facts, image })
    }
}

impl Look {
    /// Whether it looks with the probe's programs, in the image that is tried.
    fn needs_probe(&self) -> bool {
        matches!(
            self,
            Self::Way(_)
                | Self::Run(_)
                | Self::Derived(..)
                | Self::FailingBuild(_)
                | Self::LikeWithoutEntrypoint(_)
                | Self::Apptainer(_)
        )
    }
}
