#!/bin/sh
# Runs a command with the variables of the image.
for file in /.singularity.d/env/*.sh; do
    [ ! -f "$file" ] || . "$file"
done
unset file

exec "$@"
