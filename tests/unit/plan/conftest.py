# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of stories share that let time pass."""

from __future__ import annotations

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import rehearsal


@pytest.fixture
def any_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL judges by the machine's clock, and these tests move another one."""
    monkeypatch.setattr(rehearsal, "check_identity", lambda *_arguments, **_options: None)
