#!/bin/sh
# What the tests need beside Python: browsers, `ip` for a network of their own, and what the examples
# of docs/http-api.md are written with.
# Installs what is missing if it may (Debian, Ubuntu), else says what to install.
set -eu

missing=""
need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null || missing="$missing $2"
}

PATH="$PATH:/usr/sbin:/sbin"
need chromium chromium
need chromium-headless-shell chromium-headless-shell # half the memory, for most tests
need firefox-esr firefox-esr
need ip iproute2
need curl curl
need jq jq
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "The tests need these packages; please install them:$missing" >&2
    exit 1
fi
$as_root apt-get update
# shellcheck disable=SC2086 # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
