//! From changes to a changed prefix: shown, confirmed, fetched, applied, and told as text or JSON.

mod apply;
mod channel_name;
mod confirm;
mod json;
mod pip;
mod run;
mod size;
mod table;

pub(crate) use channel_name::channel_name;
pub(crate) use json::record_json;
pub(crate) use run::{Transaction, Wish};
pub(crate) use size::human_size;
