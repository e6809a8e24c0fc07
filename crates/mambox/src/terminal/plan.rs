//! Which layers a build would make.

use std::fmt::Write as _;

use mambox_build::{PlanReport, PlannedLayer};

use super::style::Style;
use super::table::Table;
use super::text::{bytes, clean_line, count};

/// The plans of all platforms as text; `explain` adds the reasons.
pub(crate) fn plan(reports: &[PlanReport], explain: bool, style: Style) -> String {
    let plans: Vec<String> = reports.iter().map(|report| one(report, explain, style)).collect();
    plans.join("\n")
}

fn one(report: &PlanReport, explain: bool, style: Style) -> String {
    let cached = report.layers.iter().filter(|layer| layer.cached).count();
    let packages: usize = report.layers.iter().map(|layer| layer.packages.len()).sum();
    let layers = count(report.layers.len(), "layer");
    let mut text = format!(
        "{}: {layers} for {}, {cached} in the cache\n",
        style.bold(&report.platform),
        count(packages, "package")
    );
    match explain {
        true => explained(&mut text, &report.layers, style),
        false => text += &overview(&report.layers),
    }
    if !report.conflicts.is_empty() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{}", style.bold("paths that several packages own"));
        for conflict in &report.conflicts {
            let _ = writeln!(text, "  {}", clean_line(conflict));
        }
    }
    text
}

fn overview(layers: &[PlannedLayer]) -> String {
    let mut table = Table::indented(2).right(&[0, 1]);
    for (index, layer) in layers.iter().enumerate() {
        let state = if layer.cached { "cached" } else { "to make" };
        let mut names: Vec<String> = layer.packages.iter().map(|package| clean_line(package)).collect();
        if names.len() > 3 {
            let more = names.len() - 2;
            names.truncate(2);
            names.push(format!("and {more} more"));
        }
        table.row([(index + 1).to_string(), bytes(layer.package_bytes), state.into(), names.join(", ")]);
    }
    table.render()
}

fn explained(text: &mut String, layers: &[PlannedLayer], style: Style) {
    for (index, layer) in layers.iter().enumerate() {
        let state = if layer.cached { "cached" } else { "to make" };
        let _ = writeln!(text, "\n  {}  {}, {state}", style.bold(index + 1), bytes(layer.package_bytes));
        for package in &layer.packages {
            let _ = writeln!(text, "     {}", clean_line(package));
        }
        let _ = writeln!(text, "     {} {}", style.dim("why:"), clean_line(&layer.reason));
        let _ = writeln!(text, "     {} {}", style.dim("key:"), layer.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::{Digest, Platform};

    fn report() -> PlanReport {
        let layer = |packages: &[&str], cached, reason: &str| PlannedLayer {
            key: Digest::of(reason.as_bytes()),
            packages: packages.iter().map(|package| (*package).to_owned()).collect(),
            package_bytes: 1_234_567,
            cached,
            reason: reason.into(),
        };
        PlanReport {
            platform: Platform::linux("amd64"),
            layers: vec![
                layer(&["python-3.13.1-h_0"], true, "large enough for a layer of its own"),
                layer(&["a-1-0", "b-1-0", "c-1-0", "d-1-0"], false, "small packages share the last layer"),
            ],
            conflicts: vec!["bin/x: a-1-0 wins over b-1-0".into()],
        }
    }

    #[test]
    fn an_overview_names_the_first_packages() {
        insta::assert_snapshot!(plan(&[report()], false, Style::PLAIN), @r"
        linux/amd64: 2 layers for 5 packages, 1 in the cache
          1  1.2 MB  cached   python-3.13.1-h_0
          2  1.2 MB  to make  a-1-0, b-1-0, and 2 more

        paths that several packages own
          bin/x: a-1-0 wins over b-1-0
        ");
    }

    #[test]
    fn an_explanation_gives_every_package_its_reason() {
        insta::assert_snapshot!(plan(&[report()], true, Style::PLAIN), @r"
        linux/amd64: 2 layers for 5 packages, 1 in the cache

          1  1.2 MB, cached
             python-3.13.1-h_0
             why: large enough for a layer of its own
             key: sha256:2ffe026942664195205ae695d5fda8de22d824996bde996cb5215be27ec1f934

          2  1.2 MB, to make
             a-1-0
             b-1-0
             c-1-0
             d-1-0
             why: small packages share the last layer
             key: sha256:dc2b11aead7711f78dd046ad5ff79a8e4e26e1584aaa60a166205e28fcda7180

        paths that several packages own
          bin/x: a-1-0 wins over b-1-0
        ");
    }
}
