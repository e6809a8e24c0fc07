#!/bin/sh
# Starts an instance. Process 1 has stopped itself and waits to be told that this much is done.
kill -CONT 1
for file in /.singularity.d/env/*.sh; do
    [ ! -f "$file" ] || . "$file"
done
unset file

[ ! -x /.singularity.d/startscript ] || exec /.singularity.d/startscript
