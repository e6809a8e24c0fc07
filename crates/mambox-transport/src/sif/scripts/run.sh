#!/bin/sh
# Runs what the image is for, or one of its SCIF apps.
for file in /.singularity.d/env/*.sh; do
    [ ! -f "$file" ] || . "$file"
done
unset file

app="${SINGULARITY_APPNAME:-}"
if [ -n "$app" ]; then
    for script in "/scif/apps/$app/scif/runscript" /scif/apps/singularity/scif/runscript; do
        [ ! -x "$script" ] || exec "$script" "$@"
    done
    echo "The app '$app' has nothing to run." >&2
    exit 1
fi
[ ! -x /.singularity.d/runscript ] || exec /.singularity.d/runscript "$@"
echo "The image has nothing to run; a shell instead." >&2
exec /bin/sh "$@"
