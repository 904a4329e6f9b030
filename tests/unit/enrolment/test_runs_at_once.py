# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs at once on one node and one CA folder: what is live is whole, and the next run has nothing to mend."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, brought, made_folder
from identities import Node

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import rollback
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import Ownership
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info

DONE, REFUSED, BROKEN = 0, 1, 2


def at_once(*runs: Callable[[], Any]) -> list[int]:
    """Run each in a process of its own, and say how each ended."""
    children = []
    for run in runs:
        child = os.fork()
        if not child:
            try:
                run()
                os._exit(DONE)
            except OrthancTlsError:
                os._exit(REFUSED)
            finally:
                os._exit(BROKEN)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = Node(made_folder(tmp_path), tmp_path / "tls")
    node.run()
    node.run(force=True)
    return node


def assert_whole(node: Node) -> None:
    current = GenerationStore(str(node.path), Ownership(os.getuid(), os.getgid())).current()
    assert current is not None and not current.faults


def test_renewals_at_once_leave_one_whole_generation_live(node: Node) -> None:
    for _round in range(5):
        assert set(at_once(*[lambda: node.run(force=True)] * 4)) == {DONE}
        assert_whole(node)
        assert not node.run()["changed"]
    assert len(node.generations()) == 5


def test_a_node_that_goes_back_while_it_is_renewed_is_held_at_what_is_live(node: Node) -> None:
    for _round in range(8):
        node.run(force=True)
        back = at_once(
            lambda: node.run(force=True),
            lambda: rollback.reach(str(node.path), "previous", "why", check_mode=False, now=NOW),
            lambda: node.run(force=True),
        )
        # Who comes while the node is held is refused, or finds it held and changes nothing.
        assert BROKEN not in back and back[1] == DONE
        assert_whole(node)
        hold = read_hold(str(node.path))
        assert hold is not None and hold.generation == os.path.basename(os.readlink(node.current))
        rollback.reach(str(node.path), "released", "", check_mode=False, now=NOW)


def test_rollovers_at_once_take_each_step_once(node: Node) -> None:
    for state in ("staged", "active", "retired"):
        assert set(at_once(*[functools.partial(brought, node.ca, state)] * 4)) == {DONE}
    states = [authority["state"] for authority in authority_info(node.ca.path, NOW)["authorities"]]
    assert states == ["retired", "active"]
