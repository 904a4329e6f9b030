# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception that this collection's logic raises on purpose."""

from __future__ import annotations


class OrthancTlsError(Exception):
    """What was found where, what was expected, and what to do, in one sentence.

    It never holds a key or a passphrase, so modules and action plugins show it as it is.
    """
