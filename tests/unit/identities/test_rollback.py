# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back to an earlier generation, and the hold that keeps it: on real certificates, killed anywhere."""

from __future__ import annotations

import functools
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, brought, made_folder
from identities import Node, snapshot
from recorded_service import killed_after
from unprivileged import as_nobody, public_folder

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import rollback
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import store as generation_store
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import (
    HELD,
    Hold,
    read_hold,
    write_hold,
)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(made_folder(tmp_path), tmp_path / "tls")


def live(node: Node) -> str:
    return os.path.basename(os.readlink(node.current))


def reach(node: Node, state: str, *, check_mode: bool = False, now: Any = NOW) -> dict[str, Any]:
    return rollback.reach(str(node.path), state, "a reason", check_mode=check_mode, now=now)


def renewed(node: Node, **changes: Any) -> str:
    node.run(**({"force": True} | changes))
    return live(node)


def test_what_is_held_stays_whatever_is_due(node: Node) -> None:
    first, second = renewed(node), renewed(node)
    went_back = reach(node, "previous")
    assert (went_back["changed"], live(node), went_back["held"]["generation"]) == (True, first, first)
    before = snapshot(node.path)
    for changes in ({"force": True}, {"key_type": "rsa-2048"}, {"now": NOW + timedelta(days=150)}):
        found = node.run(**changes)
        assert (found["changed"], found["renewed"], found["reason"], found["generation"]) == (False, False, None, first)
        assert (found["held"]["why"], found["held"]["generation"]) == ("a reason", first)
        assert found["not_after"] and found["trust_sha256"]
    assert snapshot(node.path) == before
    assert second in node.generations()


def test_what_is_held_takes_no_new_trust(node: Node) -> None:
    renewed(node)
    reach(node, "held")
    trust = node.run()["trust_sha256"]
    brought(node.ca, "staged")
    assert node.run()["trust_sha256"] == trust
    reach(node, "released")
    assert node.run()["reason"] == "trust_changed"


def test_a_sixth_before_its_end_a_held_certificate_ends_soon(node: Node) -> None:
    renewed(node)
    reach(node, "held")
    assert node.run(now=NOW + timedelta(days=149))["held"]["ends_soon"] is False
    assert node.run(now=NOW + timedelta(days=151))["held"]["ends_soon"] is True
    node.file("cert.pem").unlink()
    node.file("manifest.json").unlink()
    assert node.run()["held"]["ends_soon"] is True


def test_released_it_is_renewed_again(node: Node) -> None:
    renewed(node)
    renewed(node)
    reach(node, "previous")
    assert reach(node, "released", check_mode=True)["changed"] is True
    assert read_hold(str(node.path)) is not None
    assert reach(node, "released")["changed"] is True
    assert reach(node, "released")["changed"] is False
    assert node.run(force=True)["renewed"] is True


def test_going_back_twice_goes_one_generation_back(node: Node) -> None:
    renewed(node)
    second, _third = renewed(node), renewed(node)
    assert reach(node, "previous")["changed"] is True
    assert reach(node, "previous")["changed"] is False
    assert live(node) == second


def test_released_and_renewed_it_goes_back_to_what_was_live_and_not_to_what_failed(node: Node) -> None:
    first, failed = renewed(node), renewed(node)
    reach(node, "previous")
    reach(node, "released")
    third = renewed(node)
    assert reach(node, "previous")["held"]["generation"] == first
    assert {failed, third} < set(node.generations())


