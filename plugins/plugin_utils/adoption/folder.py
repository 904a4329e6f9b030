# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder for a host's variables: as Ansible reads it, and without taking anything else from Ansible.

Of C(host_vars) beside an inventory or a playbook, Ansible reads for a host the folder of its name, or else the first
file of its name, and never both (measured with ansible-core 2.19).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ansible import constants

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_NOTHING = "Nothing was written."


def checked_folder(folder: str, host: str) -> str:
    """Return the folder without a slash at its end; one beside which Ansible would lose variables is an error."""
    if not os.path.isabs(folder):
        raise OrthancTlsError(
            f"{host}: adopt_folder is '{folder}'; it must be an absolute path, such as host_vars/{host} in the folder "
            f"of the inventory. {_NOTHING}"
        )
    path = os.path.normpath(folder)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise OrthancTlsError(
            f"{host}: {path} is a file, and adopt.yml writes into a folder of that name. {_NOTHING} Move it to "
            f"{path}/main.yml, by way of another name, and run adopt.yml again."
        )
    for extension in constants.config.get_config_value("YAML_FILENAME_EXTENSIONS"):
        suffix = extension if "." in extension else f".{extension}"
        if os.path.exists(path + suffix):
            raise OrthancTlsError(
                f"{host}: {path}{suffix} has variables of this host, and Ansible does not read that file beside the "
                f"folder {path}, into which adopt.yml writes: the next run would be without them. {_NOTHING} Move it "
                f"to {path}/main{suffix}, and run adopt.yml again."
            )
    return path


def not_read(folder: str, host: str, read_from: Sequence[str]) -> Iterator[str]:
    """Say that Ansible does not read a folder by itself; C(read_from) are those of the inventory and the playbook."""
    read = [os.path.join(base, "host_vars", host) for base in read_from if base]
    if read and os.path.realpath(folder) not in map(os.path.realpath, read):
        yield (
            f"Ansible does not read {folder} by itself, but {read[0]}. A later run knows these variables "
            "only if you load them, and would otherwise converge this host to the collection's defaults."
        )
