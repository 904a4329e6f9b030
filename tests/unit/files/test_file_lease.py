# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PEM is replaced in a moment in which nobody reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.openimaging.orthanc.plugins.module_utils.files.lease import open_at_once, unread

_OPENS = """
import sys, time
print("ready", flush=True)
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    open(sys.argv[1]).close()
    print(time.monotonic(), flush=True)
    time.sleep(float(sys.argv[3]))
"""


@contextmanager
def reader(path: Path, seconds: float, pause: float) -> Iterator[subprocess.Popen[str]]:
    """Another program that opens a file again and again; it has begun by now."""
    command = [sys.executable, "-c", _OPENS, str(path), str(seconds), str(pause)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def is_unread(path: Path, quiet: float = 0.02, patience: float = 2) -> bool:
    """Say what the block is told."""
    with unread(str(path), quiet, patience) as free:
        return free


def made(tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    path.write_text("PEM")
    return path


def test_a_file_that_nobody_reads_is_free_after_the_quiet_time(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert is_unread(made(tmp_path), quiet=0.05)
    assert time.monotonic() - begun >= 0.05


def test_the_last_reader_was_there_for_longer_than_the_quiet_time_ago(tmp_path: Path) -> None:
    path = made(tmp_path)
    with reader(path, seconds=0.5, pause=0.001) as process:
        assert is_unread(path, quiet=0.2, patience=30)
        free = time.monotonic()
        last = float(process.communicate()[0].split()[-1])
    assert free - last >= 0.19


def test_readers_without_a_pause_do_not_hold_it_up_for_ever(tmp_path: Path) -> None:
    path = made(tmp_path)
    with reader(path, seconds=30, pause=0.001) as process:
        assert not is_unread(path, quiet=0.2, patience=0.5)
        process.kill()


def test_readers_are_not_kept_waiting_for_the_quiet_time(tmp_path: Path) -> None:
    path = made(tmp_path)
    with reader(path, seconds=0.5, pause=0) as process:
        is_unread(path, quiet=10, patience=1)
        opened = process.communicate()[0].splitlines()
    assert len(opened) > 50


def test_a_file_that_somebody_has_open_is_not_free(tmp_path: Path) -> None:
    path = made(tmp_path)
    with path.open():
        assert not is_unread(path, quiet=0.01, patience=0.1)


def test_there_is_nothing_to_wait_for_where_there_is_no_file(tmp_path: Path) -> None:
    assert not is_unread(tmp_path / "missing")


def test_who_does_not_wait_for_a_lease_comes_in_all_the_same(tmp_path: Path) -> None:
    path = made(tmp_path)
    waiting = f"import sys; sys.path[:] = {sys.path}; from {unread.__module__} import unread as w"
    with subprocess.Popen([sys.executable, "-c", f"{waiting}; w({str(path)!r}, 10, 1).__enter__()"]) as process:
        while process.poll() is None:
            os.close(open_at_once(str(path), os.O_RDONLY))


def test_other_threads_live_on(tmp_path: Path) -> None:
    path = made(tmp_path)
    program = (
        f"import sys, threading, time; sys.path[:] = {sys.path}; from {unread.__module__} import *; "
        f"[threading.Thread(target=time.sleep, args=(1,)).start() for _ in range(8)]; "
        f"unread({str(path)!r}, 0.3, 0.8).__enter__()"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        while process.poll() is None:
            path.read_text()
    assert process.returncode == 0


def test_it_leaves_signals_and_descriptors_as_they_were(tmp_path: Path) -> None:
    path = made(tmp_path)
    mask, descriptors = signal.pthread_sigmask(signal.SIG_BLOCK, []), os.listdir("/proc/self/fd")
    with reader(path, seconds=0.3, pause=0):
        is_unread(path, quiet=0.05, patience=0.2)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
    assert signal.sigpending() == set()
    assert os.listdir("/proc/self/fd") == descriptors
