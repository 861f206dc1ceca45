#!/bin/sh
# Opens ATSM Viewer from a checkout:  sh packaging/run.sh [PATH]
#
# Makes an environment in .venv beside the project, installs the program and the system libraries that
# Qt needs, and opens PATH (project, image file or folder), or the sample mouse. Without a display it
# does the same job headless and writes into ./atsm-output. ATSM_VENV names another place for .venv.
# Exit codes: 0 done, 1 errors in the data, 2 usage, 3 the environment could not be made.
set -eu

SCRIPT=run.sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
# shellcheck source=packaging/environment.sh
. "$here/environment.sh"

if [ $# -gt 1 ]; then
    warn "usage: sh packaging/run.sh [PATH]"
    exit 2
fi
case "${1:-}" in
    -h | --help)
        sed -n '2,7s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    -*)
        warn "usage: sh packaging/run.sh [PATH]"
        exit 2
        ;;
esac
if [ $# -eq 1 ] && [ ! -e "$1" ]; then
    warn "“$1” does not exist."
    exit 1
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    # shellcheck disable=SC2086
    system_packages must $QT_BASE_PACKAGES $QT_WINDOW_PACKAGES
else
    # shellcheck disable=SC2086
    system_packages may $QT_BASE_PACKAGES $QT_WINDOW_PACKAGES
fi

venv=${ATSM_VENV:-$root/.venv}
program() { "$venv/bin/python" -m atsm_viewer "$@"; }

# Dependencies follow pyproject.toml; the program itself follows the sources, so that a pull is enough.
wanted_dependencies=$(hash_of "$root/pyproject.toml")
wanted_sources=$(cd "$root" && find atsm_viewer resources README.md -type f ! -name '*.pyc' -exec sha256sum {} + |
    LC_ALL=C sort | sha256sum | cut -d ' ' -f 1)
stamp=$venv/atsm-installed
have_dependencies=""
have_sources=""
if [ -f "$stamp" ] && "$venv/bin/python" -c '' >/dev/null 2>&1; then
    read -r have_dependencies have_sources <"$stamp" || true
fi
if [ "$have_dependencies" != "$wanted_dependencies" ]; then
    make_environment "$venv"
    say "installing the program and its libraries (about 300 MB, a minute or two)"
    pip_install "$venv" "$root"
elif [ "$have_sources" != "$wanted_sources" ]; then
    say "installing the program anew, because its sources changed"
    pip_install "$venv" --no-deps --force-reinstall "$root"
fi
echo "$wanted_dependencies $wanted_sources" >"$stamp"

out=atsm-output
sample() {
    mkdir -p "$out"
    program sample mouse --out "$out/sample-mouse" >/dev/null
}

why=""
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    why="there is no display (DISPLAY and WAYLAND_DISPLAY are empty)"
elif ! "$venv/bin/python" -c 'from PySide6.QtGui import QGuiApplication; QGuiApplication([])' >/dev/null 2>&1; then
    why="the display ${WAYLAND_DISPLAY:-$DISPLAY} cannot be used from here"
fi

if [ -z "$why" ]; then
    if [ $# -eq 0 ]; then
        sample
        set -- "$out/sample-mouse/sample-truth.atsm"
    fi
    say "opening $1"
    exec "$venv/bin/python" -m atsm_viewer open "$1"
fi

say "$why; doing the same job headless"
if [ $# -eq 0 ]; then
    sample
    set -- "$out/sample-mouse/sample-truth.atsm"
fi
say "measuring $1"
mkdir -p "$out"
name=$(basename -- "$1")
program measure "$1" --csv-dir "$out" --picture "$out/${name%.atsm}-fused.png" --overwrite
