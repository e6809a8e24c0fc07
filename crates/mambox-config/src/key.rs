//! What a configuration key is.

use crate::value::Value;

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`, in any of YAML 1.1's spellings, and 0 or 1.
    Bool,
    /// A whole number.
    Int,
    /// Any text.
    Text,
    /// A path; `~` is the home directory.
    Path,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text or a truth value, which becomes the text `true` or `false`: `ssl_verify`.
    TextOrBool,
    /// `strict`, `flexible`, `disabled`, or from old files true for flexible and false for disabled.
    Priority,
    /// Texts; in a variable they are separated by commas.
    List,
    /// Match specs; in a variable separated by `&` or commas.
    Specs,
    /// Paths; in a variable separated by commas or colons.
    Paths,
    /// Texts by name; a variable holds a YAML mapping.
    Map,
    /// Lists by name; a variable holds a YAML mapping.
    ListMap,
}

impl Kind {
    /// Whether values of several sources are joined, not chosen among.
    pub fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Specs | Self::Paths)
    }

    /// What is expected, for messages.
    pub fn expected(self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Text => "text".to_owned(),
            Self::TextOrBool => "true, false or a path".to_owned(),
            Self::Priority => "strict, flexible or disabled".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::List | Self::Specs => "a list of text".to_owned(),
            Self::Paths => "a list of paths".to_owned(),
            Self::Map => "names and values".to_owned(),
            Self::ListMap => "names and lists".to_owned(),
        }
    }
}

/// A default that fits in a table.
#[derive(Debug, Clone, Copy)]
pub enum Preset {
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(&'static str),
    /// A list.
    List(&'static [&'static str]),
    /// A map with nothing in it.
    NoMap,
    /// A map of lists with nothing in it.
    NoListMap,
}

/// The subject a key belongs to; the order is that of `config list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Prefixes, caches and the platform.
    Basic,
    /// Where packages come from.
    Channels,
    /// Connections.
    Network,
    /// Choosing packages.
    Solver,
    /// Putting packages in place.
    Link,
    /// What is asked and printed.
    Output,
    /// Which sources count.
    Sources,
}

impl Group {
    /// The name, as micromamba prints it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Channels => "Channels",
            Self::Network => "Network",
            Self::Solver => "Solver",
            Self::Link => "Extract, Link & Install",
            Self::Output => "Output, Prompt and Flow Control",
            Self::Sources => "Config sources",
        }
    }
}

/// A configuration key.
#[derive(Debug)]
pub struct Key {
    /// As in an rc file.
    pub name: &'static str,
    /// The subject.
    pub group: Group,
    /// The type.
    pub kind: Kind,
    /// The value without any source. For `pkgs_dirs` and `envs_dirs` loading adds folders of the root prefix; an empty
    /// `platform` is that of the program.
    pub preset: Preset,
    /// Variables that set it, the strongest first.
    pub variables: &'static [&'static str],
    /// Whether an rc file may set it.
    pub rc: bool,
    /// What it is, in a line.
    pub description: &'static str,
    /// More about it; empty if the line says all.
    pub long: &'static str,
}

impl Key {
    /// The value without any source.
    pub fn default_value(&self) -> Value {
        match self.preset {
            Preset::Bool(truth) => Value::Bool(truth),
            Preset::Int(number) => Value::Int(number),
            Preset::Text(text) => Value::text(text),
            Preset::List(items) => Value::list(items.iter().copied()),
            Preset::NoMap => Value::Map(Default::default()),
            Preset::NoListMap => Value::ListMap(Default::default()),
        }
    }

    /// The longer description, or the short one if there is none.
    pub fn long_description(&self) -> &'static str {
        if self.long.is_empty() { self.description } else { self.long }
    }
}
