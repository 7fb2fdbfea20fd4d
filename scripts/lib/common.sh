# Sourced by the scripts beside it: where things are, how to speak to the user, how to become root.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# Outside readers and test peers live in a virtual environment of their own.
VENV="$ROOT/.venv"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: as it is for root, through sudo for everybody else.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this step needs root: run as root or install sudo ($*)"
    fi
}
