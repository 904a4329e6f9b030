# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from recorded_service import SECRET, Node, killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files import atomic
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import record as service_record


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return Node(tmp_path)


def test_without_a_record_every_file_differs(node: Node) -> None:
    assert node.compare()["recorded"] is False
    assert node.differs() == {"orthanc.json": "no record", "current": "no record", "absent": "no record"}


def test_what_was_recorded_does_not_differ(node: Node) -> None:
    assert node.write()["changed"] is True
    assert node.compare()["recorded"] is True
    assert node.differs() == {}


def test_recording_twice_changes_nothing(node: Node) -> None:
    node.write()
    before = node.everything()
    assert node.write()["changed"] is False
    assert node.everything() == before


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda node: node.config.write_text("{}"), {"orthanc.json": "changed"}),
        (lambda node: node.config.chmod(0o600), {"orthanc.json": "changed"}),
        (lambda node: node.config.unlink(), {"orthanc.json": "missing"}),
        (lambda node: atomic.swap_link(str(node.link), "b"), {"current": "changed"}),
        (lambda node: node.absent.write_text(""), {"absent": "changed"}),
        (lambda node: node.started("first", "failed"), {"orthanc.service": "service not running"}),
        (lambda node: node.systemd("LoadState=not-found\n"), {"orthanc.service": "service not running"}),
        (lambda node: node.systemd(""), {"orthanc.service": "service not running"}),
        (lambda node: node.paths.append("/nowhere/new"), {"new": "no record"}),
    ],
    ids=["contents", "mode", "removed", "link", "appeared", "failed", "no unit", "no systemd", "new file"],
)
def test_each_difference_is_named(node: Node, change: Callable[[Node], object], differs: dict[str, str]) -> None:
    node.write()
    change(node)
    assert node.differs() == differs


def test_another_start_that_read_the_same_files_makes_no_difference(node: Node) -> None:
    node.write()
    node.started("after a reboot")
    assert node.differs() == {}


def test_another_start_before_the_files_were_put_there_makes_one(node: Node) -> None:
    node.write()
    node.change()
    node.started("with the change")
    node.restore()
    assert node.differs() == {
        "orthanc.json": "changed after the service started",
        "current": "changed after the service started",
    }
    node.started("with what was restored")
    assert node.differs() == {}


def test_a_reloading_service_runs(node: Node) -> None:
    node.write()
    node.started("first", "reloading")
    assert node.differs() == {}


