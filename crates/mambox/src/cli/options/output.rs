//! Where the image goes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mambox_build::BuildReport;
use mambox_transport::{EngineChoice, Output, Reference, RegistryReference, SifSettings};
use serde_json::{Map, Value, json};

use super::sif::SifArgs;
use crate::failure::Failure;
use crate::project_file::ProjectFile;
use crate::write_file::write_atomically;

/// A container engine on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// Docker, else podman
    Auto,
    /// Docker
    Docker,
    /// Podman
    Podman,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// The image's name, such as ghcr.io/me/app:1; may be repeated
    #[arg(short, long = "tag", value_name = "NAME[:TAG]")]
    tags: Vec<String>,
    /// Write the image; may be repeated
    ///
    /// FILE.tar loads in Docker, podman and Apptainer. FILE.sif and sif:FILE are for Apptainer alone, and start
    /// at once; oras://NAME pushes one. oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE and docker://NAME
    /// are skopeo's words; rootfs:FOLDER and rootfs:FILE.tar hold the bare file tree.
    #[arg(short, long = "output", value_name = "FILE.tar|FILE.sif|oci:DIR|…")]
    outputs: Vec<String>,
    /// Push to the registry of each --tag; or to the registry named here, with --push=oras://NAME as a SIF file
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    push: Option<String>,
    /// Load into the local Docker or podman, under each --tag
    #[arg(long, value_name = "ENGINE", num_args = 0..=1, require_equals = true, default_missing_value = "auto")]
    load: Option<Engine>,
    /// Write the digests as JSON, in the shape of docker buildx's file of that name
    #[arg(long, value_name = "FILE")]
    metadata_file: Option<PathBuf>,
    /// Write the image ID, or for several platforms the index's digest
    #[arg(long, value_name = "FILE")]
    iidfile: Option<PathBuf>,
    #[command(flatten)]
    sif: SifArgs,
}

impl OutputArgs {
    /// The image's names.
    pub(crate) fn tags(&self, file: &ProjectFile) -> Result<Vec<String>, Failure> {
        let tags = super::list_or(&self.tags, &file.tag);
        tags.iter().try_for_each(|tag| parse_tag(tag).map(drop))?;
        Ok(tags)
    }

    /// The engine to load into.
    pub(crate) fn engine(&self) -> EngineChoice {
        match self.load {
            None | Some(Engine::Auto) => EngineChoice::Auto,
            Some(Engine::Docker) => EngineChoice::Docker,
            Some(Engine::Podman) => EngineChoice::Podman,
        }
    }

    /// How SIF files are written, by so many threads.
    pub(crate) fn sif(&self, threads: usize) -> SifSettings {
        self.sif.settings(threads)
    }

    /// Every place to write to, none twice.
    pub(crate) fn outputs(&self, tags: &[String]) -> Result<Vec<Output>, Failure> {
        let mut outputs: Vec<Output> = Vec::new();
        for written in &self.outputs {
            add(&mut outputs, parse_output(written)?);
        }
        if let Some(place) = self.push.as_deref().filter(|place| !place.is_empty()) {
            add(&mut outputs, parse_push(place)?);
        } else if self.push.is_some() {
            let first = tags.first().ok_or_else(|| nameless("--push"))?;
            let mut repositories = vec![parse_tag(first)?];
            for tag in &tags[1..] {
                let name = parse_tag(tag)?;
                let same = |other: &RegistryReference| {
                    (other.registry(), other.repository()) == (name.registry(), name.repository())
                };
                if !repositories.iter().any(same) {
                    repositories.push(name);
                }
            }
            // Further tags of a repository travel with its first one.
            repositories.into_iter().for_each(|name| add(&mut outputs, Output::Registry(name)));
        }
        if self.load.is_some() {
            let first = tags.first().ok_or_else(|| nameless("--load"))?;
            add(&mut outputs, Output::Daemon(first.clone()));
        }
        Ok(outputs)
    }

    /// Writes the files that tell programs what was built.
    pub(crate) fn record(&self, report: &BuildReport, tags: &[String]) -> Result<(), Failure> {
        if let Some(file) = &self.metadata_file {
            let text = serde_json::to_string_pretty(&metadata(report, tags)).map_err(|error| {
                Failure::Machine(format!("the metadata cannot be written as JSON: {error}"))
            })?;
            write_atomically(file, (text + "\n").as_bytes())?;
        }
        if let Some(file) = &self.iidfile {
            write_atomically(file, image_id(report).as_bytes())?;
        }
        Ok(())
    }
}

fn add(outputs: &mut Vec<Output>, output: Output) {
    if !outputs.contains(&output) {
        outputs.push(output);
    }
}

/// A place to push to: `oras://NAME`, `docker://NAME` or a bare name.
fn parse_push(place: &str) -> Result<Output, Failure> {
    match place.contains("://") {
        true => match parse_output(place)? {
            output @ (Output::Oras(_) | Output::Registry(_)) => Ok(output),
            _ => Err(Failure::usage(
                format!("'{place}' is no registry to push to"),
                "write --push=docker://NAME[:TAG] or --push=oras://NAME[:TAG]",
            )),
        },
        false => parse_tag(place).map(Output::Registry),
    }
}

/// A place to write to.
pub(crate) fn parse_output(written: &str) -> Result<Output, Failure> {
    Ok(written.parse()?)
}

