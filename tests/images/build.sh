#!/usr/bin/env bash
# Node images: Debian with systemd, sshd and an unprivileged user who may become root, like a freshly installed host.
# Usage: build.sh RELEASE...     builds side by side what is missing, changed or a week old, and prints a line for each.
set -euo pipefail
cd "$(dirname "$0")"

podman=../nodes/podman
label=org.openimaging.orthanc.recipe
recipe=$(cat build.sh recipe.sh | sha256sum | cut --characters=1-12)
week=$((7 * 24 * 3600))

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

is_fresh() {
    local made_by created
    read -r created made_by < <("$podman" image inspect --format "{{.Created.Unix}} {{index .Labels \"$label\"}}" "$1" 2>/dev/null) || return 1
    [ "$made_by" = "$recipe" ] && (($(date +%s) - created < week))
}

# A subshell: its trap removes what it alone has made. Not in /tmp, which may be held in memory.
build() (
    image=$1
    work=$(mktemp --directory --tmpdir=/var/tmp)
    trap 'as_root rm -rf "$work"' EXIT
    chmod 0755 "$work"
    if ! as_root env TMPDIR="$work" mmdebstrap --variant=minbase --skip=cleanup/apt \
        --include=ca-certificates,dbus,iproute2,openssh-server,python3,python3-apt,sudo,systemd,systemd-sysv \
        --customize-hook="$PWD/recipe.sh \"\$1\"" "${image##*-}" "$work/rootfs.tar" >"$work/log" 2>&1; then
        cat "$work/log" >&2
        exit 1
    fi
    "$podman" import --quiet --change 'CMD ["/sbin/init"]' --change 'STOPSIGNAL SIGRTMIN+3' \
        --change "LABEL=$label=$recipe" "$work/rootfs.tar" "$image" >/dev/null
    "$podman" image prune --force --filter "label=$label" >/dev/null
    echo "built $image from recipe $recipe"
)

mkdir -p ../../.cache
exec 9>../../.cache/images.lock # of two at once, the second finds what the first has built
flock 9
builds=()
for release in "$@"; do
    image=localhost/orthanc-node-$release
    is_fresh "$image" && continue
    build "$image" &
    builds+=($!)
done
failed=0
for pid in "${builds[@]}"; do
    wait "$pid" || failed=1
done
exit $failed
