#!/bin/sh
# Runs every check of the project:  sh packaging/test.sh [PYTEST-ARGUMENT]...
#
# Lint, format, types, import contracts, tests and benchmarks, in an environment in .venv-test beside the
# project that it makes and keeps up to date. Every check runs even when an earlier one failed; the last
# line is pytest's. Not 0 when anything failed. ATSM_TEST_VENV names another place for .venv-test.
set -eu

SCRIPT=test.sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
# shellcheck source=packaging/environment.sh
. "$here/environment.sh"
cd "$root"

# shellcheck disable=SC2086
system_packages may $QT_BASE_PACKAGES $QT_WINDOW_PACKAGES $XVFB_PACKAGES $WRITER_PACKAGES

venv=${ATSM_TEST_VENV:-$root/.venv-test}
wanted="$(hash_of pyproject.toml) $root"
stamp=$venv/atsm-installed
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ] || ! "$venv/bin/python" -c '' >/dev/null 2>&1; then
    make_environment "$venv"
    say "installing the program, its libraries and the test tools (a minute or two)"
    pip_install "$venv" --editable "$root[test]"
    echo "$wanted" >"$stamp"
fi

# Windows are tested without a screen; the tests that need one start their own.
QT_QPA_PLATFORM=offscreen
export QT_QPA_PLATFORM
PATH=$venv/bin:$PATH
export PATH

failed=""
check() {
    say "$*"
    "$@" || failed="$failed, $1 ${2:-}"
}
check ruff check .
check ruff format --check .
check mypy
check lint-imports
if [ -n "$failed" ]; then
    warn "failed: ${failed#, }; the tests follow"
fi
status=0
python -m pytest "$@" || status=$?
[ -z "$failed" ] || [ "$status" -ne 0 ] || status=1
exit "$status"
