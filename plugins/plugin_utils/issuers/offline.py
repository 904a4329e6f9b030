# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issuer C(offline): requests lie in a folder for a colleague to have them signed, and answers are put beside them.

In C(requests) is one CSR for each host that waits, and the list of them. In C(answers) is whatever a CA hands out, by
any name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import is_ca
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import check_csr
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import read_request
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.answer_forms import (
    MOST_BYTES,
    certificates_in,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.external import CaRequest, external_order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.foreign_answer import is_for
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import NotYetSigned, Order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain

if TYPE_CHECKING:
    from cryptography import x509

REQUESTS = "requests"
ANSWERS = "answers"
LIST = "orders.txt"
_FOLDER = "orthanc_issuer_folder"
_SUFFIX = ".csr"
_MOST_FILES = 2000
_END = re.compile(r"[,;.] |\.$")
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def offline_order(options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
    """Resolve a task's options for a host."""
    folder = options["issuer_folder"] or ""
    if not os.path.isabs(folder):
        raise OrthancTlsError(
            f"{host}: {_FOLDER} is {folder!r}; expected is the absolute path of a folder on the control node, for the "
            "requests and the answers."
        )

    def answer(asked: CaRequest) -> Sequence[x509.Certificate] | NotYetSigned:
        return _exchanged(folder, asked)

    def try_out() -> None:
        parent = os.path.dirname(os.path.normpath(folder))
        if not os.path.isdir(parent):
            raise OrthancTlsError(f"{host}: {_FOLDER} is {folder}, and the folder {parent} does not exist. Create it.")

    return external_order(options, host, f"an answer in {os.path.join(folder, ANSWERS)}", answer, try_out)


def _exchanged(folder: str, asked: CaRequest) -> Sequence[x509.Certificate] | NotYetSigned:
    """Return the certificates for a request, with all CAs that lie there; without one, lay the request out."""
    requests, answers = os.path.join(folder, REQUESTS), os.path.join(folder, ANSWERS)
    for path in (folder, requests, answers):
        make_folder(path, 0o755)
    found, faults = _answers(answers)
    key = check_csr(asked.csr)
    own = [one for one in found if is_for(one, key)]
    name = f"{asked.host.replace(os.sep, '_')}{_SUFFIX}"
    with _alone(requests):
        _lay_out(os.path.join(requests, name), None if own else asked.csr)
        write_file(os.path.join(requests, LIST), _listed(requests), mode=0o644)
    if own:
        return [*own, *(one for one in found if is_ca(one))]
    left_out = f"; left out: {', '.join(faults)}" if faults else ""
    others = f", where nothing is for this key{left_out}" if found or faults else ""
    return NotYetSigned(f"{os.path.join(requests, name)} to be signed, and the certificate put into {answers}{others}")


def _answers(folder: str) -> tuple[list[x509.Certificate], list[str]]:
    """Return all certificates that were put into a folder, and what is wrong with files that were left out."""
    found: dict[x509.Certificate, None] = {}
    faults = []
    for name in sorted(os.listdir(folder))[:_MOST_FILES]:
        try:
            found |= dict.fromkeys(certificates_in(_content(os.path.join(folder, name))))
        except (OSError, OrthancTlsError) as error:
            said = str(error.strerror if isinstance(error, OSError) else error)
            faults.append(f"{plain(name)} {_END.split(said)[0]}")
    return list(found), faults


def _content(path: str) -> bytes:
    with open(os.open(path, _READ), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OrthancTlsError("is not a file.")
        return file.read(MOST_BYTES + 1)


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Keep the workers of other hosts from writing the list at the same time."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lay_out(path: str, csr: bytes | None) -> None:
    if csr is not None:
        write_file(path, csr, mode=0o644)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _listed(folder: str) -> bytes:
    """Return the list of what is asked for, as a colleague reads it."""
    lines = ["Certificates to be issued; each request says the same as its line here.", ""]
    for name in sorted(name for name in os.listdir(folder) if name.endswith(_SUFFIX) and name[0] != "."):
        try:
            with open(os.path.join(folder, name), "rb") as file:
                common_name, names, usages = read_request(file.read(MOST_BYTES))
        except (OSError, ValueError, OrthancTlsError):
            continue
        lines += [name, f"  subject: {common_name or 'none'}", f"  names: {', '.join(names)}"]
        lines += [f"  extended key usage: {', '.join(usages)}", ""]
    return "\n".join(lines).encode()
