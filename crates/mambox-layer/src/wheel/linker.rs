//! One wheel, from its archive into a layer's tar.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use mambox_link::Python;
use sha2::{Digest, Sha256};

use super::archive::WheelArchive;
use super::members::{Member, Members};
use super::metadata::{self, WheelMetadata};
use super::names::{normalise, same_version};
use super::plan::Wheel;
use super::record::{self, Check, Installed, Listed};
use super::script::Head;
use super::targets::{Place, Rules, Target, Targets, targets};
use crate::archive::damaged;
use crate::error::Problem;
use crate::install_prefix::Prefix;
use crate::layer_tar::{Fault, LayerTar};
use crate::link::{Compiling, Made, PackageSummary};
use crate::pyc::Compile;
use crate::slim::{Savings, SlimPolicies};

/// As the directories around them: group 0 may write.
const FILE_MODE: u32 = 0o664;
const EXECUTABLE_MODE: u32 = 0o775;
/// Who put the distribution there (recording installed distributions, "The INSTALLER file").
const INSTALLER: &[u8] = b"mambox\n";
const BUFFER: usize = 128 * 1024;

/// What decides how a wheel is linked, besides the wheel.
pub(super) struct WheelContext<'a> {
    pub(super) prefix: &'a Prefix,
    pub(super) python: &'a Python,
    /// Destinations that belong to another wheel.
    pub(super) masked: &'a BTreeSet<String>,
    /// What is left out of it.
    pub(super) slim: SlimPolicies,
    /// Makes `.pyc` files, if there are to be some.
    pub(super) compiler: Option<&'a dyn Compile>,
}

/// Writes a wheel's files in the order of its archive, then its entry points and INSTALLER, its `.pyc` files and RECORD.
pub(super) fn link<W: Write>(
    context: &WheelContext<'_>,
    wheel: &Wheel,
    archive: &WheelArchive,
    tar: &mut LayerTar<W>,
) -> Result<PackageSummary, Fault> {
    let mut members = archive.open()?;
    let metadata = metadata::read(&mut members, archive.file_name())?;
    agree(wheel, &metadata)?;
    let listed = Listed::read(&mut members, &metadata.info)?;
    let files = std::mem::take(&mut members.files);
    let rules = Rules { python: context.python, masked: context.masked, slim: (&wheel.name, context.slim) };
    let targets = targets(&files, &metadata, rules)?;
    let mut linker = Linker {
        shebang: context.python.shebang(context.prefix.as_str()),
        info: &metadata.info,
        members,
        listed,
        installed: Vec::with_capacity(files.len()),
        compiling: context.compiler.map(|compiler| Compiling::new(compiler, context.prefix)),
        savings: Savings::default(),
        buffer: vec![0; BUFFER],
        tar,
    };
    for (member, target) in files.iter().zip(&targets.files) {
        linker.member(member, target)?;
    }
    linker.generated(context, &targets, metadata.mtime)?;
    linker.finish(context, &targets, metadata.mtime, archive.file_name())
}

/// The wheel must be what the lock means.
fn agree(wheel: &Wheel, metadata: &WheelMetadata) -> Result<(), Problem> {
    if normalise(&metadata.name) == wheel.name && same_version(&metadata.version, &wheel.version) {
        return Ok(());
    }
    let claim = format!("it is {} {}", metadata.name, metadata.version);
    let truth = format!("the lock means {} {}", wheel.name, wheel.version);
    Err(Problem::Lie { path: "METADATA".into(), claim, truth })
}

struct Linker<'a, 'w, W> {
    /// Of scripts that python is to run.
    shebang: String,
    info: &'a str,
    members: Members,
    listed: Listed,
    installed: Vec<Installed>,
    compiling: Option<Compiling<'a>>,
    savings: Savings,
    buffer: Vec<u8>,
    tar: &'w mut LayerTar<W>,
}

