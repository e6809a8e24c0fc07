//! The keys, as a table: section 3 of the reference, "Keys that matter" and "Environment variables read".
//!
//! Keys that only the command line has (prefixes, specs, files of specs) are no keys here.

use crate::key::{Group, Key, Kind, Preset};
use Group::{Basic, Channels, Link, Network, Output, Solver, Sources};
use Kind::{Bool, Int, List, ListMap, Map, Paths, Specs, Text, TextOrBool, Word};
use Preset::{NoListMap, NoMap};

const NO: Preset = Preset::Bool(false);
const YES: Preset = Preset::Bool(true);
const EMPTY: Preset = Preset::Text("");
const NONE: Preset = Preset::List(&[]);
const SAFETY: &[&str] = &["enabled", "warn", "disabled"];
const LEVELS: &[&str] = &["off", "critical", "fatal", "error", "warning", "warn", "info", "debug", "trace"];

/// The key of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

macro_rules! keys {
    ($($group:ident $scope:ident $name:literal $kind:expr, $preset:expr, [$($variable:literal)*],
       $description:literal $(, $long:literal)?;)*) => {
        /// Every key, by group.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name,
            group: $group,
            kind: $kind,
            preset: $preset,
            variables: &[$($variable),*],
            rc: keys!(@$scope),
            description: $description,
            long: concat!($($long)?),
        }),*];
    };
    // An rc file may set it.
    (@rc) => { true };
    // Only the command line and variables may.
    (@call) => { false };
}

