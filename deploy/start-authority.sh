#!/bin/sh
# Starts an authority under a name of its own. On the host's network every container has the host's name, so the
# beginning of the container's id is added, which lasts as long as the container.
set -eu
id=$(sed -n 's|.*/containers/\([0-9a-f]\{6\}\)[0-9a-f]*/hostname .*|\1|p' /proc/self/mountinfo | head -n 1)
id=${id:-$(cut -c 1-6 /proc/sys/kernel/random/uuid)}
host=$(hostname | tr 'A-Z' 'a-z' | tr -c 'a-z0-9\n' '-' | cut -c 1-56)
case $host in "$id"*) ;; *) host=$host-$id ;; esac
SIGNPOST_NODE=${SIGNPOST_NODE:-$host}
export SIGNPOST_NODE
exec signpost authority "$@"
