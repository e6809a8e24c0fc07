//! Words that completion offers; static, so that no program runs while somebody types.

/// Subcommands of the program.
pub(super) const COMMANDS: &str = "activate auth clean config create deactivate env info install list \
    reactivate remove repoquery run search shell update";
/// Subcommands of `shell`.
pub(super) const SHELL: &str = "activate deactivate deinit hook init reactivate reinit";
/// Subcommands of `env`.
pub(super) const ENV: &str = "config create export list remove update";
/// Subcommands of `config`.
pub(super) const CONFIG: &str = "append describe get list prepend remove remove-key set sources";
