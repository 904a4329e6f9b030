# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's options as the order of a leaf, for any issuer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration, renewal_window
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.holders import NODE, holder_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafIssuer, LeafOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names


def ordered_leaf(options: Mapping[str, Any], host: str, issuer: LeafIssuer) -> tuple[LeafOrder, timedelta]:
    """Return what is asked of a host's leaf, and its lifetime. Raises on options that are wrong."""
    if not os.path.isabs(options["path"]):
        raise OrthancTlsError(f"path is {options['path']!r}, which is relative; write an absolute path.")
    if options["keep"] < 1:
        raise OrthancTlsError(f"keep is {options['keep']}; at least 1 generation stays, the current one.")
    lifetime = parse_duration(options["lifetime"], "lifetime")
    renew_before = parse_duration(options["renew_before"], "renew_before") if options["renew_before"] else None
    common_name, names = canonical_names(
        options["common_name"], options["subject_alt_name"], allow_wildcard=options["allow_wildcard"]
    )
    order = LeafOrder(
        common_name=common_name,
        names=names,
        extended_key_usage=sorted(set(options["extended_key_usage"])),
        key_type=options["key_type"],
        window=renewal_window(lifetime, renew_before, host),
        issuer=issuer,
        force=options["force"],
        holder=holder_of(NODE, host),
    )
    return order, lifetime
