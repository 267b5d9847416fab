#!/bin/sh
# Starts coturn with turnserver.conf beside this file, the secret that it shares with Tertulia
# (TURN_SECRET), and the addresses of Tertulia's media (MEDIA_ANNOUNCED).
#   containers/coturn/start.sh [OPTION …]       further options of turnserver
set -eu
: "${TURN_SECRET:?}" "${MEDIA_ANNOUNCED:?}"
conf=${TMPDIR:-/tmp}/turnserver.conf

# Addresses without their ports: 192.0.2.1:7882 and [2001:db8::1]:7882 may have one.
addresses() {
    echo "$MEDIA_ANNOUNCED" | tr ',' '\n' | tr -d ' ' |
        sed -n 's/^\([0-9.]\{7,\}\)\(:[0-9]*\)\{0,1\}$/\1/p; s/^\[\(.*\)\].*$/\1/p; /^[^[]*:.*:/p'
}

umask 077
{
    cat "$(dirname "$0")/turnserver.conf"
    # In a file, since others can see what a program was called with.
    echo "static-auth-secret=$TURN_SECRET"
    addresses | sed 's/^/allowed-peer-ip=/'
    # Behind NAT this machine does not know its own address.
    addresses | sed -n '/:/!{s/^/external-ip=/p;q;}'
} >"$conf"
exec turnserver -c "$conf" "$@"