impl<W: Write> Linker<'_, '_, W> {
    /// Writes one file of the archive, or only checks it.
    fn member(&mut self, member: &Member, target: &Target) -> Result<(), Fault> {
        let below = member.path.strip_prefix(self.info);
        if matches!(below, Some("/RECORD" | "/RECORD.jws" | "/RECORD.p7s")) {
            return Ok(());
        }
        let check = self.listed.check(&member.path)?;
        match target {
            Target::LeftOut(policy) => {
                if let Some(policy) = policy {
                    self.savings.count(*policy, member.size);
                }
                self.only_check(member, check)
            }
            Target::Installed(place) => {
                if let Some(compiling) = &self.compiling {
                    compiling.watch(place.pyc.as_deref(), self.tar);
                }
                self.file(member, place, check)?;
                if let Some(compiling) = &mut self.compiling {
                    compiling.take(&place.destination, place.pyc.as_deref(), self.tar)?;
                }
                Ok(())
            }
        }
    }

    fn only_check(&mut self, member: &Member, mut check: Check) -> Result<(), Fault> {
        let mut content = self.members.content(member)?;
        loop {
            match content.read(&mut self.buffer).map_err(damaged)? {
                0 => return Ok(check.finish()?),
                read => check.update(&self.buffer[..read]),
            }
        }
    }

    fn file(&mut self, member: &Member, place: &Place, mut check: Check) -> Result<(), Fault> {
        let mut content = self.members.content(member)?;
        let head = match place.is_script {
            true => Head::read(&mut content, &member.path, &self.shebang)?,
            false => Head::default(),
        };
        let size = member.size - head.before.len() as u64 + head.after.len() as u64;
        let mode = if place.is_script || member.executable { EXECUTABLE_MODE } else { FILE_MODE };
        self.tar.begin_file(&place.destination, mode, member.mtime, size)?;
        let mut sha256 = Sha256::new();
        check.update(&head.before);
        sha256.update(&head.after);
        self.tar.write_all(&head.after).map_err(Fault::Sink)?;
        loop {
            let read = content.read(&mut self.buffer).map_err(damaged)?;
            if read == 0 {
                break;
            }
            let bytes = &self.buffer[..read];
            check.update(bytes);
            sha256.update(bytes);
            self.tar.write_all(bytes).map_err(Fault::Sink)?;
        }
        self.tar.end_file()?;
        check.finish()?;
        self.installed.push(Installed::new(&place.destination, sha256, size));
        Ok(())
    }

    /// Writes the entry points and INSTALLER.
    fn generated(
        &mut self,
        context: &WheelContext<'_>,
        targets: &Targets<'_>,
        mtime: u64,
    ) -> Result<(), Fault> {
        for (path, entry_point) in &targets.scripts {
            let text = context.python.entry_point_script(context.prefix.as_str(), entry_point);
            self.whole(path, EXECUTABLE_MODE, mtime, text.as_bytes())?;
        }
        match &targets.installer {
            Some(path) => self.whole(path, FILE_MODE, mtime, INSTALLER),
            None => Ok(()),
        }
    }

    fn whole(&mut self, path: &str, mode: u32, mtime: u64, content: &[u8]) -> Result<(), Fault> {
        self.tar.file(path, mode, mtime, content)?;
        let sha256 = Sha256::new_with_prefix(content);
        self.installed.push(Installed::new(path, sha256, content.len() as u64));
        Ok(())
    }

    /// Writes the `.pyc` files and RECORD.
    fn finish(
        self,
        context: &WheelContext<'_>,
        targets: &Targets<'_>,
        mtime: u64,
        file_name: &str,
    ) -> Result<PackageSummary, Fault> {
        let Self { mut installed, compiling, savings, tar, .. } = self;
        let made = compiling.map(|compiling| compiling.finish(tar)).transpose()?.unwrap_or_default();
        let bytes = installed.iter().filter_map(|file| file.content).map(|(_, size)| size);
        let bytes = bytes.fold(made.bytes, u64::saturating_add);
        installed.extend(made.files.iter().map(|path| Installed { path: path.clone(), content: None }));
        if let Some(path) = &targets.record {
            let text = record::render(&installed, path, &context.python.site_packages);
            tar.file(path, FILE_MODE, mtime, text.as_bytes())?;
        }
        let Made { files, failed, .. } = made;
        Ok(PackageSummary {
            file_name: file_name.to_owned(),
            files: installed.len() as u64,
            bytes,
            compiled: files.len() as u64,
            uncompiled: failed,
            left_out: savings,
        })
    }
}
