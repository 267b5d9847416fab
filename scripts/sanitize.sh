#!/bin/sh
# The engine's tests with the native core built under sanitizers: address and undefined behaviour
# (leaks too), then threads. Everything happens in copies under build/sanitize, so that the core
# you work with stays as it is.
# Usage: scripts/sanitize.sh [address] [thread]
set -eu

root=$(pwd)
python=$root/.venv/bin/python

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# What the loader has to bring in before Python: a sanitizer's library, as gcc names it.
library() {
    path=$(gcc -print-file-name="$1")
    [ -e "$path" ] || fail "$1 is missing. On Debian and Ubuntu: sudo apt-get install gcc"
    printf '%s\n' "$path"
}

build() {
    kind=$1
    shift
    copy=$root/build/sanitize/$kind
    rm -rf "$copy"
    mkdir -p "$copy"
    tar -C "$root" --exclude='*.so' --exclude=__pycache__ --exclude=api/client -cf - \
        sfu signaling api db benchmarks tests setup.py setup.cfg pyproject.toml README.md LICENSE |
        tar -C "$copy" -xf -
    cd "$copy"
    CFLAGS="-g -fno-omit-frame-pointer -fno-sanitize-recover=all $*" \
        "$python" setup.py -q build_ext --inplace
    [ -n "$(find sfu/engine -name '_native*.so')" ] || fail "The core could not be built."
}

# Python's own memory comes from malloc too, so that what the core touches of it is watched. What
# a process keeps tells nothing here, as freed memory is kept for a while: no test_days.py.
address() {
    preload=$(library libasan.so)
    build address -fsanitize=address,undefined
    LD_PRELOAD=$preload PYTHONMALLOC=malloc \
        ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 \
        LSAN_OPTIONS=suppressions=$root/tests/fuzz/leaks.txt:print_suppressions=0 \
        "$python" -m pytest -q -p no:cacheprovider --capture=sys tests/sfu/engine \
        --ignore=tests/sfu/engine/core --ignore=tests/sfu/engine/test_days.py
}

# ThreadSanitizer wants the addresses where it knows them.
thread() {
    preload=$(library libtsan.so)
    build thread -fsanitize=thread
    LD_PRELOAD=$preload TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1 \
        setarch -R "$python" -m pytest -q -p no:cacheprovider --capture=sys \
        tests/sfu/engine/test_thread.py tests/sfu/engine/test_udp.py
}

[ $# -gt 0 ] || set -- address thread
for kind in "$@"; do
    case $kind in
    address | thread) (echo "$kind sanitizer" && "$kind") ;;
    *) fail "Usage: scripts/sanitize.sh [address] [thread]" ;;
    esac
done
