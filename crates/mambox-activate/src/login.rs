//! `/etc/profile.d/mambox.sh`: the environment in login shells.

use crate::activation::Activation;
use crate::apptainer::PROGRAM;
use crate::posix::{self, export, export_where_unset};
use crate::quote;

/// Where [`profile_script`] belongs. Debian, Fedora and Alpine source `/etc/profile.d/*.sh` at the end
/// of `/etc/profile`, which has just reset `PATH`.
pub const PROFILE_SCRIPT: &str = "/etc/profile.d/mambox.sh";

/// The text of [`PROFILE_SCRIPT`], in POSIX sh.
///
/// Where no prefix is active (`su -`, ssh) it activates ours. Where ours is active it restores what
/// `/etc/profile` took away and leaves a variable that somebody set (`docker run -e`), but for those that scripts of
/// the environment unset. Where another prefix was activated explicitly it does nothing.
pub fn profile_script(activation: &Activation) -> String {
    let mut inner = posix::path(activation);
    inner.extend(activation.shell_variables().map(|(name, value)| export_where_unset(name, value)));
    inner.extend(activation.shell_unset().map(posix::unset));
    let marks: String = activation.marks().iter().map(|(name, value)| export(name, value)).collect();
    format!(
        "# The conda environment in login shells, whose /etc/profile resets PATH. Written by mambox.\n\
         if [ -z \"${{CONDA_PREFIX-}}\" ]; then\n{marks}fi\n\
         if [ \"$CONDA_PREFIX\" = {} ]; then\n{inner}fi\n",
        quote::posix(&activation.prefix)
    )
}

/// The text of [`PROFILE_SCRIPT`] for images of the micromamba family, whose environment is chosen when a container
/// starts: `mambox-init` says what was taken away from the one that is active. Where none is, none becomes it.
pub(crate) fn profile_script_of_family() -> String {
    format!(
        "# The active conda environment in login shells, whose /etc/profile resets PATH. Written by mambox.\n\
         if [ -x {PROGRAM} ] && [ -n \"${{CONDA_PREFIX-}}\" ] && [ -d \"$CONDA_PREFIX/conda-meta\" ]; then\n  \
           eval \"$(ENV_NAME=$CONDA_PREFIX {PROGRAM} exports)\"\n\
         fi\n"
    )
}