keys! {
    Basic rc "pkgs_dirs" Paths, NONE, ["CONDA_PKGS_DIRS"], "Package caches, the first writable one is filled",
        "Folders of downloaded and unpacked packages. All are searched; new packages go to the first that can be written.";
    Basic rc "envs_dirs" Paths, NONE, ["CONDA_ENVS_DIRS" "CONDA_ENVS_PATH"], "Where named environments lie",
        "Folders that are searched for an environment given by its name. New ones go to the first that can be written.";
    Basic rc "platform" Text, EMPTY, ["CONDA_SUBDIR" "MAMBA_PLATFORM"], "The platform to install packages for",
        "A subdirectory of channels, such as linux-64. Empty means that of the running program.";
    Basic rc "use_uv" Bool, NO, ["MAMBA_USE_UV"], "Install the pip part of an environment with uv";

    Channels rc "channels" List, NONE, ["CONDA_CHANNELS"], "Channels to take packages from",
        "Names, URLs or folders of channels, the most preferred first. What 'channel_priority' says decides between them.";
    Channels rc "channel_alias" Text, Preset::Text("https://conda.anaconda.org"), ["MAMBA_CHANNEL_ALIAS"],
        "The address that a channel's name is appended to";
    Channels rc "default_channels" List,
        Preset::List(&["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]),
        ["MAMBA_DEFAULT_CHANNELS"], "What the channel 'defaults' stands for";
    Channels rc "custom_channels" Map, NoMap, ["MAMBA_CUSTOM_CHANNELS"], "Addresses of single channels",
        "A map from a channel's name to an address; the channel is at ADDRESS/NAME.";
    Channels rc "custom_multichannels" ListMap, NoListMap, ["MAMBA_CUSTOM_MULTICHANNELS"], "Names for several channels",
        "A map from a name to the channels that it stands for.";
    Channels rc "mirrored_channels" ListMap, NoListMap, ["MAMBA_MIRRORED_CHANNELS"], "Mirrors of channels",
        "A map from a channel's name to addresses with the same content, tried in that order.";
    Channels rc "override_channels_enabled" Bool, YES, ["MAMBA_OVERRIDE_CHANNELS_ENABLED"],
        "Whether --override-channels may be used";
    Channels rc "show_anaconda_channel_warnings" Bool, YES, ["MAMBA_SHOW_ANACONDA_CHANNEL_WARNINGS"],
        "Warn of channels with commercial terms of use";

    Network rc "cacert_path" Kind::Path, EMPTY, ["MAMBA_CACERT_PATH"], "Authorities to trust for TLS, a file or folder",
        "Used where 'ssl_verify' is on. Goes before a path in 'ssl_verify'.";
    Network rc "local_repodata_ttl" Int, Preset::Int(1), [], "How long an index in the cache is good",
        "0: the server is always asked. 1: as its Cache-Control says. Any other number: that many seconds.";
    Network rc "offline" Bool, NO, ["MAMBA_OFFLINE"], "Use only what the caches hold";
    Network rc "ssl_no_revoke" Bool, NO, ["MAMBA_SSL_NO_REVOKE"], "Do not check whether certificates were revoked",
        "Accepted for the sake of other programs; without effect here.";
    Network rc "ssl_verify" TextOrBool, EMPTY, ["MAMBA_SSL_VERIFY"], "Whether and against what to check certificates",
        "Empty or true: the system's authorities. false, 0 or <false>: nothing is checked. Else the path of a bundle.";
    Network rc "proxy_servers" Map, NoMap, [], "Proxies by scheme, or scheme and host",
        "Keys are a scheme, 'all', scheme://host or all://host; values are addresses, which may hold user:password.";
    Network rc "remote_connect_timeout_secs" Int, Preset::Int(10), ["MAMBA_REMOTE_CONNECT_TIMEOUT_SECS"],
        "Seconds to wait for a connection";
    Network rc "remote_backoff_factor" Int, Preset::Int(3), ["MAMBA_REMOTE_BACKOFF_FACTOR"],
        "How much longer each retry waits than the last";
    Network rc "remote_max_retries" Int, Preset::Int(3), ["MAMBA_REMOTE_MAX_RETRIES"],
        "How often a failed download is tried again";
    Network rc "repodata_use_zst" Bool, YES, [], "Prefer indexes that are compressed with zstd";
    Network rc "use_sharded_repodata" Bool, YES, ["MAMBA_USE_SHARDED_REPODATA"],
        "Prefer indexes in shards, where a channel has them";

    Solver rc "channel_priority" Kind::Priority, Preset::Text("flexible"), ["MAMBA_CHANNEL_PRIORITY"],
        "How strictly channels go before one another",
        "strict: a package comes from the first channel that has its name. flexible: from the first that has a fitting version. disabled: versions count before channels.";
    Solver call "no_pin" Bool, NO, ["MAMBA_NO_PIN"], "Pass over pinned packages";
    Solver rc "no_py_pin" Bool, NO, ["MAMBA_NO_PY_PIN"], "Let Python's minor version change",
        "Do not hold Python at the minor version that is installed when it was not asked for.";
    Solver rc "add_pip_as_python_dependency" Bool, YES, ["MAMBA_ADD_PIP_AS_PYTHON_DEPENDENCY"],
        "Install pip wherever Python is";
    Solver rc "pinned_packages" Specs, NONE, ["MAMBA_PINNED_PACKAGES"], "Specs that every solution must fit";
    Solver call "retry_clean_cache" Bool, NO, ["MAMBA_RETRY_CLEAN_CACHE"],
        "If there is no solution, try again with fresh indexes";
    Solver rc "allow_uninstall" Bool, YES, ["MAMBA_ALLOW_UNINSTALL"],
        "Whether an installation may remove packages";
    Solver rc "allow_downgrade" Bool, NO, ["MAMBA_ALLOW_DOWNGRADE"],
        "Whether an installation may lower versions";

    Link rc "download_threads" Int, Preset::Int(5), ["MAMBA_DOWNLOAD_THREADS"], "Downloads at a time, at least 1";
    Link rc "extract_threads" Int, Preset::Int(0), ["MAMBA_EXTRACT_THREADS"], "Packages unpacked at a time",
        "0: as many as there are processors. A negative number: that many fewer.";
    Link rc "allow_softlinks" Bool, NO, ["MAMBA_ALLOW_SOFTLINKS"], "Link softly where hard links cannot be made",
        "Applies where the cache is on another file system than the environment.";
    Link rc "always_copy" Bool, NO, ["MAMBA_ALWAYS_COPY"], "Copy files instead of linking them";
    Link rc "always_softlink" Bool, NO, ["MAMBA_ALWAYS_SOFTLINK"], "Link softly instead of hard",
        "The environment breaks when the cache is cleaned.";
    Link rc "shortcuts" Bool, YES, ["MAMBA_SHORTCUTS"], "Make start menu entries, on Windows only";
    Link rc "safety_checks" Word(SAFETY), Preset::Text("warn"), ["CONDA_SAFETY_CHECKS" "MAMBA_SAFETY_CHECKS"],
        "What to do about a package that is not as it says", "One of enabled, warn and disabled.";
    Link rc "extra_safety_checks" Bool, NO, ["CONDA_EXTRA_SAFETY_CHECKS" "MAMBA_EXTRA_SAFETY_CHECKS"],
        "Check the sha256 of every single file of a package";
    Link rc "verify_artifacts" Bool, NO, ["MAMBA_VERIFY_ARTIFACTS"], "Check signatures of packages",
        "Accepted for the sake of other programs; without effect here.";
    Link rc "lock_timeout" Int, Preset::Int(0), ["MAMBA_LOCK_TIMEOUT"],
        "Seconds to wait for another process's lock", "0 waits without end.";
    Link rc "use_lockfiles" Bool, YES, ["MAMBA_USE_LOCKFILES"], "Lock shared folders while they are written";
    Link rc "compile_pyc" Bool, YES, ["MAMBA_COMPILE_PYC"], "Compile the Python modules of packages";
    Link call "skip_run_link_scripts" Bool, NO, ["MAMBA_SKIP_RUN_LINK_SCRIPTS"], "Do not run packages' link scripts";

    Output rc "always_yes" Bool, NO, ["MAMBA_ALWAYS_YES"], "Answer every question with yes";
    Output rc "auto_activate_base" Bool, NO, ["MAMBA_AUTO_ACTIVATE_BASE"], "Activate base when a shell starts";
    Output call "dry_run" Bool, NO, ["MAMBA_DRY_RUN"], "Say what would be done and do nothing";
    Output call "download_only" Bool, NO, ["MAMBA_DOWNLOAD_ONLY"], "Fill the cache and change no environment";
    Output rc "log_level" Word(LEVELS), Preset::Text("warning"), ["MAMBA_LOG_LEVEL"], "The least important message shown",
        "One of off, critical, error, warning, info, debug and trace.";
    Output rc "json" Bool, NO, ["MAMBA_JSON"], "Print results as JSON";
    Output rc "changeps1" Bool, YES, ["MAMBA_CHANGEPS1"], "Show the active environment in the prompt";
    Output rc "shell_completion" Bool, YES, ["MAMBA_SHELL_COMPLETION"], "Complete words in bash and zsh";
    Output rc "env_prompt" Text, Preset::Text("({default_env}) "), ["MAMBA_ENV_PROMPT"], "How the prompt shows the environment",
        "{prefix} is the path, {name} its last part, {default_env} the name or, without one, the path.";
    Output rc "quiet" Bool, NO, ["MAMBA_QUIET"], "Print less";
    Output rc "experimental" Bool, NO, ["MAMBA_EXPERIMENTAL"], "Accepted for the sake of old files; without effect";

    Sources call "override_rc_files" Bool, YES, ["MAMBA_OVERRIDE_RC_FILES"],
        "Whether rc files that are named replace the usual ones";
    Sources call "no_rc" Bool, NO, ["MAMBA_NO_RC"], "Read no rc files";
    Sources call "no_env" Bool, NO, ["MAMBA_NO_ENV"], "Read no variables";
    Sources call "debug" Bool, NO, ["MAMBA_DEBUG"], "Allow options that look inside";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_variables_are_unique_and_groups_are_together() {
        let names: BTreeSet<_> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), KEYS.len());
        let variables: Vec<_> = KEYS.iter().flat_map(|key| key.variables).collect();
        assert_eq!(variables.iter().collect::<BTreeSet<_>>().len(), variables.len());
        assert!(KEYS.is_sorted_by_key(|key| key.group));
    }

    #[test]
    fn defaults_have_the_type_of_their_key() {
        for key in KEYS {
            let fits = match (key.kind, key.default_value()) {
                (Kind::Bool, Value::Bool(_)) | (Int, Value::Int(_)) | (Map, Value::Map(_)) => true,
                (ListMap, Value::ListMap(_)) => true,
                (Word(words), Value::Text(word)) => words.contains(&word.as_str()),
                (Text | Kind::Path | TextOrBool | Kind::Priority, Value::Text(_)) => true,
                (kind, Value::List(_)) => kind.is_list(),
                _ => false,
            };
            assert!(fits, "{}", key.name);
        }
    }

    /// Every variable of section 3's first two rows that belongs to a key.
    #[test]
    fn every_variable_of_the_reference_has_a_key() {
        let of_mamba = "CHANNEL_ALIAS DEFAULT_CHANNELS CUSTOM_CHANNELS MIRRORED_CHANNELS \
            OVERRIDE_CHANNELS_ENABLED USE_SHARDED_REPODATA CACERT_PATH OFFLINE SSL_VERIFY \
            REMOTE_CONNECT_TIMEOUT_SECS REMOTE_BACKOFF_FACTOR REMOTE_MAX_RETRIES CHANNEL_PRIORITY NO_PIN NO_PY_PIN \
            ADD_PIP_AS_PYTHON_DEPENDENCY PINNED_PACKAGES ALLOW_UNINSTALL ALLOW_DOWNGRADE RETRY_CLEAN_CACHE \
            DOWNLOAD_THREADS EXTRACT_THREADS ALLOW_SOFTLINKS ALWAYS_COPY ALWAYS_SOFTLINK \
            SHOW_ANACONDA_CHANNEL_WARNINGS EXTRA_SAFETY_CHECKS LOCK_TIMEOUT USE_LOCKFILES COMPILE_PYC \
            SKIP_RUN_LINK_SCRIPTS USE_UV ALWAYS_YES AUTO_ACTIVATE_BASE DRY_RUN DOWNLOAD_ONLY LOG_LEVEL JSON QUIET \
            CHANGEPS1 SHELL_COMPLETION ENV_PROMPT OVERRIDE_RC_FILES NO_RC NO_ENV DEBUG PLATFORM";
        let of_conda = "CHANNELS PKGS_DIRS ENVS_DIRS ENVS_PATH SUBDIR SAFETY_CHECKS";
        let known = |variable: &str| KEYS.iter().any(|key| key.variables.contains(&variable));
        for name in of_mamba.split_whitespace() {
            assert!(known(&format!("MAMBA_{name}")), "MAMBA_{name}");
        }
        for name in of_conda.split_whitespace() {
            assert!(known(&format!("CONDA_{name}")), "CONDA_{name}");
        }
    }
}
