# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service beside its record and its port."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from authorities import NOW
from looked_at_node import LookedAt
from loopback_tls import tls_server

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.services_seen import services_seen


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LookedAt:
    return LookedAt(tmp_path, monkeypatch)


def seen(node: LookedAt, **changes: Any) -> dict[str, Any]:
    (service,) = node.options()["services"]
    found: dict[str, Any] = services_seen(str(node.identity.path), [{**service, **changes}], NOW)["orthanc"]
    return found


def test_a_service_that_runs_with_what_it_was_healthy_with_differs_in_nothing(node: LookedAt) -> None:
    assert seen(node) == {
        "record": {"recorded": True, "differs": [], "service_state": "active"},
        "fault": None,
        "served": None,
        "not_loaded": None,
    }


def test_each_file_that_changed_since_is_named(node: LookedAt) -> None:
    node.recorded.change()
    assert [entry["path"] for entry in seen(node)["record"]["differs"]] == node.recorded.paths


def test_what_its_port_serves_is_told_beside_what_it_has_not_loaded(node: LookedAt) -> None:
    with tls_server(node.identity.file("server.pem")) as port:
        found = seen(node, port=port, server_name="node.example.org")
        assert found["not_loaded"] is None and found["served"][0]["names"] == ["DNS:node.example.org"]
    found = seen(node, port=1, server_name="node.example.org")
    assert found["served"] is None and "Cannot connect to 127.0.0.1:1" in found["not_loaded"]


def test_a_service_that_never_ran_has_no_record_and_is_no_failure(node: LookedAt) -> None:
    found = seen(node, record=str(node.folder / "nosuch"), files=[])
    assert found["record"]["recorded"] is False and found["fault"] is None


def test_a_folder_in_the_place_of_a_file_is_told_and_no_failure(node: LookedAt) -> None:
    found = seen(node, files=[str(node.folder)])
    assert found["record"] is None and "neither a file nor a symbolic link" in found["fault"]
