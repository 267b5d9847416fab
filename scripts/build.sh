#!/bin/sh
# Builds our images (server and nginx: all), gets those of other services, and makes what they need
# once: .env with passwords that nobody else has, and a certificate to begin with.
#   scripts/build.sh [SERVICE … | all]
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
GRAFANA_PASSWORD=$(random)
METRICS_TOKEN=$(random)
TURN_SECRET=$(random)
# Where people open the page. With a name and a certificate of your own: https://meet.example.org
PUBLIC_URL=https://$host:3443
# Where their browsers send media: this machine's address, as they see it.
MEDIA_ANNOUNCED=$host
# Where browsers find coturn, if it runs (docker compose --profile turn): for networks that let no
# UDP out.
#TURN_URLS=turn:$host:3478,turn:$host:3478?transport=tcp
EOF
    )
    echo "Made .env: the page is at https://$host:3443. Look through it."
}

make_certificate() {
    tls=containers/private/tls
    [ -e $tls/certificate.pem ] && return
    mkdir -p $tls
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
        -subj "/CN=Tertulia, self-signed" \
        -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:$(address)" \
        -keyout $tls/key.pem -out $tls/certificate.pem 2>/dev/null
    # nginx runs as a user that is nobody here; only the folder around keeps others out.
    chmod 755 $tls
    chmod 644 $tls/key.pem
    echo "Made $tls: a self-signed certificate, of which browsers warn. Put your own there."
}

# Prometheus reads it from a file.
make_token() {
    sed -n 's/^METRICS_TOKEN=//p' .env >containers/private/metrics-token
    chmod 644 containers/private/metrics-token
}

ours="" others=""
for service in "${@:-all}"; do
    case $service in
    server | nginx) ours="$ours $service" ;;
    all) ours="server nginx" ;;
    postgres | pgadmin | prometheus | grafana | coturn) others="$others $service" ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        echo "build.sh: there is no service '$service'. Allowed:" \
            "server, nginx, postgres, pgadmin, prometheus, grafana, coturn, all." >&2
        exit 2
        ;;
    esac
done
mkdir -p containers/private
chmod 700 containers/private
make_environment
make_certificate
make_token
# shellcheck disable=SC2086 # lists of words
{
    [ -z "$ours" ] || docker compose build ${BUILD_OPTIONS-} $ours
    [ -z "$others" ] || docker compose pull $others
}
