# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node holds, serves and has loaded, seen over a real port and in a real record."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, brought, made_folder
from identities import Node
from loopback_tls import tls_server
from made_certificates import made
from recorded_service import Node as Recorded
from unprivileged import as_nobody, public_folder

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import facts as generation_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import LoadedService, look
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import record as service_record
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import Port
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan import rollover


class Serving:
    """An identity, and a service that has a record; it serves what C(server.pem) was when it was started."""

    def __init__(self, folder: Path) -> None:
        self.node = Node(made_folder(folder), folder / "tls")
        self.service = LoadedService("orthanc.service", str(folder / "record"), None, _port(1))

    def recorded(self) -> None:
        link = os.path.join(self.node.path, "current")
        service_record.write(self.service.record, self.service.unit, [link], check_mode=False)

    def look(self, port: int = 1) -> dict[str, Any]:
        return look(str(self.node.path), [replace(self.service, port=_port(port))], NOW)


def _port(number: int) -> Port:
    return Port("127.0.0.1", number, "node.example.org", 5)


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serving:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    Recorded(tmp_path)
    return Serving(tmp_path)


def test_what_is_held_served_and_recorded_was_loaded(serving: Serving) -> None:
    serving.node.run()
    serving.recorded()
    with tls_server(serving.node.file("server.pem")) as port:
        seen = serving.look(port)
    assert (seen["changed"], seen["fault"], seen["not_loaded"]) == (False, None, None)
    assert seen["served"][0]["fingerprint_sha256"] == seen["identity"]["certificates"][0]["fingerprint_sha256"]


def test_new_trust_that_was_not_loaded_is_told_although_the_port_shows_the_same_leaf(serving: Serving) -> None:
    serving.node.run()
    serving.recorded()
    brought(serving.node.ca, "staged")
    assert serving.node.run()["reason"] == "trust_changed"
    with tls_server(serving.node.file("server.pem")) as port:
        seen = serving.look(port)
    assert seen["not_loaded"].endswith("(changed)") and "orthanc.service has not loaded 20" in seen["not_loaded"]


def test_another_leaf_on_the_port_is_told_although_the_record_fits(serving: Serving) -> None:
    serving.node.run()
    old = serving.node.path / "generations" / os.readlink(serving.node.current).partition("/")[2] / "server.pem"
    with tls_server(old) as port:
        serving.node.run(force=True)
        serving.recorded()
        seen = serving.look(port)
    assert seen["not_loaded"] == "orthanc.service serves another certificate than the node holds"


def test_a_certificate_of_another_issuer_is_compared_with_the_file_that_has_it(
    serving: Serving, tmp_path: Path
) -> None:
    serving.node.run()
    serving.recorded()
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    serving.service = replace(serving.service, certificate=str(own))
    with tls_server(serving.node.file("server.pem")) as port:
        assert f"Cannot read a certificate in {own}" in serving.look(port)["not_loaded"]
    for file in (own, other):
        of_hand = made("node.example.org")
        file.write_bytes(of_hand.key_pem + of_hand.cert_pem)
    with tls_server(own) as port:
        assert serving.look(port)["not_loaded"] is None
    with tls_server(other) as port:
        assert serving.look(port)["not_loaded"] == "orthanc.service serves another certificate than the node holds"


def test_a_port_that_does_not_answer_is_told_and_no_failure(serving: Serving) -> None:
    serving.node.run()
    serving.recorded()
    seen = serving.look()
    assert seen["served"] is None and "Cannot connect to 127.0.0.1:1" in seen["not_loaded"]


def test_a_node_without_identity_is_told_and_no_failure(serving: Serving) -> None:
    seen = serving.look()
    assert (seen["identity"], seen["not_loaded"]) == (None, "there is no identity to load")
    assert "is no identity's folder" in seen["fault"]


def test_a_damaged_hold_is_a_hold_to_whoever_looks(serving: Serving) -> None:
    serving.node.run()
    serving.recorded()
    assert rollover.SeenNode.seen(serving.look()).held is None
    (serving.node.path / "held.json").write_text("{}")
    seen = serving.look()
    assert seen["identity"]["held"]["generation"] == "unknown"
    held = rollover.SeenNode.seen(seen).held
    assert held and held.startswith("held since 20") and "held.json says that this identity is held, and is dam" in held


def test_a_user_who_may_not_read_the_hold_sees_none_and_no_failure() -> None:
    with public_folder() as folder:
        (folder / "held.json").write_text("{}")
        assert "unknown" in as_nobody(lambda: generation_facts._held(str(folder)))
        (folder / "held.json").chmod(0)
        assert as_nobody(lambda: generation_facts._held(str(folder))) == "None"
