# Functions that run.sh and test.sh share; sourced, POSIX sh.
# They make a virtual environment beside the project and install what Qt needs from the system.

# What Qt needs on a bare Debian 12. The first line serves without a screen too, the second a real window.
QT_BASE_PACKAGES="libegl1 libgl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1 fonts-dejavu-core"
QT_WINDOW_PACKAGES="libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
XVFB_PACKAGES="xvfb xauth"
# Programs that write images for the tests, independently of this one.
WRITER_PACKAGES="medcon dcmtk libgdcm-tools"

say() { printf '%s: %s\n' "$SCRIPT" "$*"; }
warn() { printf '%s: %s\n' "$SCRIPT" "$*" >&2; }
fail() { warn "$*"; exit 3; }

# Prints the Python to use: PYTHON if given, else the first one of version 3.11 or newer.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python; do
        if "$candidate" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# Says "" for root, "sudo -n" where that works without a password; fails otherwise.
root_prefix() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" -eq 0 ]; then
        echo ""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
        echo "sudo -n"
    else
        return 1
    fi
}

is_installed() {
    # Debian 13 renamed libraries with 64-bit time to NAMEt64.
    for name in "$1" "$1t64"; do
        case "$(dpkg-query -W -f='${Status}' "$name" 2>/dev/null)" in
            "install ok installed") return 0 ;;
        esac
    done
    return 1
}

missing_packages() {
    missing=""
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    echo "${missing# }"
}

# apt_install PACKAGE...: installs; returns 1 when it may not or cannot.
apt_install() {
    prefix=$(root_prefix) || return 1
    say "installing from Debian: $*"
    $prefix apt-get update -qq &&
        $prefix env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# system_packages must|may PACKAGE...: installs what is missing. Where it may not: says the exact command
# and, with "must", stops.
system_packages() {
    need=$1
    shift
    if ! command -v dpkg-query >/dev/null 2>&1; then
        warn "this is not Debian; please make sure that the libraries behind these packages are here: $*"
        return 0
    fi
    wanted=$(missing_packages "$@")
    [ -n "$wanted" ] || return 0
    # shellcheck disable=SC2086
    apt_install $wanted && return 0
    warn "these system libraries are missing and cannot be installed from here: $wanted"
    warn "please run:  sudo apt-get update && sudo apt-get install -y --no-install-recommends $wanted"
    [ "$need" = may ] || fail "stopped; run this script again afterwards."
}

# make_environment DIR: makes a virtual environment with pip in it.
make_environment() {
    python=$(find_python) ||
        fail "Python 3.11 or newer was not found. On Debian: sudo apt-get install -y python3 python3-pip"
    say "making an environment in $1 with $("$python" --version 2>&1)"
    rm -rf "$1"
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        "$python" -m venv "$1" && return 0
    elif "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip "$1" &&
        "$python" -m pip --disable-pip-version-check --quiet --python "$1/bin/python" install pip; then
        # Debian keeps ensurepip in python3-venv; pip can put itself into the environment instead.
        return 0
    fi
    rm -rf "$1"
    if apt_install python3-venv && "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        "$python" -m venv "$1" && return 0
    fi
    rm -rf "$1"
    fail "this Python cannot make environments. Please run:  sudo apt-get install -y python3-venv"
}

pip_install() {
    environment=$1
    shift
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet "$@" ||
        fail "pip could not install the program (its message stands above). Is the package index reachable?"
}

# hash_of FILE...: one number for the contents of files.
hash_of() { cat "$@" | sha256sum | cut -d ' ' -f 1; }
