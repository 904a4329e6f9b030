# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node's present leaf may be replaced, by who issued it."""

from __future__ import annotations

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import (
    AcceptedIssuers,
    AnyIssuer,
    OnlyItself,
    TheseIssuers,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CERT,
    CHAIN,
    FULLCHAIN,
    SERVER,
    Generation,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import IssuedByItself


def foreign_issuer(current: Generation | None, accepted: AcceptedIssuers) -> str | None:
    """Return the name of the present leaf's issuer if it is not accepted; C(None) if it is, or there is no telling."""
    if current is None or isinstance(accepted, AnyIssuer):
        return None
    if isinstance(accepted, OnlyItself):
        return _other_than_itself(current)
    return _not_among(current, accepted)


def _other_than_itself(current: Generation) -> str | None:
    """A damaged leaf is no reason to refuse: nobody accepts it, no matter who issued it."""
    if current.manifest is None or current.faults or IssuedByItself().issued(current.manifest.leaf):
        return None
    return current.manifest.leaf.issuer


def _not_among(current: Generation, accepted: TheseIssuers) -> str | None:
    manifest = current.manifest
    said = None if manifest is None or manifest.leaf.issuer_sha256 in accepted.key_identifiers else manifest.leaf.issuer
    if manifest is not None and CERT not in current.faults:
        return said
    found = _issuer_on_disk(current)
    if found is None:
        return said
    name, key_identifier = found
    known = accepted.key_identifiers.values()
    return None if key_identifier in known or (said is None and _root_of_chain(current) in known) else name


def _root_of_chain(current: Generation) -> str | None:
    """Return the key identifier above a chain that is as it was written, as an intermediate may be unknown here."""
    if CHAIN in current.faults:
        return None
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import issuer_of

    last = issuer_of(current.read(CHAIN), -1)
    return last[1] if last else None


def _issuer_on_disk(current: Generation) -> tuple[str, str] | None:
    """Read the issuer's name and key identifier from a leaf whose manifest cannot be relied on."""
    try:
        import cryptography  # noqa: F401

        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import issuer_of
    except ImportError:
        return None
    found = (issuer_of(current.read(name)) for name in (CERT, FULLCHAIN, SERVER))
    return next((issuer for issuer in found if issuer is not None), None)
