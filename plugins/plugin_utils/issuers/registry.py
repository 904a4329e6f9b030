# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All issuers, with what the rest of the collection may know of each. A new one is a row here.

Nobody outside this package asks for an issuer's name: what differs between issuers is a capability, or in the order
(C(ordering.py)). The view of the fleet reads this file in every worker of Ansible, so it imports no C(cryptography).
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError


@dataclass(frozen=True)
class Issuer:
    """Whatever signs the leaves of nodes, by the name that C(orthanc_issuer) gives it.

    C(has_ca_folder): leaves come from the CA folder, which must exist. There is an expired certificate to verify with,
    and the CA can be rolled over.
    C(signs_on_node): each leaf is signed with its own key, on the node. Otherwise the node sends a CSR.
    C(stages_renewals): whoever must trust a node trusts its leaf itself, so that a renewal waits until all of them do.
    C(answers_later): an order may be answered in a later run, and the node keeps what it has until then.
    """

    name: str
    has_ca_folder: bool
    signs_on_node: bool
    stages_renewals: bool
    answers_later: bool = False


_ROWS = (
    Issuer("local", has_ca_folder=True, signs_on_node=False, stages_renewals=False),
    Issuer("command", has_ca_folder=False, signs_on_node=False, stages_renewals=False, answers_later=True),
    Issuer("offline", has_ca_folder=False, signs_on_node=False, stages_renewals=False, answers_later=True),
    Issuer("selfsigned", has_ca_folder=False, signs_on_node=True, stages_renewals=True),
)
ISSUERS: dict[str, Issuer] = {issuer.name: issuer for issuer in _ROWS}


def issuer_named(name: object, where: str) -> Issuer:
    """Return the issuer of that name; C(where) is the host and the option or variable that names it."""
    issuer = ISSUERS.get(name) if isinstance(name, str) else None
    if issuer is None:
        raise OrthancTlsError(f"{where} is '{name}'; it must be one of: {', '.join(ISSUERS)}.")
    return issuer