def test_never_to_what_a_killed_run_did_not_link(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    first = renewed(node)

    def killed(link: str, target: str, moment: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(generation_store, "swap_link", killed)
        patched.setattr(generation_store.GenerationStore, "_is_live", lambda store, target: True)
        with pytest.raises(KeyboardInterrupt):
            renewed(node)
    assert (live(node), len(node.generations())) == (first, 2)
    second = renewed(node)
    assert (live(node), len(node.generations())) == (second, 3)
    reach(node, "previous")
    assert live(node) == first


def test_check_mode_says_where_it_would_go_and_writes_nothing(node: Node) -> None:
    first, second = renewed(node), renewed(node)
    before = snapshot(node.path)
    said = reach(node, "previous", check_mode=True)
    assert (said["changed"], said["identity"]["generation"]["name"], live(node)) == (True, first, second)
    assert snapshot(node.path) == before


@pytest.mark.parametrize(("seconds", "goes"), [(-1, True), (0, False)])
def test_in_its_last_second_a_certificate_has_expired(node: Node, seconds: int, goes: bool) -> None:
    first, second = renewed(node), renewed(node)
    now = NOW + timedelta(days=180, seconds=seconds)
    if goes:
        assert reach(node, "previous", now=now)["held"]["generation"] == first
    else:
        with pytest.raises(OrthancTlsError, match="expired on 20"):
            reach(node, "previous", now=now)
        assert live(node) == second and read_hold(str(node.path)) is None


@pytest.mark.parametrize("harm", ["alone", "removed", "damaged", "expired"])
def test_what_cannot_be_gone_back_to_is_refused_and_nothing_is_held(node: Node, harm: str) -> None:
    first = renewed(node)
    now = NOW
    if harm != "alone":
        renewed(node, **({"keep": 1} if harm == "removed" else {}))
    if harm == "damaged":
        (node.path / "generations" / first / "key.pem").chmod(0o644)
    if harm == "expired":
        now = NOW + timedelta(days=181)
    says = {
        "alone": "replaced no other generation",
        "removed": "was removed meanwhile",
        "damaged": r"key\.pem has mode 0644",
        "expired": "expired on 20",
    }
    before = snapshot(node.path)
    with pytest.raises(OrthancTlsError, match=says[harm]):
        reach(node, "previous", now=now)
    assert snapshot(node.path) == before


def test_where_there_is_no_identity_there_is_nothing_to_hold(node: Node) -> None:
    with pytest.raises(OrthancTlsError, match="holds no identity"):
        reach(node, "held")


def test_killed_anywhere_it_did_not_go_back_unless_it_is_held(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in range(20):
        node = Node(node.ca, tmp_path / str(count))
        first, second = renewed(node), renewed(node)
        done = killed_after(count, functools.partial(reach, node, "previous"), monkeypatch)
        held = read_hold(str(node.path))
        assert live(node) == second or (live(node) == first and held and held.generation == first)
        assert reach(node, "previous")["held"]["generation"] == live(node) == first
        if done:
            break
    assert done and count > 3


def test_the_hold_is_its_owners_alone(node: Node) -> None:
    renewed(node)
    reach(node, "held")
    assert stat.S_IMODE((node.path / HELD).stat().st_mode) == 0o600


def test_a_hold_that_may_not_be_read_is_a_hold_and_says_so() -> None:
    with public_folder() as folder:
        write_hold(str(folder), Hold.begun("a", "b", NOW))
        (folder / HELD).chmod(0)
        assert as_nobody(lambda: read_hold(str(folder))) == (
            f"OrthancTlsError: {folder}/held.json cannot be read: Permission denied. Run the task as root (become)."
        )
        assert as_nobody(lambda: rollback.is_held(str(folder))) == "True"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"generation": "a", "since": "today", "why": "b"}'])
def test_a_damaged_hold_stops_the_run_and_says_what_to_do(node: Node, text: str) -> None:
    renewed(node)
    (node.path / HELD).write_text(text)
    before = snapshot(node.path)
    with pytest.raises(OrthancTlsError, match=r"held\.json says that this identity is held, and is damaged"):
        node.run(force=True)
    assert snapshot(node.path) == before
    assert reach(node, "released")["changed"] is True
    assert node.run(force=True)["changed"] is True


def test_what_is_put_on_hold_between_the_two_steps_is_not_replaced(node: Node) -> None:
    first = renewed(node)
    order = node.order(force=True)
    answer = node.inspect(order)["enrolment"]
    reach(node, "held")
    with pytest.raises(OrthancTlsError, match="was put on hold while this run went on"):
        node.install(order, answer)
    assert (live(node), node.generations()) == (first, [first])


def test_a_long_reason_becomes_one_short_line(node: Node) -> None:
    renewed(node)
    write_hold(str(node.path), Hold.begun(live(node), "word \n" * 1000, NOW))
    hold = read_hold(str(node.path))
    assert hold is not None and "\n" not in hold.why and len(hold.why) < 500


def test_what_the_live_generation_replaced_is_kept_although_others_are_newer(node: Node) -> None:
    first = renewed(node)
    for _failure in range(6):
        renewed(node, keep=3)
        assert reach(node, "previous")["held"]["generation"] == live(node) == first
        reach(node, "released")
    assert len(node.generations()) == 3
