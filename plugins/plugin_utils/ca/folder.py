# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA folder on the control node: its authorities, which one issues, which are trusted, what was issued."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import (
    make_folder,
    swap_link,
    sync_folder,
    write_file,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority, load_authority
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.issued import archive
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.new_authority import (
    AuthorityOrder,
    authority_files,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.place import (
    ACTIVE,
    AUTHORITIES,
    ISSUED,
    RETIRED,
    check_closed,
    check_place,
    listed,
)

HAS_CRYPTOGRAPHY = importlib.util.find_spec("cryptography") is not None

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import Signer

_GENERATION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_TIME = "%Y%m%dT%H%M%SZ"


class AuthorityFolder:
    """A CA folder. Reading needs no passphrase; changes are made under C(exclusive), each by one rename."""

    def __init__(self, path: str) -> None:
        if not HAS_CRYPTOGRAPHY:
            raise OrthancTlsError(
                "Python's cryptography is missing on the control node; install it for Ansible's Python."
            )
        if not os.path.isabs(path):
            raise OrthancTlsError(f"The CA's path {path!r} is relative; write an absolute path on the control node.")
        self.path = os.path.normpath(path)

    def exists(self) -> bool:
        """Say whether there is anything at the path."""
        return os.path.lexists(self.path)

    def check(self) -> None:
        """Raise unless the path is a folder of our own that nobody else can enter."""
        try:
            status = os.stat(self.path)
        except OSError as error:
            raise OrthancTlsError(
                f"Cannot open the CA's folder {self.path}: {error.strerror}. Correct the path (orthanc_ca_dir) if it "
                "is wrong, or restore the folder from its backup; where no node has a certificate yet, create the CA "
                "first (site.yml, or the role ca)."
            ) from error
        check_closed(self.path, status, "The CA's folder")

    def check_place(self) -> None:
        """Raise unless the CA can be made here: in a folder of its own, whose parent is there."""
        check_place(self.path)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Make the folder if it is missing, and keep other runs from changing it; issuing needs no lock."""
        if not self.exists():
            make_folder(self.path, 0o700)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._drop_unfinished()
            yield
        finally:
            os.close(descriptor)

    def authorities(self) -> list[Authority]:
        """Return every authority that is not retired, the oldest first."""
        return self._loaded(AUTHORITIES)

    def active(self) -> Authority:
        """Return the authority that issues. Raises when there is none."""
        name = self.active_generation()
        if name is None:
            raise OrthancTlsError(f"The CA's folder {self.path} has no active CA; create the CA first (role ca).")
        return load_authority(self._authority(name))

    def active_generation(self) -> str | None:
        """Return the name of the authority that issues, or C(None) where no CA was made yet."""
        link = os.path.join(self.path, ACTIVE)
        try:
            folder, name = os.path.split(os.readlink(link))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OrthancTlsError(f"{link} is no link to an authority ({error.strerror}); restore it.") from error
        if folder != AUTHORITIES or name not in self._generations(AUTHORITIES):
            raise OrthancTlsError(f"{link} points to {os.readlink(link)!r}, which is no authority here; restore it.")
        return name

    def staged(self) -> list[Authority]:
        """Return the authorities that are trusted and have never issued: those newer than the active one."""
        active = self.active().generation
        return [authority for authority in self.authorities() if authority.generation > active]

    def superseded(self) -> list[Authority]:
        """Return the authorities that are still trusted and have issued before: those older than the active one."""
        active = self.active().generation
        return [authority for authority in self.authorities() if authority.generation < active]

    def can_retire(self, generation: str) -> bool:
        """Say whether the authority is still trusted. Raises when it is the active one, or unknown."""
        if generation == self.active().generation:
            raise OrthancTlsError(
                f"{generation} is the active CA and cannot be retired; stage and activate the next one first."
            )
        trusted, retired = self._generations(AUTHORITIES), self._generations(RETIRED)
        if generation not in [*trusted, *retired]:
            raise OrthancTlsError(
                f"The CA's folder {self.path} holds no authority {generation!r}; expected one of {', '.join(trusted)}."
            )
        return generation in trusted

    def trust_pem(self) -> bytes:
        """Return the trust bundle: the root of every authority that is not retired, the oldest first."""
        return b"".join(certificate_pem(authority.root) for authority in self.authorities())

    def retired(self) -> list[Authority]:
        """Return the authorities that have left the trust bundle, the oldest first."""
        return self._loaded(RETIRED)

    def known_issuers(self) -> dict[str, str]:
        """Return the generation of each issuing certificate's SHA-256, of retired authorities too.

        A node that missed a rollover holds a leaf of a retired CA, and is not a stranger by that.
        """
        return {authority.issuing_sha256: authority.generation for authority in [*self.authorities(), *self.retired()]}

    def signer(self, passphrase: str | None) -> Signer:
        """Decrypt the active authority's key."""
        return self.active().signer(passphrase)

    def record_issued(self, certificate: x509.Certificate) -> str:
        """Keep a copy of an issued certificate by its serial number, before it is handed out; return its path."""
        path = os.path.join(self.path, ISSUED, f"{certificate.serial_number:x}.pem")
        if os.path.lexists(path):
            raise OrthancTlsError(f"Cannot record the issued certificate in {path}: File exists.")
        write_file(path, certificate_pem(certificate), mode=0o600)
        return path

    def create(self, order: AuthorityOrder, passphrase: str, now: datetime) -> None:
        """Make the first authority and let it issue."""
        self.activate(self._add(order, passphrase, now))

    def unlinked(self) -> Authority | None:
        """Return the first authority, when a run was killed before it could let it issue."""
        made = self._generations(AUTHORITIES)
        if self.active_generation() or not made:
            return None
        if len(made) > 1:
            raise OrthancTlsError(
                f"The CA's folder {self.path} holds {len(made)} authorities, and the link 'active' to one of them "
                "is missing; restore the link."
            )
        return load_authority(self._authority(made[0]))

    def stage(self, order: AuthorityOrder, passphrase: str, now: datetime) -> None:
        """Make the next authority: trusted from now on, issuing once it is activated."""
        self._add(order, passphrase, now)

    def activate(self, generation: str) -> None:
        """Let an authority issue."""
        swap_link(os.path.join(self.path, ACTIVE), os.path.join(AUTHORITIES, generation))

    def retire(self, generation: str) -> None:
        """Take an authority out of the trust bundle, with what it has issued; the folder keeps both.

        What it has issued moves first: killed in between, the authority is still to be retired.
        """
        source, target = self._authority(generation), os.path.join(self.path, RETIRED, generation)
        archive(os.path.join(self.path, ISSUED), os.path.join(source, ISSUED), load_authority(source).issuing)
        make_folder(os.path.dirname(target), 0o700)
        os.rename(source, target)
        sync_folder(os.path.dirname(source))
        sync_folder(os.path.dirname(target))

    def forget_retired(self, keep: int) -> None:
        """Remove all but the newest C(keep) retired authorities, with what they have issued."""
        folder = os.path.join(self.path, RETIRED)
        names = self._generations(RETIRED)
        for name in names[: max(0, len(names) - keep)]:
            # Hidden first: an authority that is half removed must not look like one.
            os.rename(os.path.join(folder, name), os.path.join(folder, f".{name}"))
            shutil.rmtree(os.path.join(folder, f".{name}"))

    def issued_folders(self) -> list[str]:
        """Return the folders with what the authorities that are trusted have issued."""
        own = [os.path.join(self._authority(name), ISSUED) for name in self._generations(AUTHORITIES)]
        return [os.path.join(self.path, ISSUED), *own]

    def _add(self, order: AuthorityOrder, passphrase: str, now: datetime) -> str:
        generation = self._next_generation(now)
        files = authority_files(order, generation, passphrase, now)
        for name in (AUTHORITIES, ISSUED):
            make_folder(os.path.join(self.path, name), 0o700)
        unfinished = self._authority(f".{generation}")
        make_folder(unfinished, 0o700)
        for name, content in files.items():
            write_file(os.path.join(unfinished, name), content, mode=0o600)
        os.rename(unfinished, self._authority(generation))
        sync_folder(os.path.join(self.path, AUTHORITIES))
        return generation

    def _next_generation(self, now: datetime) -> str:
        """Name a generation so that the names sort by age, whatever the clock says."""
        newest = max([*self._generations(AUTHORITIES), *self._generations(RETIRED)], default=None)
        moment = now.astimezone(UTC)
        if newest:
            last = datetime.strptime(newest.partition("-")[0], _TIME).replace(tzinfo=UTC)
            moment = max(moment, last + timedelta(seconds=1))
        return f"{moment.strftime(_TIME)}-{secrets.token_hex(3)}"

    def _drop_unfinished(self) -> None:
        """Remove what a killed run left; only a holder of the lock knows that nobody is working on it."""
        for folder in (AUTHORITIES, RETIRED):
            for name in listed(os.path.join(self.path, folder)):
                if name.startswith("."):
                    shutil.rmtree(os.path.join(self.path, folder, name))
        for name in listed(self.path):
            if name.startswith(f".{ACTIVE}."):
                os.unlink(os.path.join(self.path, name))

    def _authority(self, generation: str) -> str:
        return os.path.join(self.path, AUTHORITIES, generation)

    def _loaded(self, folder: str) -> list[Authority]:
        names = self._generations(folder)
        try:
            return [load_authority(os.path.join(self.path, folder, name)) for name in names]
        except OrthancTlsError:
            # Another run may have retired or removed one since the folder was listed.
            if self._generations(folder) == names:
                raise
            return self._loaded(folder)

    def _generations(self, folder: str) -> list[str]:
        return sorted(name for name in listed(os.path.join(self.path, folder)) if _GENERATION.fullmatch(name))
