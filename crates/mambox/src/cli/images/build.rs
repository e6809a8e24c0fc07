use clap::Args;
use mambox_images::{Family, FamilyImage, FamilyRequest};
use mambox_transport::{EngineChoice, Output};
use serde_json::json;

use super::family::{FamilyArgs, SelectionArgs, SourceArgs};
use crate::cli::options::output::{parse_output, parse_tag};
use crate::cli::options::{NetworkArgs, network_wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{Table, bytes};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  mambox images build --base debian13-slim --load
  mambox images build -o oci:family
  mambox images build --push --commit HEAD";

/// Build images of the family
///
/// Each is its pinned base with the account, the entry programs and micromamba on top, the same to the byte for everybody.
/// Nothing is run. Without an output the digests are computed only.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    family: FamilyArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// The account's name, instead of that of the family
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The account's id
    #[arg(long, value_name = "ID")]
    uid: Option<u32>,
    /// The id of the account's group
    #[arg(long, value_name = "ID")]
    gid: Option<u32>,
    /// Write the images: oci:DIR for all, or FILE.tar for a single one; may be repeated
    #[arg(short, long = "output", value_name = "oci:DIR|FILE.tar|…")]
    outputs: Vec<String>,
    /// Push each image to the family's repository, under all of its tags
    #[arg(long)]
    push: bool,
    /// Load each image, for this machine's platform, into Docker or podman
    #[arg(long)]
    load: Option<Option<Engine>>,
    /// Use this repository instead of the family's, as in localhost:5000/micromamba
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// Add the tags of this commit: its name, or HEAD or another reference of git
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

/// A container engine on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    /// Docker, else podman
    Auto,
    /// Docker
    Docker,
    /// Podman
    Podman,
}

/// An image that was written.
struct Written {
    image: FamilyImage,
    names: Vec<String>,
}

impl BuildArgs {
    pub(super) fn run(mut self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let file = self.family.file(machine)?;
        let mut state = self.family.state(machine)?;
        self.apply(&mut state.family);
        if self.load.is_some() && self.selection.platforms.is_empty() {
            self.selection.platforms.push(values::platform_of_machine());
        }
        let outputs =
            self.outputs.iter().map(|written| parse_output(written)).collect::<Result<Vec<_>, _>>()?;
        let commit = match &self.commit {
            Some(commit) => Some(self.family.repository(machine)?.commit(commit)?),
            None => None,
        };
        let mut context = session.context(network_wishes(&self.network))?;
        context.transport.engine.engine = self.engine();
        let selection = self.selection.selection();
        let request = FamilyRequest { state, selection, sources: self.sources.sources(&file, machine)? };
        let family = &request.state.family;
        let images = session.block_on(mambox_images::build(&request, &context))?;
        self.check_outputs(&outputs, images.len())?;
        let mut written = Vec::new();
        for image in images {
            let names = names(family, &image, commit.as_deref());
            for output in self.places(&outputs, &names)? {
                let work = mambox_images::write(&image, &output, &names, &context);
                session.block_on(work)?;
            }
            written.push(Written { image, names });
        }
        match (self.json, session.console.quiet()) {
            (true, _) => session.console.json(&written.iter().map(as_json).collect::<Vec<_>>())?,
            (false, true) => {
                let digests = written.iter().map(|one| format!("{}\n", one.image.contents.digest()));
                session.console.result(&digests.collect::<String>())?;
            }
            (false, false) => session.console.result(&table(&written))?,
        }
        Ok(Outcome::Yes)
    }

    /// Settings of the command line in the place of the family's.
    fn apply(&self, family: &mut Family) {
        let user = &mut family.user;
        user.name.clone_from(self.user.as_ref().unwrap_or(&user.name.clone()));
        user.uid = self.uid.unwrap_or(user.uid);
        user.gid = self.gid.unwrap_or(user.gid);
        family.repository.clone_from(self.repository.as_ref().unwrap_or(&family.repository.clone()));
    }

    fn engine(&self) -> EngineChoice {
        match self.load.flatten() {
            None | Some(Engine::Auto) => EngineChoice::Auto,
            Some(Engine::Docker) => EngineChoice::Docker,
            Some(Engine::Podman) => EngineChoice::Podman,
        }
    }

    /// Only a layout holds several images; a file would be written over by each.
    fn check_outputs(&self, outputs: &[Output], images: usize) -> Result<(), Failure> {
        let single = outputs.iter().find(|output| !matches!(output, Output::OciLayout { tag: None, .. }));
        match single {
            Some(output) if images > 1 => Err(Failure::usage(
                format!("{images} images cannot all be written to {output}"),
                "choose one with --base, or write them to a layout: -o oci:DIR",
            )),
            _ => Ok(()),
        }
    }

    /// Where one image goes.
    fn places(&self, outputs: &[Output], names: &[String]) -> Result<Vec<Output>, Failure> {
        let mut places = outputs.to_vec();
        let Some(first) = names.first() else { return Ok(places) };
        if self.push {
            places.push(Output::Registry(parse_tag(first)?));
        }
        if self.load.is_some() {
            places.push(Output::Daemon(first.clone()));
        }
        Ok(places)
    }
}

/// All names of an image.
fn names(family: &Family, image: &FamilyImage, commit: Option<&str>) -> Vec<String> {
    let tags = family.base(&image.base).map(|base| family.tags(base, commit)).unwrap_or_default();
    tags.iter().map(|tag| format!("{}:{tag}", family.repository)).collect()
}

fn as_json(written: &Written) -> serde_json::Value {
    let image = |image: &mambox_oci::Image| {
        json!({
            "platform": image.platform(),
            "digest": image.digest(),
            "config_digest": image.manifest().config.digest,
            "size": image.size(),
        })
    };
    let images: Vec<_> = written.image.contents.images().iter().map(image).collect();
    json!({
        "base": written.image.base,
        "digest": written.image.contents.digest(),
        "images": images,
        "names": written.names,
    })
}

fn table(written: &[Written]) -> String {
    let mut table = Table::default();
    for one in written {
        for image in one.image.contents.images() {
            let (platform, size) = (image.platform().to_string(), bytes(image.size()));
            table.row([one.image.base.clone(), platform, image.digest().to_string(), size]);
        }
    }
    table.render()
}
