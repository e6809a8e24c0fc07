//! What came of rebuilding an image from its lock.

use std::fmt::Write as _;

use mambox_build::{LayerState, Verification};

use super::inspection::short;
use super::style::Style;
use super::table::Table;
use super::text::clean_line;

/// The result as text: every layer that is not as it should be, then the verdict.
pub(crate) fn verification(found: &Verification, style: Style) -> String {
    let mut table = Table::indented(2);
    for layer in &found.layers {
        let (state, detail) = match &layer.state {
            LayerState::Reproduced => ("reproduced", None),
            LayerState::Intact => ("intact", None),
            LayerState::Differs(detail) => ("DIFFERS", Some(detail)),
            LayerState::Damaged(detail) => ("DAMAGED", Some(detail)),
        };
        let detail = detail.map(|detail| format!(": {}", clean_line(detail))).unwrap_or_default();
        let name = format!("{}{detail}", clean_line(&layer.name));
        table.row([state.into(), short(&layer.digest.to_string()), name]);
    }
    let mut text = table.render();
    for line in &found.configuration {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  DIFFERS     configuration: {}", clean_line(line));
    }
    let verdict = match found.reproduced {
        true => style.good("yes: the image was made again from its lock, the same to the byte"),
        false => style.bad("no: the image is not what its lock makes"),
    };
    let _ = writeln!(text, "{verdict}\n{}", found.digest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_build::VerifiedLayer;
    use mambox_oci::Digest;

    #[test]
    fn the_layer_at_fault_is_named() {
        let layer = |name: &str, state| VerifiedLayer {
            digest: Digest::of(name.as_bytes()),
            name: name.into(),
            state,
        };
        let mut found = Verification {
            digest: Digest::of(b"image"),
            layers: vec![
                layer("base", LayerState::Intact),
                layer("zlib-1.3.1-h_0", LayerState::Reproduced),
                layer("jq-1.8-h_0", LayerState::Differs("should be sha256:1234".into())),
            ],
            configuration: vec!["Env: PATH is another".into()],
            reproduced: false,
        };
        insta::assert_snapshot!(verification(&found, Style::PLAIN), @r"
          intact      sha256:cae662172fd4  base
          reproduced  sha256:00346970b81e  zlib-1.3.1-h_0
          DIFFERS     sha256:6692b0258a27  jq-1.8-h_0: should be sha256:1234
          DIFFERS     configuration: Env: PATH is another
        no: the image is not what its lock makes
        sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d
        ");
        found.layers.pop();
        found.configuration.clear();
        found.reproduced = true;
        insta::assert_snapshot!(verification(&found, Style::PLAIN), @r"
          intact      sha256:cae662172fd4  base
          reproduced  sha256:00346970b81e  zlib-1.3.1-h_0
        yes: the image was made again from its lock, the same to the byte
        sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d
        ");
    }
}
