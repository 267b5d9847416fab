#!/bin/sh
# Builds images anew and puts them into service. Data stay in their volumes.
#   scripts/rebuild.sh SERVICE|all soft|hard
# soft: what has changed; hard: everything, from base images looked for again, without any cache.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "rebuild.sh: $1" >&2
    sed -n '3,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

[ $# -eq 2 ] || fail "it wants two words"
case $1 in
server | nginx) services=$1 ;;
all) services="server nginx" ;;
*) fail "there is no image of '$1'; allowed: server, nginx, all" ;;
esac
case $2 in
soft) options="" ;;
hard) options="--no-cache --pull" ;;
*) fail "'$2' is neither soft nor hard" ;;
esac

BUILD_OPTIONS=$options scripts/build.sh "$1"
# shellcheck disable=SC2086 # a list of words
docker compose up --detach --no-deps --force-recreate $services
