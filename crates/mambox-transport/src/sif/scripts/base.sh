#!/bin/sh
# Libraries of the host that --nv and --rocm bind, behind the image's own; a prompt.
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/.singularity.d/libs"
export PS1="${PS1:-Apptainer> }"
