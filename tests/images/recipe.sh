#!/usr/bin/env bash
# What distinguishes a node from a bare Debian. Usage: recipe.sh ROOT, as root, while mmdebstrap has ROOT ready for chroot.
set -euo pipefail
root=$1

chroot "$root" useradd --create-home --shell /bin/bash admin
echo 'admin ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/admin"
chmod 0440 "$root/etc/sudoers.d/admin"

# Each node makes its own host keys when it boots.
rm "$root"/etc/ssh/ssh_host_*
mkdir "$root/etc/systemd/system/ssh.service.d"
cat >"$root/etc/systemd/system/ssh.service.d/host-keys.conf" <<'UNIT'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
UNIT

# Packages that the roles install are only downloaded: the installation itself is what the tests are about.
chroot "$root" apt-get clean
chroot "$root" apt-get install --yes --download-only --option APT::Install-Recommends=true \
    nginx orthanc orthanc-dicomweb python3-cryptography tcc
