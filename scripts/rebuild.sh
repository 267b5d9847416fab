#!/bin/sh
# Builds a service's image anew, or all, and puts it into service. Data stay in their volumes.
#   scripts/rebuild.sh SERVICE|all soft|hard
# soft: what has changed; hard: everything, from images looked for again, without any cache.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "rebuild.sh: $1" >&2
    sed -n '3,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

[ $# -eq 2 ] || fail "it wants two words"
case $1 in
all) service="" ;;
*) service=$1 ;;
esac
case $2 in
soft) building="" starting="" ;;
hard) building="--no-cache --pull" starting="--force-recreate" ;;
*) fail "'$2' is neither soft nor hard" ;;
esac

BUILD_OPTIONS=$building scripts/build.sh "$1"
[ "$1 $2" != "all hard" ] || docker compose pull --ignore-buildable
# shellcheck disable=SC2086 # lists of words
docker compose up --detach $starting ${service:+--no-deps $service}
