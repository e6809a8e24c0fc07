//! Replaces one key in the text of a YAML file and leaves the rest to the letter.

use serde_yaml::{Mapping, Value as Yaml};

use crate::render;

/// `text` (which holds `document`) with `key` set to `value`, or without it. The text is edited where it has the key on
/// a line of its own; the result is read back, and if it is not what was meant the document is written anew.
pub(crate) fn replace_entry(text: &str, document: &Mapping, key: &str, value: Option<&Yaml>) -> String {
    let mut wanted = document.clone();
    match value {
        Some(value) => drop(wanted.insert(key.into(), value.clone())),
        None => drop(wanted.shift_remove(key)),
    }
    let edited = splice(text, document.get(key), key, value);
    let read = serde_yaml::from_str::<Option<Mapping>>(&edited).map(Option::unwrap_or_default);
    if read.is_ok_and(|read| same(&read, &wanted)) { edited } else { written(&wanted) }
}

/// Equal but for the type of scalars: `- 2024` stays as it is though its value is text to us.
fn same(read: &Mapping, wanted: &Mapping) -> bool {
    fn texts(value: &Yaml) -> Yaml {
        match value {
            Yaml::Sequence(items) => Yaml::Sequence(items.iter().map(texts).collect()),
            Yaml::Number(_) | Yaml::Bool(_) => render::text_of(value).into(),
            value => value.clone(),
        }
    }
    read.len() == wanted.len()
        && read.iter().all(|(key, value)| wanted.get(key).is_some_and(|wanted| texts(value) == texts(wanted)))
}

fn written(document: &Mapping) -> String {
    let simple = document.keys().all(Yaml::is_string);
    if simple {
        let text: String =
            document.iter().filter_map(|(key, value)| Some(render::entry(key.as_str()?, value, 0))).collect();
        if serde_yaml::from_str::<Option<Mapping>>(&text)
            .is_ok_and(|read| read.unwrap_or_default() == *document)
        {
            return text;
        }
    }
    serde_yaml::to_string(document).unwrap_or_default()
}

fn splice(text: &str, old: Option<&Yaml>, key: &str, value: Option<&Yaml>) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    match (block(&lines, key), value) {
        (Some((start, end)), value) => {
            let new = value.map(|value| block_text(&lines[start..end], old, key, value)).unwrap_or_default();
            [lines[..start].concat(), new, lines[end..].concat()].concat()
        }
        (None, Some(value)) => {
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            format!("{text}{gap}{}", render::entry(key, value, 0))
        }
        (None, None) => text.to_owned(),
    }
}

/// The lines of a key: its own and those below it that are indented or items of its list.
fn block(lines: &[&str], key: &str) -> Option<(usize, usize)> {
    let start = lines.iter().position(|line| header_rest(line, key).is_some())?;
    let mut end = start + 1;
    for (at, line) in lines.iter().enumerate().skip(start + 1) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            // Belongs to the key only if more of it follows.
            continue;
        }
        if !line.starts_with([' ', '\t']) && content != "-" && !content.starts_with("- ") {
            break;
        }
        end = at + 1;
    }
    Some((start, end))
}

/// What follows the colon, if the line begins with the key.
fn header_rest<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let quoted = |quote: char| line.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote);
    let rest = line.strip_prefix(key).or_else(|| quoted('"')).or_else(|| quoted('\''))?;
    let rest = rest.trim_start_matches(' ').strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])).then_some(rest)
}

/// The new lines of a key, with what can be kept of the old ones.
fn block_text(old_lines: &[&str], old: Option<&Yaml>, key: &str, value: &Yaml) -> String {
    if let (Some(Yaml::Sequence(old)), Yaml::Sequence(new)) = (old, value)
        && let Some(text) = list_text(old_lines, old, new)
    {
        return text;
    }
    let mut text = render::entry(key, value, 0);
    // A comment behind a single value stays; where the value itself has a # nobody can tell by looking at letters.
    let header = old_lines.first().copied().unwrap_or_default();
    let old_has_hash = old.is_some_and(|old| render::scalar(old).contains('#'));
    if let (1, false, Some(at)) = (old_lines.len(), old_has_hash, header.find(" #"))
        && text.matches('\n').count() == 1
    {
        let comment_start = header[..at].trim_end().len();
        text = format!("{}{}\n", text.trim_end(), header[comment_start..].trim_end());
    }
    text
}

/// A list with one item a line, where items that stay keep their lines, and the comments above and behind them.
fn list_text(lines: &[&str], old: &[Yaml], new: &[Yaml]) -> Option<String> {
    let (header, lines) = lines.split_first()?;
    let mut chunks: Vec<(usize, String)> = Vec::new();
    let mut comments = String::new();
    for line in lines {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            comments.push_str(line);
            continue;
        }
        let item = content.strip_prefix("- ").map(|_| serde_yaml::from_str::<Vec<Yaml>>(content).ok());
        if item.flatten()?.as_slice() != old.get(chunks.len()..=chunks.len())? {
            return None;
        }
        let indent = line.len() - line.trim_start().len();
        let end = if line.ends_with('\n') { "" } else { "\n" };
        chunks.push((indent, format!("{}{line}{end}", std::mem::take(&mut comments))));
    }
    if chunks.len() != old.len() {
        return None;
    }
    let indent = chunks.first().map_or(2, |(indent, _)| *indent);
    let mut text = (*header).to_owned();
    for item in new {
        let known = old.iter().position(|old| render::text_of(old) == render::text_of(item));
        match known {
            Some(at) => text.push_str(&chunks[at].1),
            None => text.push_str(&render::list_item(item, indent)),
        }
    }
    Some(text)
}
