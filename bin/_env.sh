# shellcheck shell=sh
# Sourced by the commands beside it, with $root set to the project's folder: leaves the installed
# environment's interpreter in $python, or ends with a sentence that says what to do.

fail() {
    printf 'frontdesk: %s\n' "$*" >&2
    exit 1
}

# Prints the first Python 3.11 or later. A name on the PATH may be a launcher for a version that
# is not there, so each candidate has to run.
find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3 python3.13 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
        if [ -n "${PYTHON:-}" ]; then
            fail "PYTHON=$PYTHON is not a Python 3.11 or later that runs."
        fi
    done
    fail "Python 3.11 or later was not found. Install it (Debian, Ubuntu: apt install python3 python3-venv) or set PYTHON to its path."
}

# install_environment KIND: KIND is run, dev or browser.
install_environment() {
    base_python=$(find_python) || exit 1
    "$base_python" -I "$root/bin/_environment.py" "$root" "$1" || exit 1
    python=$root/.venv/bin/python
    PATH=$root/.venv/bin:$PATH
    export PATH
}

# Prints the path of an installed Chromium, if there is one.
find_chromium() {
    if [ -n "${CHROMIUM_PATH:-}" ]; then
        if [ -x "$CHROMIUM_PATH" ]; then
            printf '%s\n' "$CHROMIUM_PATH"
        fi
        return 0
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" 2>/dev/null; then
            return 0
        fi
    done
    return 0
}
