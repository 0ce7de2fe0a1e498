#!/bin/sh
# Makes a virtual environment if it is not there yet, and installs into it.
#
#     bootstrap.sh ENVIRONMENT ARGUMENT_OF_PIP_INSTALL...
#
# Needs Python >= 3.11 and nothing else; takes uv where there is one. PYTHON names the interpreter to use,
# else the newest that works is taken. Any pip since 21.3 is good enough.
set -eu

environment=$1
shift

say() {
    printf '%s\n' "$*" >&2
}

give_up() {
    say "broker-sync: $*"
    exit 1
}

runs() {
    "$@" </dev/null >/dev/null 2>&1
}

# Prints 311 for Python 3.11; fails for what is not a Python, even if its name says so.
number_of() {
    "$1" -c 'import sys; print("%d%02d" % sys.version_info[:2])' </dev/null 2>/dev/null
}

is_recent() {
    number=$(number_of "$1") && [ "$number" -ge 311 ]
}

can_make_environment() {
    runs "$1" -c 'import ensurepip, venv' || runs "$1" -m virtualenv --version || runs uv --version
}

# Sets `python` to the newest interpreter that can make an environment, or says what is missing.
choose_python() {
    python='' newest=310 too_old='' cannot=''
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        number=$(number_of "$candidate") || continue
        if [ "$number" -lt 311 ]; then
            too_old=$candidate
        elif ! can_make_environment "$candidate"; then
            cannot=$candidate
        elif [ "$number" -gt "$newest" ]; then
            python=$candidate newest=$number
        fi
    done
    [ -z "$python" ] || return 0
    [ -z "$cannot" ] || give_up "$("$cannot" --version 2>&1) ($cannot) cannot make virtual environments." \
        "Install its venv module (Debian, Ubuntu: apt-get install python3-venv), or uv, or virtualenv."
    [ -z "$too_old" ] || give_up "Python 3.11 or newer is needed, $too_old is $("$too_old" --version 2>&1)." \
        "Install a newer one, or name it: make PYTHON=/path/to/python3 ..."
    give_up "found no Python that works (tried ${PYTHON:-python3, python3.13, python3.12, python3.11})." \
        "Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3 ..."
}

make_environment() {
    choose_python
    say "Making $environment with $("$python" --version 2>&1) ..."
    if runs "$python" -c 'import ensurepip, venv'; then
        "$python" -m venv "$environment"
    elif runs "$python" -m virtualenv --version; then
        "$python" -m virtualenv --quiet "$environment"
    else
        uv venv --quiet --python "$("$python" -c 'import sys; print(sys.executable)')" "$environment"
    fi
}

# pip knows where to look on machines where uv was not told, so it gets a try after uv.
install() {
    if runs uv --version; then
        uv pip install --quiet --python "$environment/bin/python" "$@" && return
        say "uv could not install; trying pip ..."
    fi
    runs "$environment/bin/python" -m pip --version || runs "$environment/bin/python" -m ensurepip ||
        give_up "$environment has no pip and there is no uv. Remove $environment and run make again."
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

if [ -e "$environment" ] && ! is_recent "$environment/bin/python"; then
    [ -e "$environment/pyvenv.cfg" ] || give_up "$environment is in the way: it is not a virtual environment."
    say "$environment no longer works; making it anew."
    rm -rf "$environment"
fi
[ -e "$environment" ] || make_environment

say "Installing into $environment (the first time takes a while) ..."
install "$@"
