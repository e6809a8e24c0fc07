//! Why an account cannot be.

/// Why an account cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// A name that account files or paths cannot hold.
    #[error(
        "{setting}={name:?} cannot be a user's name: \
         choose at most 32 letters, digits, '_', '-' and '.', a letter or '_' first"
    )]
    Name {
        /// Where the name was set.
        setting: &'static str,
        /// The name at fault.
        name: String,
    },
    /// An id that is none.
    #[error("{setting}={value:?} is no id: choose a number from 0 to 4294967294")]
    Id {
        /// Where the id was set.
        setting: &'static str,
        /// Its value.
        value: String,
    },
    /// The name is there, with another id.
    #[error(
        "{file}: '{name}' is there already, with id {found} and not {wanted}: \
         set {setting}={found}, or choose another {user}"
    )]
    NameTaken {
        /// The account file.
        file: &'static str,
        /// The name of the user or group.
        name: String,
        /// The id that the file gives it.
        found: String,
        /// The id asked for.
        wanted: u32,
        /// Where that id was set.
        setting: &'static str,
        /// Where the name was set.
        user: &'static str,
    },
    /// The id is there, under another name.
    #[error(
        "{file}: id {id} belongs to '{owner}' already: \
         choose another {setting}, or remove '{owner}' before"
    )]
    IdTaken {
        /// The account file.
        file: &'static str,
        /// The id asked for.
        id: u32,
        /// Whose it is.
        owner: String,
        /// Where that id was set.
        setting: &'static str,
    },
}
