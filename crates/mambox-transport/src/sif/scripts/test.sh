#!/bin/sh
# Tests the image, or one of its SCIF apps.
for file in /.singularity.d/env/*.sh; do
    [ ! -f "$file" ] || . "$file"
done
unset file

app="${SINGULARITY_APPNAME:-}"
if [ -n "$app" ]; then
    for script in "/scif/apps/$app/scif/test" /scif/apps/singularity/scif/test; do
        [ ! -x "$script" ] || exec "$script" "$@"
    done
    echo "The app '$app' has no tests." >&2
    exit 1
fi
[ ! -x /.singularity.d/test ] || exec /.singularity.d/test "$@"
echo "The image has no tests." >&2
exit 0
