//! What is in an image.

use std::fmt::Write as _;

use mambox_build::{InspectedLayer, InspectedPackage, Inspection};

use super::sizes::sizes;
use super::style::Style;
use super::table::Table;
use super::text::{bytes, clean_line, count};

/// The image as text; `checked` says that looking for flaws was asked for.
pub(crate) fn inspection(image: &Inspection, checked: bool, style: Style) -> String {
    let mut text = format!("{}\n{}", style.bold(clean_line(&image.reference)), facts(image).render());
    match &image.sizes {
        Some(found) => text.push_str(&sizes(found, style)),
        None => contents(&mut text, image, style),
    }
    if checked {
        let flaws =
            image.flaws.iter().map(|flaw| format!("  {} {}\n", style.bad("-"), clean_line(flaw))).collect();
        match image.flaws.is_empty() {
            true => section(&mut text, style, "check", "  every digest and size is right\n".into()),
            false => section(&mut text, style, &count(image.flaws.len(), "flaw"), flaws),
        }
    }
    text
}

fn contents(text: &mut String, image: &Inspection, style: Style) {
    section(text, style, "environment variables", pairs(&image.env));
    let labels: Vec<_> = image.labels.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    section(text, style, "labels", pairs(&labels));
    section(text, style, "layers, bottom first", layers(&image.layers));
    section(text, style, &count(image.packages.len(), "package"), packages(&image.packages));
}

/// A heading and what is below it, if anything is.
pub(super) fn section(text: &mut String, style: Style, heading: &str, body: String) {
    if !body.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{}\n{body}", style.bold(heading));
    }
}

fn facts(image: &Inspection) -> Table {
    let words = |words: &Option<Vec<String>>| {
        words.as_ref().map(|words| clean_line(&serde_json::to_string(words).unwrap_or_default()))
    };
    let line = |text: &Option<String>| text.as_deref().map(clean_line);
    let mut table = Table::indented(2);
    table.row(["digest".into(), image.digest.to_string()]);
    table.row(["platform".into(), image.platform.to_string()]);
    table.optional("created", line(&image.created));
    table.row(["size".into(), format!("{} in {}", bytes(image.size), count(image.layers.len(), "layer"))]);
    table.optional("base", line(&image.base));
    table.optional("left out", (!image.slim.is_none()).then(|| image.slim.to_string()));
    table.optional("user", line(&image.user));
    table.optional("workdir", line(&image.workdir));
    table.optional("entrypoint", words(&image.entrypoint));
    table.optional("cmd", words(&image.cmd));
    table
}

fn pairs(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(key, value)| format!("  {}={}\n", clean_line(key), clean_line(value))).collect()
}

fn layers(layers: &[InspectedLayer]) -> String {
    let mut table = Table::indented(2).right(&[0, 1]);
    for (index, layer) in layers.iter().enumerate() {
        let what = layer.comment.as_ref().or(layer.created_by.as_ref());
        table.row([
            (index + 1).to_string(),
            bytes(layer.size),
            short(&layer.digest.to_string()),
            cut(&clean_line(what.map_or("", String::as_str)), 100),
        ]);
    }
    table.render()
}

fn packages(packages: &[InspectedPackage]) -> String {
    let mut table = Table::indented(2).right(&[3]);
    for package in packages {
        table.row([
            clean_line(&package.label()),
            clean_line(&package.version),
            clean_line(&package.build),
            package.size.map(bytes).unwrap_or_default(),
            package.channel.as_deref().map(clean_line).unwrap_or_default(),
        ]);
    }
    table.render()
}

/// The algorithm and the first twelve digits, which is what people compare.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take("sha256:".len() + 12).collect()
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::{DiffId, Digest, Platform};

    fn image() -> Inspection {
        let layer = |size, created_by: &str, comment: Option<&str>| InspectedLayer {
            digest: Digest::of(created_by.as_bytes()),
            diff_id: DiffId(Digest::of(b"tar")),
            size,
            created_by: Some(created_by.into()),
            comment: comment.map(str::to_owned),
        };
        Inspection {
            reference: "app.tar".into(),
            digest: Digest::of(b"image"),
            platform: Platform::linux("amd64"),
            created: Some("2025-01-02T03:04:05Z".into()),
            size: 61_200_000,
            base: Some("debian:13-slim".into()),
            slim: "all,-headers".parse().unwrap(),
            env: vec![("PATH".into(), "/opt/conda/bin:/usr/bin".into()), ("EVIL".into(), "\u{1b}[2J".into())],
            entrypoint: None,
            cmd: Some(vec!["python".into(), "-c".into(), "print('a b')".into()]),
            user: Some("mambauser".into()),
            workdir: None,
            labels: [("a".to_owned(), "b".to_owned())].into(),
            layers: vec![
                layer(27_100_000, "debian.sh", None),
                layer(4_100, "mambox", Some("zlib-1.3.1-h_0")),
                layer(9, &"long ".repeat(40), None),
            ],
            packages: vec![InspectedPackage {
                environment: "base".into(),
                name: "zlib".into(),
                version: "1.3.1".into(),
                build: "h_0".into(),
                channel: Some("https://conda.anaconda.org/conda-forge".into()),
                size: Some(4000),
            }],
            flaws: vec!["layer 2: the digest is another".into()],
            sizes: None,
        }
    }

    #[test]
    fn an_image_of_ours() {
        insta::assert_snapshot!(inspection(&image(), true, Style::PLAIN), @r#"
        app.tar
          digest    sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d
          platform  linux/amd64
          created   2025-01-02T03:04:05Z
          size      61.2 MB in 3 layers
          base      debian:13-slim
          left out  debug,docs,pyc-levels,static-libs,tests
          user      mambauser
          cmd       ["python","-c","print('a b')"]

        environment variables
          PATH=/opt/conda/bin:/usr/bin
          EVIL=\u{1b}[2J

        labels
          a=b

        layers, bottom first
          1  27.1 MB  sha256:f3e1a6a7ad8e  debian.sh
          2   4.1 kB  sha256:95968abae076  zlib-1.3.1-h_0
          3      9 B  sha256:2ccf63cfbd2b  long long long long long long long long long long long long long long long long long long long long …

        1 package
          zlib  1.3.1  h_0  4.0 kB  https://conda.anaconda.org/conda-forge

        1 flaw
          - layer 2: the digest is another
        "#);
    }

    #[test]
    fn a_bare_image_shows_no_empty_sections() {
        let bare = Inspection {
            created: None,
            base: None,
            slim: Default::default(),
            env: vec![],
            cmd: None,
            user: None,
            labels: Default::default(),
            layers: vec![],
            packages: vec![],
            flaws: vec![],
            size: 0,
            ..image()
        };
        insta::assert_snapshot!(inspection(&bare, true, Style::PLAIN), @r"
        app.tar
          digest    sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d
          platform  linux/amd64
          size      0 B in 0 layers

        check
          every digest and size is right
        ");
    }
}
