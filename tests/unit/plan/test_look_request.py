# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is asked takes the host's own variables as the role takes them, and names them as users do."""

from __future__ import annotations

from typing import Any

import pytest
from seen_node import HOST, node_of

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.identity_options import identity_options
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.look_request import written_folders

OPTIONS = {name: option for name, option in ARGUMENT_SPEC.items() if name != "enrolment"}


def options(**variables: Any) -> dict[str, Any]:
    own = {"orthanc_fqdn": "pacs.ward.test", "orthanc_ca_dir": "/ca", **variables}
    return identity_options(Fleet({HOST: own}, {"orthanc": [HOST]}), HOST, {}, OPTIONS)


def test_text_is_read_as_the_options_type() -> None:
    assert options(identity_keep="5", identity_force="true")["keep"] == 5


def test_an_error_names_the_variable_as_the_user_has_set_it() -> None:
    with pytest.raises(OrthancTlsError, match=rf"^{HOST}: .*identity_key_type.*must be one of"):
        options(identity_key_type="dsa")


def test_space_is_asked_for_wherever_a_run_writes() -> None:
    own = node_of({"identity_path": "/srv/tls", "orthanc_tls_mode": "builtin"})
    assert {"/etc", "/srv/tls", location.SHIM} <= set(written_folders(own))
    assert location.SHIM not in written_folders(node_of({}))
