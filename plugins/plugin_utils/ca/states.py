# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of a CA folder: what is missing to reach one, and the step that gets there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    fingerprint_sha256,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import not_valid_yet
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.name_constraints import name_constraints
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority, read_file
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.encrypted_key import (
    SHORTEST,
    check_new_passphrase,
    weakness,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.new_authority import AuthorityOrder


@dataclass(frozen=True)
class StateRequest:
    """A wanted state; C(generation) says which authority to activate or to retire.

    By default that is the staged one, and all that have issued before. C(keep_retired) is how many retired ones stay
    in the folder when one retires. C(in_use) says in words which nodes hold certificates of a CA already.
    """

    state: str
    order: AuthorityOrder
    passphrase: str | None = field(default=None, repr=False)
    generation: str | None = None
    keep_retired: int = 3
    in_use: Sequence[str] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> StateRequest:
        """Read the options of the module C(ca)."""
        order = AuthorityOrder(
            common_name=options["common_name"],
            key_type=options["key_type"],
            lifetime=parse_duration(options["lifetime"], "lifetime"),
            intermediate=options["intermediate"],
            constraints=name_constraints(options["name_constraints_permitted"], options["name_constraints_excluded"]),
        )
        keep = options["keep_retired"]
        if keep < 0:
            raise OrthancTlsError(f"keep_retired is {keep}; expected 0 or more.")
        in_use = [] if options["allow_new"] else options["in_use"]
        return cls(options["state"], order, options["passphrase"], options["generation"], keep, in_use)


@dataclass(frozen=True)
class Step:
    """A change that is due: in words, and as a call."""

    words: str
    take: Callable[[], None]


def missing_step(folder: AuthorityFolder, request: StateRequest, now: datetime) -> Step | None:
    """Return what has to be done to reach the state, or C(None). Nothing is written."""
    if request.state == "present":
        folder.check_place()
        return _present(folder, request, now)
    folder.check()
    return {"staged": _staged, "active": _active, "retired": _retired}[request.state](folder, request, now)


def reach(folder: AuthorityFolder, request: StateRequest, now: datetime) -> bool:
    """Reach the state and return whether that changed anything; safe beside other runs, and after a killed one."""
    if missing_step(folder, request, now) is None:
        return False
    with folder.exclusive():
        step = missing_step(folder, request, now)
        if step is not None:
            step.take()
    return step is not None


def warnings(folder: AuthorityFolder, request: StateRequest) -> list[str]:
    """Say by what the keys of the CAs that issue, or will, are protected too weakly; nothing changes that by itself."""
    if folder.active_generation() is None:
        return []
    remedy = "Nothing changes that by itself: docs/ca.md (Change the passphrase) says how to encrypt the keys anew."
    short = request.passphrase and len(request.passphrase) < SHORTEST
    found = [
        f"The passphrase of the CA in {folder.path} has {len(request.passphrase or '')} characters, which is short: "
        f"anybody who has the folder can try passphrases; {SHORTEST} are the least for a new CA. {remedy}"
    ]
    weak = {path: weak for path in _keys(folder) if (weak := weakness(read_file(path))) is not None}
    return (found if short else []) + [
        f"{path} is encrypted with {weak}, which makes it cheap to try passphrases. {remedy}"
        for path, weak in weak.items()
    ]


def _keys(folder: AuthorityFolder) -> list[str]:
    paths = [path for authority in [folder.active(), *folder.staged()] for path in authority.key_paths]
    return [path for path in paths if os.path.isfile(path)]


def described(folder: AuthorityFolder) -> list[dict[str, str]]:
    """Describe every trusted authority, the oldest first, by what is public."""
    active = folder.active_generation()
    return [
        authority_facts(authority, state_of(authority, active))
        for authority in (folder.authorities() if active else [])
    ]


def _present(folder: AuthorityFolder, request: StateRequest, now: datetime) -> Step | None:
    unlinked = folder.unlinked()
    if unlinked is not None:
        unlinked.signer(_passphrase(request))
        return _issuing(folder, unlinked)
    if folder.active_generation() is None:
        if request.in_use:
            raise _in_use(folder, request.in_use)
        passphrase = _passphrase(request)
        check_new_passphrase(passphrase)
        return Step(f"create {_in_words(request)}", lambda: folder.create(request.order, passphrase, now))
    active = folder.active()
    _check_dates(folder, active, now, "roll over to the next one (rollover.yml)")
    # Not needed here, but a wrong one is better found before the nodes are reached.
    if request.passphrase:
        active.signer(request.passphrase)
    return None


def _staged(folder: AuthorityFolder, request: StateRequest, now: datetime) -> Step | None:
    staged = folder.staged()
    if staged:
        if request.passphrase:
            staged[-1].signer(request.passphrase)
        return None
    passphrase = _passphrase(request)
    _try_on_present_key(folder.active(), passphrase)
    check_new_passphrase(passphrase)
    return Step(f"stage {_in_words(request)}", lambda: folder.stage(request.order, passphrase, now))


def _active(folder: AuthorityFolder, request: StateRequest, now: datetime) -> Step | None:
    staged = {authority.generation: authority for authority in folder.staged()}
    generation = request.generation or max(staged, default=None)
    if generation in (None, folder.active_generation()):
        return None
    if generation not in staged:
        expected = f"; expected {' or '.join(staged)}" if staged else ", where none is staged; stage the next CA first"
        raise OrthancTlsError(f"{generation} is not staged in the CA's folder {folder.path}{expected}.")
    give_up = f"give it up (module ca, state retired, generation {generation}) and stage another"
    _check_dates(folder, staged[generation], now, give_up)
    _open_staged(staged[generation], _passphrase(request), give_up)
    return _issuing(folder, staged[generation])


def _retired(folder: AuthorityFolder, request: StateRequest, now: datetime) -> Step | None:
    named = [request.generation] if request.generation else [old.generation for old in folder.superseded()]
    due = [generation for generation in named if folder.can_retire(generation)]
    if not due:
        return None

    def retire() -> None:
        for generation in due:
            folder.retire(generation)
        folder.forget_retired(request.keep_retired)

    return Step(f"retire the CA {', '.join(due)}", retire)


def _check_dates(folder: AuthorityFolder, authority: Authority, now: datetime, expired: str) -> None:
    """Raise where the CA is not valid now; C(expired) says what to do where it has expired."""
    name = f"The CA {authority.generation} in {folder.path}"
    for certificate in (authority.issuing, authority.root):
        if not_after(certificate) <= now:
            raise OrthancTlsError(f"{name} expired on {utc_text(not_after(certificate))}; {expired}.")
        if not_before(certificate) > now:
            raise OrthancTlsError(f"{name} {not_valid_yet(certificate, now)}")


def _issuing(folder: AuthorityFolder, authority: Authority) -> Step:
    return Step(f"let the CA {authority.generation} issue", lambda: folder.activate(authority.generation))


def _try_on_present_key(present: Authority, passphrase: str) -> None:
    """Raise where the passphrase is not that of the CA before: a mistyped one would be noticed once that has issued.

    A key that is no longer there tells nothing. So a CA whose passphrase is lost can be replaced.
    """
    if not os.path.lexists(present.key_path):
        return
    try:
        present.signer(passphrase)
    except OrthancTlsError as error:
        raise OrthancTlsError(
            f"{error} The next CA gets the same passphrase as the present one, {present.generation}, and none was "
            "made. To give it another one, change that of the present key first (docs/ca.md), or move that key away if "
            "its passphrase is lost."
        ) from None


def _open_staged(staged: Authority, passphrase: str, give_up: str) -> None:
    try:
        staged.signer(passphrase)
    except OrthancTlsError as error:
        raise OrthancTlsError(
            f"{error} The CA {staged.generation} does not issue, and the one before still does. If nobody knows the "
            f"passphrase of the staged CA, {give_up}."
        ) from None


def _in_use(folder: AuthorityFolder, nodes: Sequence[str]) -> OrthancTlsError:
    return OrthancTlsError(
        f"The CA's folder {folder.path} holds no CA, and nodes hold certificates that did not come from it: "
        f"{some(nodes)}. No CA was created, and nothing was changed. Correct the path (orthanc_ca_dir) if it is wrong, "
        "or restore the folder from its backup. If the CA is lost, set ca_allow_new to create a new one, and "
        "identity_allow_issuer_change to replace these certificates; until the last node has a new one, peers refuse "
        "each other."
    )


def _passphrase(request: StateRequest) -> str:
    if not request.passphrase:
        raise OrthancTlsError(
            "The CA's passphrase is missing. A new CA's key is encrypted with it, and the key of a CA that is to issue "
            "is opened with it first; set passphrase (ca_passphrase in the role, orthanc_ca_passphrase in the "
            "inventory) from a variable in ansible-vault."
        )
    return request.passphrase


def _in_words(request: StateRequest) -> str:
    order = request.order
    issuing = " with an intermediate" if order.intermediate else ""
    return f"the CA {order.common_name!r}{issuing} ({order.key_type}, {order.lifetime.days} days)"


def state_of(authority: Authority, active: str | None) -> str:
    """Say whether a trusted authority issued before, issues, or will."""
    if authority.generation == active:
        return "active"
    return "staged" if authority.generation > (active or "") else "superseded"


def authority_facts(authority: Authority, state: str) -> dict[str, str]:
    """Describe an authority by what is public."""
    return {
        "generation": authority.generation,
        "state": state,
        "subject": authority.subject,
        "common_name": authority.common_name,
        "not_after": utc_text(not_after(authority.issuing)),
        "fingerprint_sha256": fingerprint_sha256(authority.root),
    }
