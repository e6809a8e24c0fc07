//! The command line: one file for each subcommand, whose doc comment is its help text.

mod build;
mod cache;
mod completions;
mod convert;
mod diff;
mod images;
mod inspect;
mod lock;
mod options;
mod plan;
mod test;
mod verify;

use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Style};
use clap::{Args, Parser, Subcommand};

use crate::exit::{self, Outcome};
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::ProgressMode;

/// Reproducible container images from conda environments, without a container engine and without root
#[derive(Debug, Parser)]
#[command(
    name = "mambox",
    version,
    max_term_width = 100,
    styles = styles(),
    disable_help_subcommand = true,
    after_long_help = exit::HELP
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every subcommand.
#[derive(Debug, Args)]
#[command(next_help_heading = "General")]
pub(crate) struct GlobalArgs {
    /// Print the bare result only; warnings and errors still go to stderr
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// How progress is shown on stderr
    #[arg(long, global = true, value_name = "MODE", default_value = "auto", hide_possible_values = false)]
    pub(crate) progress: ProgressMode,
    /// Keep packages and layers here instead of $MAMBOX_CACHE_DIR or $XDG_CACHE_HOME/mambox
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Build(Box<build::BuildArgs>),
    Lock(Box<lock::LockArgs>),
    Plan(Box<plan::PlanArgs>),
    Inspect(inspect::InspectArgs),
    Convert(convert::ConvertArgs),
    Diff(diff::DiffArgs),
    Verify(verify::VerifyArgs),
    Test(test::TestArgs),
    Images(images::ImagesArgs),
    Cache(cache::CacheArgs),
    Completions(completions::CompletionsArgs),
}

impl Command {
    /// Does what was asked for.
    pub(crate) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        match self {
            Self::Build(args) => args.run(session),
            Self::Lock(args) => args.run(session),
            Self::Plan(args) => args.run(session),
            Self::Inspect(args) => args.run(session),
            Self::Convert(args) => args.run(session),
            Self::Diff(args) => args.run(session),
            Self::Verify(args) => args.run(session),
            Self::Test(args) => args.run(session),
            Self::Images(args) => args.run(session),
            Self::Cache(args) => args.run(session),
            Self::Completions(args) => args.run(session),
        }
    }
}

fn styles() -> Styles {
    Styles::styled()
        .header(Style::new().bold())
        .usage(Style::new().bold())
        .literal(AnsiColor::Green.on_default())
        .error(AnsiColor::Red.on_default().bold())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_has_examples() {
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            let name = command.get_name().to_owned();
            let examples = help.matches(&format!("\n  mambox {name}")).count();
            assert!(examples >= 2, "{name} has {examples} examples:\n{help}");
        }
    }

    #[test]
    fn headings_of_the_help() {
        let help = Cli::command().term_width(90).render_long_help().to_string();
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(help.join("\n"), @"
        Reproducible container images from conda environments, without a container engine and
        without root

        Usage: mambox [OPTIONS] <COMMAND>

        Commands:
          build        Build an image from an environment
          lock         Solve an environment, and write down exactly what it is
          plan         Show which layers a build would make
          inspect      Show what is in an image: packages, sizes, layers, variables
          convert      Write an existing image in another form: as a SIF file for Apptainer, an
                       archive, a layout, …
          diff         Show what differs between two images, and how much someone with the old one
                       must pull
          verify       Make an image again from the lock inside it, and compare
          test         Try images of the micromamba family by everything that they promise
          images       Build, test, plan and tag a family of base images for Dockerfiles
          cache        Show or clean the cache of packages, layers and base images
          completions  Print a shell's completion script

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        General:
          -q, --quiet
                  Print the bare result only; warnings and errors still go to stderr

              --progress <MODE>
                  How progress is shown on stderr

                  Possible values:
                  - auto:  Bars on a terminal, plain lines elsewhere
                  - plain: A line for each finished step
                  - json:  A JSON object for each event, one a line; errors, too
                  - none:  Warnings only

                  [default: auto]

              --cache-dir <FOLDER>
                  Keep packages and layers here instead of $MAMBOX_CACHE_DIR or
                  $XDG_CACHE_HOME/mambox

        Exit codes:
            0  done, or the answer is yes
            1  the answer is no (verify, test, images, inspect --check, diff --exit-code)
            2  the command line or an input file is at fault
            3  the environment cannot be solved
            4  a channel, registry or engine cannot be reached, or refuses
            5  something fetched or read is damaged, forged or dangerous
            6  this machine is at fault: full disk, missing permission
            7  not supported yet
          130  interrupted
        ");
        let build =
            Cli::command().find_subcommand_mut("build").unwrap().clone().render_long_help().to_string();
        let headings: Vec<&str> =
            build.lines().filter(|line| line.ends_with(':') && !line.starts_with(' ')).collect();
        insta::assert_snapshot!(headings.join("\n"), @r"
        Options:
        Environment:
        pip packages:
        Channels:
        Output:
        Image:
        Layers:
        Scripts of packages:
        Network and machine:
        Examples:
        ");
    }
}
