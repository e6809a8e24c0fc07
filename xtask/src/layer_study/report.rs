//! The study as Markdown.

use std::fmt::{self, Write};

use super::change::Change;
use super::statistics::Sample;
use super::strategy::Strategy;
use super::study::{Measured, Pair, measure};

/// Layers that may be used.
pub(super) const BUDGETS: [usize; 5] = [10, 20, 40, 64, 100];
/// mambox's own.
pub(super) const DEFAULT: usize = mambox_layer::LayerOptions::DEFAULT_MAX_LAYERS;

/// All tables.
pub(super) fn report(pairs: &[Pair], families: usize) -> Result<String, fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{} pairs of images out of {families} families:\n", pairs.len())?;
    for change in Change::ALL {
        writeln!(text, "- {change}: {}", of(pairs, change).count())?;
    }
    for budget in BUDGETS {
        writeln!(text, "\n### At most {budget} layers\n")?;
        plans(&mut text, pairs, budget)?;
    }
    writeln!(text, "\n### The distribution, mambox's plan, at most {DEFAULT} layers\n")?;
    distribution(&mut text, pairs)?;
    writeln!(text, "\n### Targets\n")?;
    for target in targets(pairs) {
        writeln!(text, "- {target}")?;
    }
    Ok(text)
}

fn of(pairs: &[Pair], change: Change) -> impl Iterator<Item = &Pair> {
    pairs.iter().filter(move |pair| pair.change == change)
}

fn plans(text: &mut String, pairs: &[Pair], budget: usize) -> fmt::Result {
    write!(text, "| plan |")?;
    for change in Change::ALL {
        write!(text, " {change} |")?;
    }
    writeln!(text, "\n|---|{}", "---:|".repeat(Change::ALL.len()))?;
    for strategy in Strategy::ALL {
        write!(text, "| {strategy} |")?;
        for change in Change::ALL {
            let measured = measure(of(pairs, change), strategy, budget);
            write!(
                text,
                " {} / {} |",
                percent(measured.blob_share.median()),
                percent(measured.chain_share.median())
            )?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn distribution(text: &mut String, pairs: &[Pair]) -> fmt::Result {
    writeln!(text, "| change | | 10 % | 25 % | median | 75 % | 90 % | worst |")?;
    writeln!(text, "|---|---|---:|---:|---:|---:|---:|---:|")?;
    for change in Change::ALL {
        let measured = measure(of(pairs, change), Strategy::Ours, DEFAULT);
        let Measured { blob_ratio, blob_share, chain_share, blob_layers, chain_layers } = &measured;
        row(text, &change.to_string(), "by blob, of new packages", blob_ratio, |ratio| {
            format!("{ratio:.2} ×")
        })?;
        row(text, "", "by blob, of the image", blob_share, percent)?;
        row(text, "", "by chain, of the image", chain_share, percent)?;
        row(text, "", "layers by blob", blob_layers, |layers| format!("{layers:.0}"))?;
        row(text, "", "layers by chain", chain_layers, |layers| format!("{layers:.0}"))?;
    }
    Ok(())
}

fn row(
    text: &mut String,
    change: &str,
    what: &str,
    sample: &Sample,
    show: impl Fn(f64) -> String,
) -> fmt::Result {
    write!(text, "| {change} | {what} |")?;
    for share in [0.1, 0.25, 0.5, 0.75, 0.9, 1.0] {
        write!(text, " {} |", show(sample.quantile(share)))?;
    }
    writeln!(text)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Something that mambox's plan is to reach.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) what: &'static str,
    pub(super) median: f64,
    pub(super) most: f64,
    pub(super) pairs: usize,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, median, most, pairs } = self;
        let kept = if median <= most { "holds" } else { "missed" };
        write!(f, "{what}: {median:.3}, at most {most} ({kept}; median of {pairs} pairs)")
    }
}

/// The targets, with what is reached at the default budget.
pub(super) fn targets(pairs: &[Pair]) -> Vec<Target> {
    let hundred = of(pairs, Change::Bumped).filter(|pair| (90..=110).contains(&pair.packages()));
    let bumped = measure(hundred, Strategy::Ours, DEFAULT);
    let siblings = measure(of(pairs, Change::Sibling), Strategy::Ours, DEFAULT);
    let target =
        |what, sample: &Sample, most| Target { what, median: sample.median(), most, pairs: sample.len() };
    vec![
        target("one of 100 packages bumped, by blob, bytes by those of the package", &bumped.blob_ratio, 1.2),
        target(
            "one of 100 packages bumped, by chain, bytes by those of the image",
            &bumped.chain_share,
            0.15,
        ),
        target(
            "a sibling with 90 % of its bytes in common, by blob, share to fetch",
            &siblings.blob_share,
            0.15,
        ),
        target(
            "a sibling with 90 % of its bytes in common, by chain, share to fetch",
            &siblings.chain_share,
            0.15,
        ),
    ]
}