/// A name for an image.
pub(crate) fn parse_tag(tag: &str) -> Result<RegistryReference, Failure> {
    let wrong = |why: String| {
        Failure::usage(
            format!("the name '{tag}' cannot be used: {why}"),
            "write NAME[:TAG], such as ghcr.io/me/app:1",
        )
    };
    let name: RegistryReference = match format!("docker://{tag}").parse::<Reference>() {
        Ok(Reference::Registry(name)) => name,
        Ok(_) => return Err(wrong("it is no image name".into())),
        Err(error) => return Err(wrong(error.to_string())),
    };
    match name.digest() {
        Some(_) => Err(wrong("a digest cannot be chosen".into())),
        None => Ok(name),
    }
}

fn nameless(option: &str) -> Failure {
    Failure::usage(
        format!("{option} needs a name for the image"),
        "add -t NAME[:TAG], such as -t ghcr.io/me/app:1",
    )
}

/// What Docker calls the image; several platforms have no single one.
fn image_id(report: &BuildReport) -> String {
    match (report.images.as_slice(), report.digest) {
        ([_, _, ..], Some(index)) => index.to_string(),
        (images, _) => images.first().map(|image| image.config_digest.to_string()).unwrap_or_default(),
    }
}

/// The keys of `docker buildx build --metadata-file` that make sense without BuildKit.
fn metadata(report: &BuildReport, tags: &[String]) -> Value {
    let mut keys = Map::new();
    if let [image] = report.images.as_slice() {
        keys.insert("containerimage.config.digest".into(), json!(image.config_digest));
    }
    if let Some(digest) = report.digest {
        keys.insert("containerimage.digest".into(), json!(digest));
    }
    if !tags.is_empty() {
        keys.insert("image.name".into(), json!(tags.join(",")));
    }
    Value::Object(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_build::ImageReport;
    use mambox_oci::{Digest, Platform};

    fn args(outputs: &[&str], push: Option<&str>, load: Option<Engine>) -> OutputArgs {
        OutputArgs {
            tags: Vec::new(),
            outputs: outputs.iter().map(|output| (*output).to_owned()).collect(),
            push: push.map(str::to_owned),
            load,
            metadata_file: None,
            iidfile: None,
            sif: SifArgs::default(),
        }
    }

    fn shown(args: &OutputArgs, tags: &[&str]) -> String {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        match args.outputs(&tags) {
            Ok(outputs) => outputs.iter().map(Output::to_string).collect::<Vec<_>>().join("\n"),
            Err(failure) => format!("{failure} (exit {})", failure.exit() as u8),
        }
    }

    #[test]
    fn push_and_load_take_the_names_and_nothing_is_written_twice() {
        let tags = ["ghcr.io/me/app:1", "ghcr.io/me/app:latest", "quay.io/me/app:1"];
        insta::assert_snapshot!(shown(&args(&["a.tar", "a.tar", "oci:out"], Some(""), Some(Engine::Auto)), &tags), @r"
        a.tar
        oci:out
        docker://ghcr.io/me/app:1
        docker://quay.io/me/app:1
        docker-daemon:ghcr.io/me/app:1
        ");
        insta::assert_snapshot!(shown(&args(&[], Some(""), None), &[]), @"--push needs a name for the image (exit 2)");
        insta::assert_snapshot!(shown(&args(&[], None, Some(Engine::Podman)), &[]), @"--load needs a name for the image (exit 2)");
        let oras = args(&["x.sif", "sif:y"], Some("oras://ghcr.io/me/app-sif:1"), None);
        insta::assert_snapshot!(shown(&oras, &[]), @"
        x.sif
        sif:y
        oras://ghcr.io/me/app-sif:1
        ");
        assert_eq!(shown(&args(&[], Some("me/app:1"), None), &[]), "docker://docker.io/me/app:1");
        insta::assert_snapshot!(shown(&args(&[], Some("oci://x"), None), &[]), @"'oci://x' is no registry to push to (exit 2)");
    }

    #[test]
    fn metadata_has_buildx_keys() {
        let image = ImageReport {
            platform: Platform::linux("amd64"),
            digest: Digest::of(b"manifest"),
            config_digest: Digest::of(b"config"),
            size: 0,
            base_size: 0,
            layers_new: 0,
            layers_reused: 0,
            layers_base: 0,
            packages: 0,
            left_out: vec![],
        };
        let mut report = BuildReport {
            digest: Some(image.digest),
            images: vec![image.clone()],
            outputs: vec![],
            elapsed: Default::default(),
        };
        let keys = |report: &BuildReport| {
            let value = metadata(report, &["a:1".into(), "b:1".into()]);
            value.as_object().unwrap().iter().map(|(k, v)| format!("{k} {v}\n")).collect::<String>()
        };
        insta::assert_snapshot!(keys(&report), @r#"
        containerimage.config.digest "sha256:b79606fb3afea5bd1609ed40b622142f1c98125abcfe89a76a661b0e8e343910"
        containerimage.digest "sha256:05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f"
        image.name "a:1,b:1"
        "#);
        assert_eq!(image_id(&report), image.config_digest.to_string());
        report.images.push(image.clone());
        assert_eq!(image_id(&report), image.digest.to_string());
        assert!(!keys(&report).contains("config.digest"));
    }
}
