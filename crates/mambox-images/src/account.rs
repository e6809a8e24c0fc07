//! The account of a family's images, with words for messages.

use mambox_accounts::{Account, AccountError, Settings};

/// The keys of `images.toml`.
const SETTINGS: Settings = Settings { user: "user.name", uid: "user.uid", gid: "user.gid" };

/// The account with such a login shell.
pub(crate) fn account(name: &str, uid: u32, gid: u32, shell: &'static str) -> Result<Account, AccountError> {
    mambox_accounts::parse_id(&uid.to_string(), SETTINGS.uid)?;
    mambox_accounts::parse_id(&gid.to_string(), SETTINGS.gid)?;
    Account::new(name, uid, gid, shell, SETTINGS)
}
