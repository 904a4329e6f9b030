# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib
import pathlib
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.openimaging.orthanc.plugins import filter as plugins
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters

FOLDER = pathlib.Path(next(iter(plugins.__path__)))


def halved(number: int, *, by: int = 2) -> float:
    if number < 0:
        raise OrthancTlsError(f"number is {number}; expected 0 or more.")
    return number / by


class Halved(Filters):
    functions = (halved,)


def test_a_filter_has_the_name_of_its_function_and_takes_its_arguments() -> None:
    assert Halved().filters()["halved"](6, by=3) == 2


def test_an_error_of_the_logic_is_the_error_of_the_template() -> None:
    with pytest.raises(AnsibleFilterError, match=r"number is -1; expected 0 or more\."):
        Halved().filters()["halved"](-1)


def test_every_filter_is_documented_and_goes_through_the_one_wrapper() -> None:
    names: list[str] = []
    for file in FOLDER.glob("*.py"):
        module: Any = importlib.import_module(f"{plugins.__name__}.{file.stem}")
        assert issubclass(module.FilterModule, Filters), f"{file.name} has a wrapper of its own"
        names += module.FilterModule().filters()
    assert sorted(names) == sorted(file.stem for file in FOLDER.glob("*.yml"))
