# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a program of the node something: no shell, English, nothing to type, and not for ever (standard library only)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

SECONDS = 10.0
_LONGEST_COMPLAINT = 300  # characters


def ask(command: Sequence[str], *, statuses: Collection[int] = (0,), seconds: float = SECONDS) -> str:
    """Return what a program prints; C(statuses) are the exit statuses with which that is an answer.

    What would let the dynamic linker look elsewhere than it does for a service is left out of its environment.
    """
    try:
        answer = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OrthancTlsError(f"'{command[0]}' gave no answer within {seconds:g} seconds.") from error
    except OSError as error:
        raise OrthancTlsError(f"'{command[0]}' cannot be run: {error.strerror}.") from error
    if answer.returncode not in statuses:
        complaint = " ".join(answer.stderr.split())[:_LONGEST_COMPLAINT]
        raise OrthancTlsError(f"'{command[0]}' ended with status {answer.returncode}: {complaint or 'no message'}")
    return answer.stdout


def _environment() -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if not name.startswith("LD_")}, "LC_ALL": "C"}
