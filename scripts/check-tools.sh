#!/bin/sh
# Is there what `make` cannot install itself? Says what to do if not.
# Usage: scripts/check-tools.sh PYTHON
set -eu

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Tertulia needs Python 3.11 or later, and '$1' is not. If you have one under another" \
        "name: make run PYTHON=python3.12"
"$1" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "Python's venv module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv"
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null ||
    fail "Tertulia needs Node.js 20 or later to build its page. See https://nodejs.org/en/download"
command -v npm >/dev/null ||
    fail "npm is missing. On Debian and Ubuntu: sudo apt-get install npm"
