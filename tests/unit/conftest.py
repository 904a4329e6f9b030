# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for all unit tests: no example is timed, as the machine may be busy, and passphrases are cheap to try."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca import encrypted_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients import pkcs12

settings.register_profile("untimed", deadline=None)
settings.register_profile("few", deadline=None, max_examples=10)  # where other versions run what ran here already
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _cheap_passphrases() -> Iterator[None]:
    """Thousands of keys are opened; tests of how they are protected set what counts again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encrypted_key, "SCRYPT", (1024, 8, 1))
        patch.setattr(encrypted_key, "PBKDF2_ROUNDS", 1000)
        patch.setattr(pkcs12, "ROUNDS", 1000)
        yield
