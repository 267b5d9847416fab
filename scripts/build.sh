#!/bin/sh
# Builds the images, and makes what they need once: .env with passwords that nobody else has, and a
# certificate to begin with.
#   scripts/build.sh [SERVICE … | all]      server, nginx; all is both
set -eu
cd "$(dirname "$0")/.."

usage() {
    sed -n 's/^# \{0,1\}//p' "$0" | sed -n '2,4p'
}

random() { # 32 random bytes, in letters that need no quotes
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# The address that others reach this machine at, as far as it can be told from here.
address() {
    found=$(PATH="$PATH:/usr/sbin:/sbin" ip -4 route get 192.0.2.1 2>/dev/null |
        sed -n 's/.* src \([0-9.]*\).*/\1/p')
    echo "${found:-127.0.0.1}"
}

make_environment() {
    [ -e .env ] && return
    host=$(address)
    (
        umask 077
        cat >.env <<EOF
# Made by scripts/build.sh; docker-compose.yml reads it. Keep it secret.
POSTGRES_PASSWORD=$(random)
PGADMIN_PASSWORD=$(random)
# Where people open the page. With a name and a certificate of your own: https://meet.example.org
PUBLIC_URL=https://$host:3443
# Where their browsers send media: this machine's address, as they see it.
MEDIA_ANNOUNCED=$host
EOF
    )
    echo "Made .env: the page is at https://$host:3443. Look through it."
}

make_certificate() {
    tls=containers/private/tls
    [ -e $tls/certificate.pem ] && return
    mkdir -p $tls
    chmod 700 containers/private
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
        -subj "/CN=Tertulia, self-signed" \
        -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:$(address)" \
        -keyout $tls/key.pem -out $tls/certificate.pem 2>/dev/null
    # nginx runs as a user that is nobody here; only the folder around keeps others out.
    chmod 755 $tls
    chmod 644 $tls/key.pem
    echo "Made $tls: a self-signed certificate, of which browsers warn. Put your own there."
}

for service in "$@"; do
    case $service in
    server | nginx | all) ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        echo "build.sh: there is no image of '$service'. Allowed: server, nginx, all." >&2
        exit 2
        ;;
    esac
done
case "${*:-all}" in
*all*) set -- server nginx ;;
esac
make_environment
make_certificate
# shellcheck disable=SC2086 # a list of words
docker compose build ${BUILD_OPTIONS-} "$@"
