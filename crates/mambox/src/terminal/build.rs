//! The closing summary of a build.

use mambox_build::{BuildReport, ImageReport, OutputReport, PolicySavings};

use super::table::Table;
use super::text::{bytes, clean_line, count, seconds};

/// What was built, how big it is, where it is now.
pub(crate) fn build_summary(report: &BuildReport) -> String {
    let mut table = Table::default();
    if let Some(digest) = report.digest {
        table.row(["digest".into(), digest.to_string()]);
    }
    match report.images.as_slice() {
        [image] => single(&mut table, image, report.digest.is_some()),
        images => {
            for image in images {
                table.row([image.platform.to_string(), image.digest.to_string()]);
                let packages = count(image.packages, "package");
                table.row([String::new(), format!("{packages}, {}", size(image))]);
                table.row([String::new(), format!("layers {}", layers(image))]);
                left_out(image)
                    .into_iter()
                    .for_each(|line| table.row([String::new(), format!("left out {line}")]));
            }
        }
    }
    for (index, output) in report.outputs.iter().enumerate() {
        table.row([if index == 0 { "wrote" } else { "" }.into(), written(output, report)]);
    }
    if report.outputs.is_empty() {
        table.row(["wrote".into(), "nothing; to keep the image, add -o FILE.tar, --push or --load".into()]);
    }
    table.row(["time".into(), seconds(report.elapsed)]);
    table.render()
}

/// For engines alone the environment is not compressed, so that its bytes are no measure of what a registry holds.
fn single(table: &mut Table, image: &ImageReport, compressed: bool) {
    table.row(["image ID".into(), image.config_digest.to_string()]);
    table.row(["platform".into(), image.platform.to_string()]);
    let plain = if compressed { "" } else { ", environment not compressed" };
    table.row(["size".into(), size(image) + plain]);
    table.row(["layers".into(), layers(image)]);
    table.row(["packages".into(), image.packages.to_string()]);
    for (index, line) in left_out(image).into_iter().enumerate() {
        table.row([if index == 0 { "left out" } else { "" }.into(), line]);
    }
}

/// A line for each slim policy.
fn left_out(image: &ImageReport) -> Vec<String> {
    let line = |saved: &PolicySavings| match saved.files {
        0 => format!("{}: nothing", saved.policy),
        files => format!("{}: {} in {}", saved.policy, bytes(saved.bytes), count(files, "file")),
    };
    image.left_out.iter().map(line).collect()
}

fn size(image: &ImageReport) -> String {
    let own = image.size.saturating_sub(image.base_size);
    format!("{} (base {}, environment {})", bytes(image.size), bytes(image.base_size), bytes(own))
}

fn layers(image: &ImageReport) -> String {
    let ImageReport { layers_new, layers_reused, layers_base, .. } = image;
    let packages = layers_new + layers_reused;
    format!("{layers_base} of the base, {packages} of packages: {layers_new} new, {layers_reused} reused")
}

fn written(output: &OutputReport, report: &BuildReport) -> String {
    let mut text = clean_line(&output.reference);
    if report.digest.is_some_and(|digest| digest != output.digest) {
        text += &format!(" as {}", output.digest);
    }
    if let Some(remark) = &output.remark {
        text += &format!(": {}", clean_line(remark));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_build::SlimPolicy;
    use mambox_oci::{Digest, Platform};
    use std::time::Duration;

    fn image(architecture: &str) -> ImageReport {
        ImageReport {
            platform: Platform::linux(architecture),
            digest: Digest::of(architecture.as_bytes()),
            config_digest: Digest::of(b"config"),
            size: 61_200_000,
            base_size: 27_100_000,
            layers_new: 4,
            layers_reused: 18,
            layers_base: 1,
            packages: 45,
            left_out: vec![],
        }
    }

    fn report(images: Vec<ImageReport>, outputs: Vec<OutputReport>) -> BuildReport {
        BuildReport {
            digest: Some(Digest::of(b"whole")),
            images,
            outputs,
            elapsed: Duration::from_millis(2345),
        }
    }

    #[test]
    fn one_platform_and_two_outputs() {
        let output = |reference: &str, what: &[u8], remark: Option<&str>| OutputReport {
            reference: reference.into(),
            digest: Digest::of(what),
            remark: remark.map(str::to_owned),
        };
        let outputs = vec![
            output("app.tar", b"whole", None),
            output("docker://ghcr.io/me/np:1", b"whole", Some("3 blobs uploaded (4.1 MB), 60 already there")),
            output("docker-archive:old.tar", b"other", None),
        ];
        insta::assert_snapshot!(build_summary(&report(vec![image("amd64")], outputs)), @r"
        digest    sha256:5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099
        image ID  sha256:b79606fb3afea5bd1609ed40b622142f1c98125abcfe89a76a661b0e8e343910
        platform  linux/amd64
        size      61.2 MB (base 27.1 MB, environment 34.1 MB)
        layers    1 of the base, 22 of packages: 4 new, 18 reused
        packages  45
        wrote     app.tar
                  docker://ghcr.io/me/np:1: 3 blobs uploaded (4.1 MB), 60 already there
                  docker-archive:old.tar as sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
        time      2.3 s
        ");
    }

    #[test]
    fn what_was_left_out_has_a_line_for_each_policy() {
        let saved = |policy, files, bytes| PolicySavings { policy, files, bytes };
        let left_out = vec![
            saved(SlimPolicy::Docs, 312, 4_100_000),
            saved(SlimPolicy::Headers, 1, 70),
            saved(SlimPolicy::Tests, 0, 0),
        ];
        let image = ImageReport { left_out, ..image("amd64") };
        let mut table = Table::default();
        single(&mut table, &image, true);
        insta::assert_snapshot!(table.render().lines().skip(4).collect::<Vec<_>>().join("\n"), @r"
        packages  45
        left out  docs: 4.1 MB in 312 files
                  headers: 70 B in 1 file
                  tests: nothing
        ");
    }

    #[test]
    fn an_index_and_no_output() {
        insta::assert_snapshot!(build_summary(&report(vec![image("amd64"), image("arm64")], vec![])), @r"
        digest       sha256:5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099
        linux/amd64  sha256:5861314d7fccb39c2192173240eab44fa35ca66426201ca2acd0630a6258dd51
                     45 packages, 61.2 MB (base 27.1 MB, environment 34.1 MB)
                     layers 1 of the base, 22 of packages: 4 new, 18 reused
        linux/arm64  sha256:f69162950f235e3cdbbad33f1f912d1a504be90d8a37d002c735d6f3e3882265
                     45 packages, 61.2 MB (base 27.1 MB, environment 34.1 MB)
                     layers 1 of the base, 22 of packages: 4 new, 18 reused
        wrote        nothing; to keep the image, add -o FILE.tar, --push or --load
        time         2.3 s
        ");
    }
}
