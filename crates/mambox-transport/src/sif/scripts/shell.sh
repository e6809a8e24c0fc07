#!/bin/sh
# A shell: the one that was asked for, else bash, else sh.
for file in /.singularity.d/env/*.sh; do
    [ ! -f "$file" ] || . "$file"
done
unset file

if [ -n "${SINGULARITY_SHELL:-}" ] && [ -x "$SINGULARITY_SHELL" ]; then
    exec "$SINGULARITY_SHELL" "$@"
fi
if [ -x /bin/bash ]; then
    export SHELL=/bin/bash PS1="Apptainer ${APPTAINER_NAME:-}:\\w> "
    exec /bin/bash --norc "$@"
fi
if [ -x /bin/sh ]; then
    export SHELL=/bin/sh
    exec /bin/sh "$@"
fi
echo "The image has no shell." >&2
exit 1
