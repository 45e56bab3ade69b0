# shellcheck shell=bash
# What the scripts beside it have in common. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\n== %s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Puts `swift` on the PATH. SWIFT_HOME may name the toolchain's directory.
find_swift() {
    local candidate
    if [ -n "${SWIFT_HOME:-}" ]; then
        for candidate in "$SWIFT_HOME/usr/bin" "$SWIFT_HOME/bin"; do
            if [ -x "$candidate/swift" ]; then PATH=$candidate:$PATH; return; fi
        done
        fail "SWIFT_HOME is $SWIFT_HOME, but there is no swift in its usr/bin or bin"
    fi
    if command -v swift >/dev/null; then return; fi
    for candidate in /opt/swift/usr/bin /usr/local/swift/usr/bin "${HOME:-/root}/.local/share/swiftly/bin"; do
        if [ -x "$candidate/swift" ]; then PATH=$candidate:$PATH; return; fi
    done
    fail "Swift 6.2 or later is needed: install it from https://www.swift.org/install/linux, or set SWIFT_HOME to where it is"
}

# The build writes into the working copy; one that another user has built in is left alone.
choose_build_directory() {
    local user
    [ -w "$root" ] || fail "can't write to $root: run as the user it belongs to, or make a copy of your own"
    user=$(id -un)
    build=$root/.build
    if [ -e "$build" ] && { [ ! -w "$build" ] || [ -n "$(find "$build" -maxdepth 2 ! -user "$user" -print -quit 2>/dev/null)" ]; }; then
        build=$root/.build-$user
    fi
}

# What the tests need of Python's packages, at the versions they were written for.
python_packages=(celery==5.7.0 pika==1.4.4 PyYAML==6.0.3)

# Prints a Python that can make virtual environments. The one on the PATH may be another than the system's, for which Debian
# packages are.
python_with_venv() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then echo "$candidate"; return; fi
    done
    return 1
}

# Prints a Python that has these packages: one in the build directory, made where it is not there yet or is of other versions.
# BATON_TEST_PYTHON may name one that is used as it is.
python_for_tests() {
    local home=$build/python mark=$build/python/packages base attempt
    if [ -n "${BATON_TEST_PYTHON:-}" ]; then echo "$BATON_TEST_PYTHON"; return; fi
    if [ -x "$home/bin/python" ] && [ "$(cat "$mark" 2>/dev/null)" = "${python_packages[*]}" ] && "$home/bin/python" -c 'import celery, pika' 2>/dev/null; then
        echo "$home/bin/python"
        return
    fi
    base=$(python_with_venv) || fail "no Python that can make virtual environments: apt-get install python3-venv"
    rm -rf "$home"
    "$base" -m venv "$home" >&2 || fail "can't make a virtual environment in $home"
    for attempt in 1 2 3; do
        if "$home/bin/python" -m pip install --quiet --disable-pip-version-check --retries 5 --timeout 60 "${python_packages[@]}" >&2; then
            echo "${python_packages[*]}" >"$mark"
            echo "$home/bin/python"
            return
        fi
        echo "pip could not install ${python_packages[*]} (attempt $attempt of 3)" >&2
        sleep $((attempt * 5))
    done
    fail "pip can't install ${python_packages[*]}: is pypi.org, or the mirror that pip is set up for, within reach?"
}

# Becomes a program of Tests/Chaos, which starts a cluster of its own. It tests what --baton names, else a build of this configuration.
run_on_cluster() {
    local program=$1 configuration=$2 baton="" python
    local arguments=() parts=(build broker tests) options=()
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
            --baton) [ $# -ge 2 ] || fail "--baton needs a path"; baton=$2; shift 2 ;;
            --baton=*) baton=${1#*=}; shift ;;
            *) arguments+=("$1"); shift ;;
        esac
    done

    if [ -n "$baton" ]; then parts=(broker tests); fi
    say "Looking for what is needed"
    "$root/deploy/install" "${parts[@]}"
    choose_build_directory

    if [ -z "$baton" ]; then
        say "Building ($configuration)"
        find_swift
        options=(--package-path "$root" --scratch-path "$build" --configuration "$configuration")
        swift build "${options[@]}" --product baton
        baton=$(swift build "${options[@]}" --show-bin-path)/baton
    fi
    [ -x "$baton" ] || fail "$baton is no program"

    say "Preparing Python"
    python=$(python_for_tests)

    say "Starting"
    export PYTHONPATH=$root/Tests/Chaos PYTHONDONTWRITEBYTECODE=1
    exec "$python" -m "$program" --baton "$(realpath "$baton")" "${arguments[@]}"
}

# A RabbitMQ for the tests, told to them by the environment. `stop_broker` ends it, and removes what it has written.
start_broker() {
    say "Starting a private RabbitMQ"
    broker_folder=$(mktemp -d "${TMPDIR:-/tmp}/baton-${0##*/}.XXXXXX")
    BATON_TEST_RABBITMQ=$broker_folder/rabbitmq
    BATON_TEST_AMQP_URL=$("$root/deploy/rabbitmq-node" start "$BATON_TEST_RABBITMQ")
    export BATON_TEST_RABBITMQ BATON_TEST_AMQP_URL
}

stop_broker() {
    local status=0
    [ -n "${broker_folder:-}" ] || return 0
    if [ -e "$broker_folder/rabbitmq" ]; then "$root/deploy/rabbitmq-node" stop "$broker_folder/rabbitmq" || status=1; fi
    rm -rf "$broker_folder"
    return "$status"
}

# Calls `cleanup STATUS` once, however the script ends. Where it fails, so does the script.
clean_up_at_exit() {
    trap 'end_script $?' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

end_script() {
    local status=$1
    trap '' INT TERM HUP
    trap - EXIT
    set +e
    cleanup "$status" || status=1
    exit "$status"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The wanted port if nobody has it, else another one below the range that the system takes for outgoing connections.
free_port() {
    local candidate=$1
    for _ in $(seq 200); do
        if ! answers "$candidate"; then echo "$candidate"; return; fi
        candidate=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    done
    fail "no free port found between 20000 and 32000"
}

# Prints the status code with which a server on loopback answers GET, or nothing.
http_status() {
    local code
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 0
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
        read -r -t 5 _ code _ <&3 && echo "$code"
    ) 2>/dev/null || true
}

running() { kill -0 "$1" 2>/dev/null; }

# Ends one of our own children: gently, then by SIGKILL.
stop_process() {
    local process=$1 tenths=${2:-150}
    if [ -z "$process" ] || ! running "$process"; then return 0; fi
    kill -TERM "$process" 2>/dev/null || true
    while running "$process" && [ "$tenths" -gt 0 ]; do
        tenths=$((tenths - 1))
        sleep 0.1
    done
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
}
