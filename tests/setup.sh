#!/usr/bin/env bash
# Everything that lint, unit tests, nodes and the demo need: Debian packages, .venv, the collection in .venv, podman's settings.
# Each step looks first and does nothing when all is there. Arguments are further lists of Debian packages.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    local package missing=()
    while read -r package; do
        dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done < <(cat tests/packages.txt "$@")
    [ ${#missing[@]} -eq 0 ] && return
    as_root apt-get update --quiet=2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}"
}

make_venv() {
    [ -x .venv/bin/python ] && cmp --quiet tests/requirements.txt .venv/requirements.txt && return
    rm -rf .venv # first: make puts it at the beginning of PATH, and bash remembers where it has found python3
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 must be 3.11 or newer")'
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --quiet --requirement tests/requirements.txt
    cp tests/requirements.txt .venv/requirements.txt
}

# Ansible, pytest and mypy find the working tree under the collection's own name.
link_collection() {
    local namespace
    namespace=$(echo .venv/lib/python3*/site-packages)/ansible_collections/openimaging
    mkdir -p "$namespace"
    ln -sfn "$PWD" "$namespace/orthanc"
}

# podman's defaults suit ordinary machines. crun wants a unified cgroup layout, and limits above the
# machine's own want CAP_SYS_RESOURCE (bit 24 of the bounding set).
write_containers_conf() {
    local engine='' containers='' bounding
    bounding=$(sed -n 's/^CapBnd:\s*//p' /proc/self/status)
    [ "$(stat --file-system --format=%T /sys/fs/cgroup)" = cgroup2fs ] || engine='runtime = "runc"'
    ((0x$bounding >> 24 & 1)) || containers="default_ulimits = [\"nofile=20000:20000\", \"nproc=30000:30000\"]"
    rm -f .cache/containers.conf
    [ -z "$engine$containers" ] && return
    mkdir -p .cache
    printf '[engine]\n%s\n[containers]\n%s\n' "$engine" "$containers" >.cache/containers.conf
}

install_packages "$@"
make_venv
link_collection
write_containers_conf
