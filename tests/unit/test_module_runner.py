# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node, run


class Ended(Exception):
    """The module has said its last word."""


class Module:
    """What the runner uses of AnsibleModule."""

    def __init__(self, **params: Any) -> None:
        self.params = params
        self.said: dict[str, Any] = {}
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> NoReturn:
        self.said = result
        raise Ended

    def fail_json(self, **result: Any) -> NoReturn:
        self.exit_json(**{**result, "failed": True})


def ended(work: Callable[[Mapping[str, Any]], dict[str, Any]], *, params: dict[str, Any], **rules: Any) -> Module:
    module: Any = Module(**params)
    with pytest.raises(Ended):
        run(module, work, **rules)
    assert isinstance(module, Module)
    return module


def raising(error: Exception) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def work(options: Mapping[str, Any]) -> dict[str, Any]:
        raise error

    return work


def test_a_result_that_says_nothing_of_changes_has_changed_nothing() -> None:
    assert ended(lambda options: {"seen": options["path"]}, params={"path": "/x"}).said == {
        "changed": False,
        "seen": "/x",
    }
    assert ended(lambda options: {"changed": True}, params={}).said == {"changed": True}


def test_warnings_are_shown_and_are_no_part_of_the_result() -> None:
    module = ended(lambda options: {"warnings": ["mind the gap"]}, params={})
    assert (module.warnings, module.said) == (["mind the gap"], {"changed": False})


def test_a_result_that_has_failed_fails_the_task_with_all_that_it_says() -> None:
    module = ended(lambda options: {"failed": True, "msg": "wrong", "table": "t"}, params={})
    assert module.said == {"changed": False, "failed": True, "msg": "wrong", "table": "t"}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OrthancTlsError("edge1: what to do."), "edge1: what to do."),
        (PermissionError(errno.EACCES, "Permission denied", "/etc/x"), "/etc/x: Permission denied."),
        (OSError(errno.ENOSPC, "No space left on device"), "/srv/tls: No space left on device."),
        (TimeoutError("timed out"), "/srv/tls: timed out."),
    ],
    ids=["ours", "file", "no file", "text only"],
)
def test_an_error_is_a_failure_in_its_own_words_and_no_traceback(error: Exception, text: str) -> None:
    assert ended(raising(error), params={"path": "/srv/tls"}).said == {"failed": True, "msg": text}


def test_a_defect_of_ours_is_not_taken_for_a_failure_of_the_task() -> None:
    with pytest.raises(KeyError):
        ended(raising(KeyError("x")), params={})


@pytest.mark.parametrize("value", ["tls", ["/ok", "tls"]], ids=["one", "list"])
def test_a_relative_path_is_refused_before_any_work(value: Any) -> None:
    module = ended(raising(AssertionError("worked")), params={"record": value}, absolute=("record",))
    assert module.said["msg"] == "record is 'tls', which is relative; write an absolute path."


def test_paths_that_are_left_out_are_not_missed() -> None:
    assert "failed" not in ended(lambda options: {}, params={"path": None}, absolute=("path", "other")).said


def test_a_library_that_is_missing_is_named_before_any_work() -> None:
    module = ended(raising(AssertionError("worked")), params={}, requires=("no_such_library",))
    assert "Failed to import the required Python library (no_such_library)" in module.said["msg"]


def test_a_library_that_only_some_work_needs_is_named_when_it_is_needed() -> None:
    error = ModuleNotFoundError("No module named 'cryptography.x509'", name="cryptography.x509")
    module = ended(raising(error), params={})
    assert "Failed to import the required Python library (cryptography)" in module.said["msg"]


def test_a_module_for_the_control_node_does_nothing_on_a_host() -> None:
    module: Any = Module()
    with pytest.raises(Ended):
        only_on_control_node(module)
    assert module.said["failed"] and "action plugin" in module.said["msg"]