def test_a_host_without_systemctl_has_no_service(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert node.compare()["service_state"] == "not-found"


def test_a_service_that_does_not_run_is_not_recorded_as_healthy(node: Node) -> None:
    node.started("first", "activating")
    with pytest.raises(OrthancTlsError, match="does not run \\(activating\\)"):
        node.write()
    assert not node.record.exists()
    assert node.write(check_mode=True)["changed"] is True


def test_the_record_is_its_owners_alone(node: Node) -> None:
    node.write()
    modes = {path.lstat().st_mode & 0o077 for path in (node.record, *node.record.rglob("*")) if not path.is_symlink()}
    assert modes == {0}


def test_a_record_that_others_could_write_is_none(node: Node) -> None:
    node.write()
    node.record.chmod(0o770)
    assert node.compare()["recorded"] is False
    assert node.restore()["restored"] is False
    node.write()
    assert node.differs() == {}


def test_a_record_of_another_user_is_none(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.write()
    assert node.differs() == {}
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert set(node.differs().values()) == {"no record"}
    assert node.restore()["recorded"] is False


def test_one_record_is_kept(node: Node) -> None:
    node.write()
    (node.record / ".last.0123").symlink_to("killed")
    (node.record / "20260101T000000Z-01234567").mkdir()
    node.change()
    node.write()
    assert len(os.listdir(node.record)) == 2
    assert node.differs() == {}


def test_a_record_of_another_service_is_none(node: Node) -> None:
    node.write()
    assert service_record.compare(str(node.record), "nginx.service", node.paths)["recorded"] is False


@pytest.mark.parametrize("harm", [b"", b"[]", b'{"service": "orthanc.service"}', b"\xff"])
def test_a_damaged_record_is_none(node: Node, harm: bytes) -> None:
    node.write()
    (node.record / "last" / "record.json").write_bytes(harm)
    assert node.compare()["recorded"] is False
    node.write()
    assert node.differs() == {}


def test_without_names_the_files_are_those_of_the_record(node: Node) -> None:
    node.write()
    folder, service = str(node.record), "orthanc.service"
    assert service_record.compare(folder, service, None)["differs"] == []
    node.config.write_text("{}")
    assert [one["path"] for one in service_record.compare(folder, service, None)["differs"]] == [str(node.config)]
    assert service_record.write(folder, service, None, check_mode=False)["changed"]
    assert node.differs() == {}


def test_without_names_and_without_a_record_there_is_an_error(node: Node) -> None:
    for reached in (service_record.compare, functools.partial(service_record.write, check_mode=False)):
        with pytest.raises(OrthancTlsError, match=r"holds no record of orthanc\.service, and files is left out"):
            reached(str(node.record), "orthanc.service", None)


def test_a_file_that_is_no_longer_named_leaves_the_record(node: Node) -> None:
    node.write()
    node.paths.pop()
    assert node.differs() == {}
    assert node.write()["changed"] is True
    assert list(json.loads((node.record / "last" / "record.json").read_text())["files"]) == node.paths


def test_what_was_healthy_comes_back_as_a_whole(node: Node) -> None:
    before = node.states()
    node.write()
    node.change()
    result = node.restore()
    assert (result["changed"], result["restored"], result["files"]) == (True, True, node.paths)
    assert node.states() == before
    assert node.restore()["changed"] is False


def test_a_removed_folder_comes_back_with_its_files(node: Node) -> None:
    node.paths = [str(node.config)]
    node.write()
    before = node.states()
    node.config.parent.rename(node.config.parent.with_name("gone"))
    assert node.restore()["files"] == node.paths
    assert node.states() == before


def test_only_what_differs_is_touched(node: Node) -> None:
    node.write()
    before = node.config.stat()
    node.absent.write_text("new")
    assert node.restore()["files"] == [str(node.absent)]
    after = node.config.stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)  # it was read, so not st_atime


def test_without_a_record_nothing_is_restored(node: Node) -> None:
    before = node.states()
    assert node.restore() == {
        "changed": False,
        "recorded": False,
        "restored": False,
        "held": False,
        "files": [],
        "probes": None,
    }
    assert node.states() == before


def test_a_damaged_copy_stops_the_restoration_before_it_begins(node: Node) -> None:
    node.write()
    node.change()
    changed = node.states()
    (node.record / "last" / "0").write_text("harmed")
    with pytest.raises(OrthancTlsError, match="damaged"):
        node.restore()
    assert node.states() == changed


def test_a_link_to_what_is_gone_stops_the_restoration_before_it_begins(node: Node) -> None:
    node.write()
    node.change()
    changed = node.states()
    (node.link.parent / "a").rmdir()
    with pytest.raises(OrthancTlsError, match=r"pointed to a .* that is gone"):
        node.restore()
    assert node.states() == changed


def test_a_folder_is_no_file(node: Node) -> None:
    node.paths.append(str(node.config.parent))
    with pytest.raises(OrthancTlsError, match="neither a file nor a symbolic link"):
        node.compare()


def test_check_mode_writes_nothing(node: Node) -> None:
    before = node.everything()
    assert node.write(check_mode=True) | {"diff": None} == {
        "changed": True,
        "recorded": False,
        "service_state": "active",
        "diff": None,
    }
    assert node.everything() == before
    node.write()
    node.change()
    before = node.everything()
    assert node.restore(check_mode=True)["files"] == node.paths
    assert node.everything() == before


def test_no_result_shows_contents(node: Node) -> None:
    results = [node.compare(), node.write()]
    node.change()
    results += [node.compare(), node.restore()]
    assert SECRET not in json.dumps(results)
    assert "sha256" in results[1]["diff"]["after"] and "link -> a" in results[1]["diff"]["after"]


@pytest.mark.parametrize("action", ["write", "restore"])
def test_killed_anywhere_the_next_run_converges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """The process ends before its nth change of the file system: the record is the old or the new one, never half."""
    for survived in range(100):
        folder = tmp_path / str(survived)
        folder.mkdir()
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        node = Node(folder)
        healthy = node.states()
        node.write()
        node.change()
        changed = node.states()
        node.started("second")
        finished = killed_after(survived, getattr(node, action), monkeypatch)
        if action == "write":
            assert node.differs() in ({}, {"orthanc.json": "changed", "current": "changed", "absent": "changed"})
            node.write()
            assert (node.differs(), node.states()) == ({}, changed)
        else:
            node.restore()
            assert node.states() == healthy
        if finished:
            return
    pytest.fail("It was never finished.")


def identity(node: Node) -> Path:
    """Make the folder of the link an identity's, with two generations."""
    folder = node.link.parent
    (folder / "generations").mkdir()
    for name in ("one", "two"):
        (folder / "generations" / name).mkdir()
    atomic.swap_link(str(node.link), "generations/one")
    return folder


def test_an_identity_that_goes_back_is_held_there(node: Node) -> None:
    folder = identity(node)
    node.write()
    atomic.swap_link(str(node.link), "generations/two")
    back = {"identity": str(folder), "why": "it did\nnot answer"}
    assert service_record.restore(str(node.record), "orthanc.service", check_mode=True, **back)["held"] is True
    assert read_hold(str(folder)) is None
    assert service_record.restore(str(node.record), "orthanc.service", check_mode=False, **back)["held"] is True
    hold = read_hold(str(folder))
    assert hold is not None and (hold.generation, hold.why) == ("one", "it did not answer")
    assert os.readlink(node.link) == "generations/one"


def test_what_goes_back_without_the_identity_holds_nothing(node: Node) -> None:
    folder = identity(node)
    node.write()
    node.config.write_text("{}")
    restored = service_record.restore(str(node.record), "orthanc.service", check_mode=False, identity=str(folder))
    assert (restored["changed"], restored["held"], read_hold(str(folder))) == (True, False, None)


def test_what_had_no_identity_before_holds_nothing(node: Node) -> None:
    folder = identity(node)
    node.link.unlink()
    node.write()
    atomic.swap_link(str(node.link), "generations/two")
    restored = service_record.restore(str(node.record), "orthanc.service", check_mode=False, identity=str(folder))
    assert (restored["restored"], restored["held"], node.link.is_symlink()) == (True, False, False)
