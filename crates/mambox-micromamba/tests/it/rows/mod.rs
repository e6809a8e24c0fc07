//! The table, by subject.

mod auth;
mod clean;
mod config;
mod create;
mod env;
mod files;
mod global;
mod install;
mod list;
mod prefixes;
mod run;
mod search;
mod shell;
mod update_remove;

use crate::table::Row;

/// Every row there is.
pub(crate) fn all() -> Vec<Row> {
    [
        auth::rows(),
        clean::rows(),
        config::rows(),
        create::rows(),
        env::rows(),
        files::rows(),
        global::rows(),
        install::rows(),
        list::rows(),
        prefixes::rows(),
        run::rows(),
        search::rows(),
        shell::rows(),
        update_remove::rows(),
    ]
    .concat()
}
