# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PEM bundle as a file on the host: read its sources, compare it with what is there, replace it."""

from __future__ import annotations

import grp
import hashlib
import importlib.util
import os
import pwd
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.checks import Bundle, checked_bundle
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import gid_of, uid_of, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.lease import open_at_once
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.rehearsal import check_served
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem, load_texts
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import certificate_facts, pem_lines
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import Source, read

_OTHERS = 0o007
_UNKNOWN = -1  # the number of a user or group that a later run will find


@dataclass(frozen=True)
class BundleSpec:
    """What the task asks for; C(mode), C(owner) and C(group) may be left to the defaults.

    Where there is a C(server_name), a client that calls for it and trusts C(ca_certificates) has to accept the bundle.
    """

    path: str
    sources: Sequence[str] = field(repr=False)
    purpose: str = "auto"
    mode: int | None = None
    owner: str | None = None
    group: str | None = None
    server_name: str | None = None
    ca_certificates: Sequence[str] = ()


@dataclass(frozen=True)
class FileOwnership:
    """The numbers of a file's owner and group, and its mode."""

    uid: int
    gid: int
    mode: int


@dataclass(frozen=True)
class Present:
    """The file that is there now."""

    data: bytes = field(repr=False)
    ownership: FileOwnership


def bundle_of(options: Mapping[str, Any], *, now: datetime, check_mode: bool) -> dict[str, Any]:
    """Make the file what the task's options ask for; in check mode an earlier task may install what is missing yet."""
    path = options["path"]
    if check_mode and not os.path.exists(path) and importlib.util.find_spec("cryptography") is None:
        warning = f"{path} could not be checked, as Python's library cryptography is missing."
        return {"changed": True, "path": path, "purpose": None, "certificates": [], "warnings": [warning]}
    importlib.import_module("cryptography")
    spec = BundleSpec(**{**options, "mode": parse_mode(options["mode"])})
    return install_bundle(spec, now=now, check_mode=check_mode)


def install_bundle(spec: BundleSpec, *, now: datetime, check_mode: bool) -> dict[str, Any]:
    """Make the file what the task asks for and return the module's result, with C(diff) and C(warnings).

    The old file stays when anything is wrong, and nothing is written in check mode. In check mode a source that
    an earlier task of the play would make may be missing while the bundle is missing too.
    """
    present = _present(spec.path)
    if check_mode and present is None and (missing := _missing_sources(spec.sources)):
        return _unchecked(spec, missing)
    bundle = checked_bundle(read(read_sources(spec.sources)), spec.purpose, now)
    if spec.server_name:
        trusted = load_texts(spec.ca_certificates, "ca_certificates")
        if not trusted:
            raise OrthancTlsError("ca_certificates is empty; with server_name, say what its clients trust.")
        check_served(bundle.pem, b"".join(map(certificate_pem, trusted)), spec.server_name)
    wanted = Present(bundle.pem, _ownership(spec, bundle, present, check_mode))
    changed = present != wanted
    if changed and not check_mode:
        _write(spec.path, wanted)
    return {
        "changed": changed,
        "path": spec.path,
        "purpose": bundle.purpose,
        "certificates": [certificate_facts(certificate, now) for certificate in bundle.certificates],
        "diff": _diff(spec.path, present, wanted),
        "warnings": list(bundle.warnings),
    }


def read_sources(sources: Sequence[str]) -> list[Source]:
    """Read each source: PEM text as it is, an absolute path as the file on this host."""
    return [_source(index, text) for index, text in enumerate(sources)]


def is_path(source: str) -> bool:
    """Say whether a source names a file rather than being PEM text."""
    return os.path.isabs(source) and "\n" not in source


def parse_mode(mode: str | int | None) -> int | None:
    """Read a file mode as Ansible's own modules take it: octal text, or the number that YAML made of it."""
    if mode is None:
        return None
    try:
        number = mode if isinstance(mode, int) else int(mode, 8)
    except ValueError:
        number = -1
    if not 0 <= number <= 0o777:
        raise OrthancTlsError(f"mode is {mode!r}; expected quoted octal digits from '0000' to '0777'.")
    return number


