//! Numbers and foreign text, for people.

use std::time::Duration;

/// Text from an image, a package or a server: control characters (line breaks excepted) are escaped, so that
/// it cannot steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    let harmless = |c: char| c == '\n' || (!c.is_control() && !is_bidirectional_control(c));
    if text.chars().all(harmless) {
        return text.to_owned();
    }
    text.chars().flat_map(|c| if harmless(c) { vec![c] } else { c.escape_unicode().collect() }).collect()
}

/// The same on one line.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).replace('\n', "\\n")
}

/// Characters that make text look like other text.
fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `812 B`, `4.1 kB`, `61.2 MB`: decimal, as Docker counts.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `0.12 s`, `2.3 s`, `1 min 12 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 0.995 => format!("{s:.2} s"),
        s if s < 59.95 => format!("{s:.1} s"),
        s => format!("{} min {} s", s.round() as u64 / 60, s.round() as u64 % 60),
    }
}

/// `1 layer`, `2 layers`.
pub(crate) fn count(number: impl TryInto<u64>, thing: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0, 999, 1000, 4100, 999_949, 999_950, 61_200_000, 7_000_000_000].map(bytes);
        assert_eq!(shown.join(", "), "0 B, 999 B, 1.0 kB, 4.1 kB, 999.9 kB, 1.0 MB, 61.2 MB, 7.0 GB");
        let shown = [120, 2345, 59_960, 72_000].map(|ms| seconds(Duration::from_millis(ms)));
        assert_eq!(shown.join(", "), "0.12 s, 2.3 s, 1 min 0 s, 1 min 12 s");
        assert_eq!(count(1_usize, "layer") + ", " + &count(0_u64, "layer"), "1 layer, 0 layers");
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(clean("plain ünïcode\nline"), "plain ünïcode\nline");
        assert_eq!(clean("a\u{1b}[31m\r\u{202e}b"), "a\\u{1b}[31m\\u{d}\\u{202e}b");
        assert_eq!(clean_line("a\nb"), "a\\nb");
    }
}
