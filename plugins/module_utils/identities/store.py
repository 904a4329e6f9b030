# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that holds a node's generations: stage one, fill it, make it current by one rename, remove old ones.

C(current) points to a whole generation at any moment, whoever is killed wherever: a generation is filled under a
hidden name, renamed, and only then linked.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from datetime import datetime

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import (
    create_file,
    make_folder,
    swap_link,
    sync_folder,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.lease import unread
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    FILE_MODE,
    FOLDER_MODE,
    KEY,
    SERVER,
    Generation,
    Ownership,
    compare_folder,
    read_generation,
)

CURRENT = "current"
WAITING = "waiting"
GENERATIONS = "generations"
LEFTOVER_AGE = 3600  # seconds; longer than any run keeps a staged key waiting for its leaf


class GenerationStore:
    """The folder of one identity. Every write needs an C(ownership) without C(None)."""

    def __init__(self, path: str, ownership: Ownership) -> None:
        """Take C(path), an absolute path; nothing is read or written yet."""
        self._path = path
        self._ownership = ownership
        self._link = os.path.join(path, CURRENT)
        self._generations = os.path.join(path, GENERATIONS)

    def is_live(self) -> bool:
        """Whether there is a current generation, or was one that somebody removed without its link."""
        return os.path.islink(self._link)

    def waiting(self) -> Generation | None:
        """Read the generation that was prepared and is not live yet; C(None) where there is none that is whole."""
        try:
            target = os.readlink(os.path.join(self._path, WAITING))
        except OSError:
            return None
        generation = read_generation(os.path.join(self._path, target), self._ownership)
        return None if generation.faults else generation

    def drop_waiting(self) -> None:
        """Forget the generation that was prepared: it is live, or not wanted any more."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._path, WAITING))

    def current(self) -> Generation | None:
        """Read the generation that is live, with all that is wrong with it; C(None) where there is none."""
        try:
            target = os.readlink(self._link)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OrthancTlsError(_unreadable(self._link, error)) from error
        generation = read_generation(os.path.join(self._path, target), self._ownership)
        if target != os.path.join(GENERATIONS, generation.name):
            generation.faults[self._link] = f"points to {target} instead of a folder in {GENERATIONS}"
        for folder in (self._path, self._generations):
            fault = compare_folder(folder, self._ownership)
            if fault:
                generation.faults[folder] = fault
        return generation

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs on this node from changing the folder; without effect where there is no folder yet."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def staged_folder(self, name: str) -> str:
        """Return the hidden folder of a generation that is not live yet."""
        return os.path.join(self._generations, f".{name}")

    def stage(self, now: datetime) -> str:
        """Make an empty generation that nobody sees yet, and return its name."""
        name = f"{now:%Y%m%dT%H%M%SZ}-{os.urandom(4).hex()}"
        os.makedirs(os.path.dirname(self._path), mode=0o755, exist_ok=True)
        for folder in (self._path, self._generations, self.staged_folder(name)):
            make_folder(folder, FOLDER_MODE, self._ownership.uid, self._ownership.gid)
        return name

    def staged_key(self, name: str) -> bytes:
        """Return the private key that waits in a staged generation."""
        path = os.path.join(self.staged_folder(name), KEY)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise OrthancTlsError(
                f"The key that was staged in {path} cannot be read ({error.strerror}); run the task again."
            ) from error

    def fill(self, name: str, contents: Mapping[str, bytes]) -> None:
        """Write the files that a staged generation does not have yet."""
        for file, data in contents.items():
            path = os.path.join(self.staged_folder(name), file)
            if not os.path.lexists(path):
                create_file(path, data, mode=FILE_MODE, owner=self._ownership.uid, group=self._ownership.gid)

    def commit(self, name: str, link_name: str = CURRENT) -> Generation:
        """Make a filled generation the current one, or the waiting one, and return it as it now is on disk."""
        target, link = os.path.join(GENERATIONS, name), os.path.join(self._path, link_name)
        final = os.path.join(self._path, target)
        whole = read_generation(self.staged_folder(name), self._ownership)
        if whole.faults:
            faults = "; ".join(f"{what} {fault}" for what, fault in whole.faults.items())
            raise OrthancTlsError(f"Something changed the new generation in {whole.folder} meanwhile: {faults}.")
        sync_folder(whole.folder)
        try:
            os.rename(whole.folder, final)
            sync_folder(self._generations)
            self._swap(link, target)
        except BaseException:
            # What fails after the swap, such as a sync, must not take the live generation away.
            if os.path.isdir(final) and not self._is_live(target):
                os.rename(final, whole.folder)
            raise
        return Generation(final, whole.manifest, {})

    def discard(self, name: str) -> None:
        """Remove a staged generation that will not be used."""
        shutil.rmtree(self.staged_folder(name), ignore_errors=True)

    @contextlib.contextmanager
    def discarded_on_failure(self, name: str) -> Iterator[None]:
        """Remove the staged generation when the block fails; what is live stays live."""
        try:
            yield
        except BaseException:
            self.discard(name)
            raise

    def replaced_by(self, generation: Generation) -> Generation:
        """Return the generation that was live before. Raises where there is none, or it is not whole any more."""
        name = generation.manifest.replaces if generation.manifest else None
        if name is None:
            raise OrthancTlsError(f"{generation.folder} replaced no other generation, so there is none to go back to.")
        earlier = read_generation(os.path.join(self._generations, name), self._ownership)
        if not os.path.isdir(earlier.folder):
            raise OrthancTlsError(
                f"{generation.folder} replaced {name}, which was removed meanwhile (keep); there is none to go back to."
            )
        if earlier.faults:
            faults = "; ".join(f"{what} {fault}" for what, fault in earlier.faults.items())
            raise OrthancTlsError(f"{earlier.folder} is damaged ({faults}), so that the node cannot go back to it.")
        return earlier

    def relink(self, generation: Generation) -> None:
        """Make a generation that was live before the current one again."""
        self._swap(self._link, os.path.join(GENERATIONS, generation.name))

    @staticmethod
    def _swap(link: str, target: str) -> None:
        swap_link(link, target, unread(os.path.join(link, SERVER)))

    def prune(self, keep: int) -> None:
        """Remove all but the newest C(keep) generations, never one that is linked, and what killed runs left behind.

        The one that the current one replaced goes last: after some that went back it is older than the others, and
        it is what a service that does not come back goes back to.
        """
        linked = {os.path.basename(target) for target in self._targets()}
        current = self.current()
        replaced = current.manifest.replaces if current and current.manifest else None
        names = sorted(name for name in os.listdir(self._generations) if not name.startswith("."))
        others = sorted((name for name in names if name not in linked), key=lambda name: (name == replaced, name))
        for name in others[: max(0, len(others) - keep + 1)]:
            # Hidden first: a generation that is half removed must not look like one.
            os.rename(os.path.join(self._generations, name), self.staged_folder(name))
            self.discard(name)
        self.remove_leftovers()

    def _targets(self) -> list[str]:
        """Return what the links point to: the live generation, and the one that waits."""
        links = (self._link, os.path.join(self._path, WAITING))
        return [os.readlink(link) for link in links if os.path.islink(link)]

    def _is_live(self, target: str) -> bool:
        return target in self._targets()

    def remove_leftovers(self) -> None:
        """Remove the staged generations and temporary links of runs that were killed more than an hour ago."""
        for folder in (self._path, self._generations):
            for entry in _hidden(folder):
                if abs(time.time() - entry.stat(follow_symlinks=False).st_mtime) < LEFTOVER_AGE:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)


def _unreadable(link: str, error: OSError) -> str:
    if error.errno == errno.EINVAL:
        return f"{link} is no symbolic link, so this collection did not make it; move it away."
    return f"{link} cannot be read: {error.strerror}. Run the task as root (become)."


def _hidden(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name.startswith(".")]
    except FileNotFoundError:
        return []
