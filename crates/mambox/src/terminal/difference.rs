//! What differs between two images.

use std::fmt::Write as _;

use mambox_build::{Difference, InspectedPackage};

use super::style::Style;
use super::table::Table;
use super::text::{bytes, clean_line, count};

/// Whether nothing differs.
pub(crate) fn is_same(difference: &Difference) -> bool {
    difference.old == difference.new
}

/// The difference as text.
pub(crate) fn difference(difference: &Difference, style: Style) -> String {
    if is_same(difference) {
        return format!("the same image: {}\n", difference.new);
    }
    let mut text = format!("{} {}\n{} {}\n", style.bad("-"), difference.old, style.good("+"), difference.new);
    let packages = packages(difference);
    if !packages.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{}\n{packages}", style.bold("packages"));
    }
    if !difference.configuration.is_empty() {
        let _ = writeln!(text, "\n{}", style.bold("configuration"));
        for line in &difference.configuration {
            let _ = writeln!(text, "  {}", clean_line(line));
        }
    }
    let _ = writeln!(
        text,
        "\n{}\n  {} shared ({}), {} to pull ({})",
        style.bold("layers"),
        count(difference.layers_shared, "layer"),
        bytes(difference.bytes_shared),
        difference.layers_to_pull,
        bytes(difference.bytes_to_pull),
    );
    text
}

fn packages(difference: &Difference) -> String {
    let mut lines: Vec<(String, [String; 3])> = Vec::new();
    let label = |package: &InspectedPackage| clean_line(&format!("{} {}", package.version, package.build));
    for package in &difference.removed {
        lines.push((package.label(), ["-".into(), clean_line(&package.label()), label(package)]));
    }
    for package in &difference.added {
        lines.push((package.label(), ["+".into(), clean_line(&package.label()), label(package)]));
    }
    for (old, new) in &difference.changed {
        let change = format!("{} -> {}", label(old), label(new));
        lines.push((new.label(), ["~".into(), clean_line(&new.label()), change]));
    }
    lines.sort();
    let mut table = Table::indented(2);
    lines.into_iter().for_each(|(_, row)| table.row(row));
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::Digest;

    fn package(name: &str, version: &str) -> InspectedPackage {
        let build = "h_0".to_owned();
        InspectedPackage {
            environment: "base".into(),
            name: name.into(),
            version: version.into(),
            build,
            channel: None,
            size: None,
        }
    }

    fn change() -> Difference {
        Difference {
            old: Digest::of(b"old"),
            new: Digest::of(b"new"),
            added: vec![package("zstd", "1.5")],
            removed: vec![package("bzip2", "1.0")],
            changed: vec![(package("python", "3.13.1"), package("python", "3.13.2"))],
            configuration: vec!["user: root -> mambauser".into()],
            layers_shared: 20,
            bytes_shared: 50_100_000,
            layers_to_pull: 3,
            bytes_to_pull: 4_200_000,
        }
    }

    #[test]
    fn packages_configuration_and_the_bytes_to_pull() {
        insta::assert_snapshot!(difference(&change(), Style::PLAIN), @r"
        - sha256:cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4
        + sha256:11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437

        packages
          -  bzip2   1.0 h_0
          ~  python  3.13.1 h_0 -> 3.13.2 h_0
          +  zstd    1.5 h_0

        configuration
          user: root -> mambauser

        layers
          20 layers shared (50.1 MB), 3 to pull (4.2 MB)
        ");
    }

    #[test]
    fn nothing() {
        let same = Difference { old: Digest::of(b"new"), ..change() };
        insta::assert_snapshot!(difference(&same, Style::PLAIN), @"the same image: sha256:11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437");
    }
}
