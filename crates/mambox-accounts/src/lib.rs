//! The account that an image of the micromamba family runs as: texts of account files, and the line of a `.bashrc`.
//!
//! Texts go in and texts come out. The program for Dockerfiles (`mambox-init`) applies them to a root file system, and
//! `mambox-images` to a base that nothing is run in, so that both give the same image.

mod account;
mod bashrc;
mod error;
mod table;

pub use account::{Account, DEFAULT_ID, DEFAULT_USER, Settings, parse_id};
pub use bashrc::{SCRIPT, with_line};
pub use error::AccountError;
pub use table::{group, gshadow, home_of, passwd, shadow};
