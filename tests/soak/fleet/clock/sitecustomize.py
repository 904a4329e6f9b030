# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the control node's calendar ahead by C(CLOCK_AHEAD_DAYS): ansible-playbook does not run under libfaketime."""

from __future__ import annotations

import datetime
import os

_AHEAD = datetime.timedelta(days=int(os.environ.get("CLOCK_AHEAD_DAYS", "0")))
_Datetime = datetime.datetime


class Ahead(_Datetime):
    """A datetime whose now is later."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Ahead:
        """Return the time, so many days ahead."""
        return super().now(tz) + _AHEAD

    def __repr__(self) -> str:
        """Return what Ansible writes into a module as code."""
        return f"datetime.datetime{super().__repr__().removeprefix(type(self).__name__)}"


if _AHEAD:
    datetime.datetime = Ahead  # type: ignore[misc]
