# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File capabilities of a program, by which Orthanc may listen on port 104 (standard library only).

With any, the dynamic linker ignores C(LD_LIBRARY_PATH), and OpenSSL ignores C(OPENSSL_CONF) and C(SSL_CERT_FILE).
"""

from __future__ import annotations

import errno
import os
import struct
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_ATTRIBUTE = "security.capability"
# Linux' include/uapi/linux/capability.h, struct vfs_cap_data: a word with revision and flag, then pairs of words.
_REVISION, _EFFECTIVE = 0xFF000000, 0x000001
_PAIRS = {0x01000000: 1, 0x02000000: 2, 0x03000000: 2}
_ROOT_ID = {0x03000000: 4}
_NAMES = (
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
)  # fmt: skip


@dataclass(frozen=True)
class FileCapabilities:
    """What a program may do beyond its user: names as in capabilities(7), a number where this file knows no name.

    C(effective) says that it has the permitted ones from its start. Without capabilities all is empty.
    """

    permitted: tuple[str, ...] = ()
    inheritable: tuple[str, ...] = ()
    effective: bool = False


def binary_capabilities(path: str) -> FileCapabilities | None:
    """Read the capabilities of a program, behind links; None where there is none."""
    try:
        return read_capabilities(os.getxattr(path, _ATTRIBUTE))
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP):
            return FileCapabilities()
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise OrthancTlsError(f"Cannot read the capabilities of {path}: {error.strerror}.") from error


def read_capabilities(attribute: bytes) -> FileCapabilities:
    """Read the extended attribute C(security.capability) of revision 1 to 3."""
    word = struct.unpack_from("<I", attribute)[0] if len(attribute) >= 4 else 0
    revision = word & _REVISION
    pairs = _PAIRS.get(revision, 0)
    if not pairs or len(attribute) != 4 + 8 * pairs + _ROOT_ID.get(revision, 0):
        raise OrthancTlsError(f"{_ATTRIBUTE} is nothing that Linux writes: {attribute[:32].hex()}.")
    words = struct.unpack_from(f"<{2 * pairs}I", attribute, 4)
    return FileCapabilities(_names(words[0::2]), _names(words[1::2]), bool(word & _EFFECTIVE))


def _names(words: tuple[int, ...]) -> tuple[str, ...]:
    bits = sum(word << 32 * position for position, word in enumerate(words))
    return tuple(_name(number) for number in range(32 * len(words)) if bits >> number & 1)


def _name(number: int) -> str:
    return f"cap_{_NAMES[number]}" if number < len(_NAMES) else str(number)
