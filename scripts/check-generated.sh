#!/bin/sh
# Is everything generated as its sources now say? Renews it, and fails if anything changed.
set -eu

generated="web/src/generated README.md docs/http-api.md"
fingerprint() {
    # shellcheck disable=SC2086 # a list of words
    find $generated -type f -exec sha256sum {} + | sort
}

before=$(fingerprint)
make --no-print-directory generate
if [ "$before" != "$(fingerprint)" ]; then
    echo "Generated files were stale. They are renewed now; commit them." >&2
    exit 1
fi
