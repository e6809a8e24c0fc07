#!/bin/sh
# The variables of the SCIF app that was asked for.
if [ -n "${SINGULARITY_APPNAME:-}" ]; then
    if [ ! -d "/scif/apps/$SINGULARITY_APPNAME" ]; then
        echo "The image has no app '$SINGULARITY_APPNAME'." >&2
        exit 1
    fi
    export SINGULARITY_APPNAME
    export SCIF_APPS=/scif/apps SCIF_APPROOT="/scif/apps/$SINGULARITY_APPNAME"
    PATH="$SCIF_APPROOT:/scif/apps/singularity:$PATH"
    for app in "$SCIF_APPROOT" /scif/apps/singularity; do
        if [ -d "$app/bin" ]; then
            PATH="$app/bin:$PATH"
            break
        fi
    done
    export PATH
    for app in "$SCIF_APPROOT" /scif/apps/singularity; do
        if [ -d "$app/lib" ]; then
            export LD_LIBRARY_PATH="$app/lib:${LD_LIBRARY_PATH:-}"
            break
        fi
    done
    for script in 01-base.sh 90-environment.sh; do
        if [ -f "$SCIF_APPROOT/scif/env/$script" ]; then
            . "$SCIF_APPROOT/scif/env/$script"
        elif [ -f "/scif/apps/singularity/scif/env/$script" ]; then
            . "/scif/apps/singularity/scif/env/$script"
        fi
    done
    unset app script
fi
