# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site says, whatever the variables come from."""

from __future__ import annotations

from typing import Any

import pytest
from rendered_site import OTHERS, site


@pytest.mark.parametrize("nginx", [{}, {"other_listeners": OTHERS}], ids=["alone", "beside another site"])
@pytest.mark.parametrize(("https", "http"), [(443, 80), (8443, 8080), (443, 0)])
def test_ports_as_text_are_the_ports(nginx: dict[str, Any], https: int, http: int) -> None:
    numbers: dict[str, Any] = {"frontend_https_port": https, "frontend_http_port": http}
    assert site(nginx, {name: str(value) for name, value in numbers.items()}) == site(nginx, numbers)