def _source(index: int, text: str) -> Source:
    if "-----BEGIN" in text:
        return Source(f"sources[{index}] (text)", text.encode())
    if not is_path(text):
        # The text is not shown: it may be what is left of a key.
        raise OrthancTlsError(f"sources[{index}] is neither an absolute path nor PEM text; write one of them.")
    try:
        # At once: it may lie in another user's folder, and a FIFO that nobody writes to would be waited for.
        with open(open_at_once(text, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OrthancTlsError(f"sources[{index}]: {text} is not a file; name a PEM file.")
            return Source(f"sources[{index}] ({text})", file.read())
    except OSError as error:
        raise OrthancTlsError(f"sources[{index}]: cannot read {text}: {error.strerror}.") from error


def _missing_sources(sources: Sequence[str]) -> list[str]:
    return [source for source in sources if is_path(source) and not os.path.exists(source)]


def _unchecked(spec: BundleSpec, missing: Sequence[str]) -> dict[str, Any]:
    return {
        "changed": True,
        "path": spec.path,
        "purpose": None if spec.purpose == "auto" else spec.purpose,
        "certificates": [],
        "diff": {"before_header": spec.path, "after_header": spec.path, "before": "", "after": "not known yet\n"},
        "warnings": [f"Not there yet, so {spec.path} could not be checked: {', '.join(missing)}."],
    }


def _present(path: str) -> Present | None:
    if not os.path.isabs(path):
        raise OrthancTlsError(f"path is {path!r}; expected an absolute path.")
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return Present(b"", FileOwnership(os.geteuid(), os.getegid(), stat.S_IMODE(status.st_mode)))
        if not stat.S_ISREG(status.st_mode):
            raise OrthancTlsError(f"{path} exists and is not a file; set another path, or remove it.")
        with open(path, "rb") as file:
            return Present(file.read(), FileOwnership(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OrthancTlsError(f"Cannot read {path}: {error.strerror}.") from error


def _ownership(spec: BundleSpec, bundle: Bundle, present: Present | None, check_mode: bool) -> FileOwnership:
    """Return the wanted owner, group and mode; what the task leaves open stays as it is."""
    mode = spec.mode if spec.mode is not None else (0o640 if bundle.purpose == "server" else 0o644)
    if bundle.purpose == "server" and mode & _OTHERS:
        raise OrthancTlsError(
            f"mode {mode:04o} lets every user of the host read the private key in {spec.path}; use '0640' or less."
        )
    uid, gid = (present.ownership.uid, present.ownership.gid) if present else (os.geteuid(), os.getegid())
    try:
        uid = uid if spec.owner is None else uid_of(spec.owner)
        gid = gid if spec.group is None else gid_of(spec.group)
    except OrthancTlsError:
        if not check_mode:
            raise
        uid = gid = _UNKNOWN
    return FileOwnership(uid, gid, mode)


def _write(path: str, wanted: Present) -> None:
    if not os.path.isdir(os.path.dirname(path)):
        raise OrthancTlsError(f"The folder {os.path.dirname(path)} is not there; make it before the bundle.")
    ownership = wanted.ownership
    write_file(path, wanted.data, mode=ownership.mode, owner=ownership.uid, group=ownership.gid)


def _diff(path: str, before: Present | None, after: Present) -> dict[str, str]:
    return {
        "before_header": path,
        "after_header": path,
        "before": _description(before) if before else "",
        "after": _description(after),
    }


def _description(file: Present) -> str:
    ownership = file.ownership
    lines = [
        f"owner: {_name(pwd.getpwuid, ownership.uid)}, group: {_name(grp.getgrgid, ownership.gid)}, "
        f"mode: {ownership.mode:04o}",
        *pem_lines(file.data),
        # Spelling alone can differ, such as comments between the blocks.
        f"sha256 of the file: {hashlib.sha256(file.data).hexdigest()}",
    ]
    return "\n".join([*lines, ""])


def _name(lookup: Any, number: int) -> str:
    if number == _UNKNOWN:
        return "not there"
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)
