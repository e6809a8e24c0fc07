use clap::Args;
use mambox_oci::Platform;

use super::options::{NetworkArgs, SifArgs, existing_image, network_wishes, output};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::convert_summary;
use crate::values;

const EXAMPLES: &str = "\
Examples:
  mambox convert ghcr.io/me/app:1 app.sif
  mambox convert app.tar oras://ghcr.io/me/app-sif:1
  mambox convert docker-daemon:app:1 oci:out --platform linux/arm64";

/// Write an existing image in another form: as a SIF file for Apptainer, an archive, a layout, …
///
/// The image need not be made by mambox. Nothing of it is unpacked on disk.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConvertArgs {
    /// A file, or an image in skopeo's words: NAME[:TAG], oci:DIR, docker-archive:FILE, docker-daemon:NAME, …
    #[arg(value_name = "IMAGE")]
    image: String,
    /// FILE.sif, FILE.tar, oci:DIR, docker://NAME, oras://NAME or another of build's outputs
    #[arg(value_name = "OUTPUT")]
    output: String,
    /// Which image of several platforms; may be repeated [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM", value_parser = values::platform, value_delimiter = ',')]
    platforms: Vec<Platform>,
    /// The name in an archive, a layout or an engine; may be repeated
    #[arg(short, long = "tag", value_name = "NAME[:TAG]")]
    tags: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sif: SifArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl ConvertArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let image = existing_image(&self.image, &session.machine)?;
        let to = output::parse_output(&self.output)?;
        self.tags.iter().try_for_each(|tag| output::parse_tag(tag).map(drop))?;
        let mut platforms: Vec<Platform> = Vec::new();
        for platform in &self.platforms {
            if !platforms.contains(platform) {
                platforms.push(platform.clone());
            }
        }
        if platforms.is_empty() {
            platforms.push(values::platform_of_machine());
        }
        let mut context = session.context(network_wishes(&self.network))?;
        context.transport.sif = self.sif.settings(context.threads);
        let work = mambox_build::convert(&image, &platforms, &to, &self.tags, &context);
        let report = session.block_on(work)?;
        match (self.json, session.console.quiet()) {
            (true, _) => session.console.json(&report)?,
            (false, true) => session.console.result(&format!("{}\n", report.output.digest))?,
            (false, false) => session.console.result(&convert_summary(&report))?,
        }
        Ok(Outcome::Yes)
    }
}
