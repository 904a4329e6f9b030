# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When nginx is asked about lines of the user's own: while a node is looked at, or as soon as nginx is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from seen_node import HOST, nginx_with
from wanted_nodes import BUILTIN, applied, changed_file, wanted

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.host_settings import HostSettings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_plan import is_tried, plan
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.stories import STORIES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedNode

NOW = datetime(2026, 11, 28, tzinfo=UTC)
LINE = "add_header X-Site north always;"
NO_NGINX = replace(nginx_with(), installed=False)


def settings(*lines: str) -> HostSettings:
    return HostSettings.of(
        HOST,
        {
            **{"orthanc_packages": ["orthanc"], "frontend_packages": ["nginx"], "frontend_http_port": 80},
            **{"orthanc_replace_configuration": False, "orthanc_trust_system_cas": False, "orthanc_metrics_dir": ""},
            **{"frontend_tls_profile": "intermediate", "frontend_max_body_size": "0"},
            "frontend_nginx_lines": [*lines],
        },
    )


def changing(want: WantedNode, **changes: Any) -> NodeLook:
    """Return a look at a node whose server file would change."""
    look = replace(applied(want), nginx=nginx_with())
    if want.has("frontend"):
        look = replace(look, files=changed_file(want, nginx.SITE, sha256="0" * 64))
    return replace(look, **changes)


def tried_in_the_look(look: NodeLook, *lines: str, want: WantedNode, story: str = "site") -> bool:
    return is_tried(STORIES[story], want, look, settings(*lines))


def tried_once_it_is_there(look: NodeLook, *lines: str, want: WantedNode) -> bool:
    outcome = plan(STORIES["site"], want, look, settings(*lines), None, NOW)
    assert outcome["blockers"] == []
    return bool(outcome["tries_nginx"])


def test_lines_are_tried_in_the_look_where_nginx_is_there_and_its_file_would_change() -> None:
    want = wanted()
    assert tried_in_the_look(changing(want), LINE, want=want)
    assert not tried_once_it_is_there(changing(want), LINE, want=want), "a node is asked once"


def test_nothing_is_tried_where_nothing_would_change() -> None:
    want = wanted()
    look = replace(applied(want), nginx=nginx_with())
    assert not tried_in_the_look(look, LINE, want=want)
    assert not tried_once_it_is_there(look, LINE, want=want)


def test_without_lines_there_is_nothing_to_try() -> None:
    want = wanted()
    assert not tried_in_the_look(changing(want), want=want)
    assert not tried_once_it_is_there(changing(want, nginx=NO_NGINX), want=want)


def test_where_nginx_is_new_its_lines_are_tried_once_it_is_installed() -> None:
    want = wanted()
    packages = {**applied(want).packages, "nginx": InstalledPackage(None)}
    look = changing(want, nginx=NO_NGINX, packages=packages)
    assert not tried_in_the_look(look, LINE, want=want)
    assert tried_once_it_is_there(look, LINE, want=want)


def test_an_nginx_that_does_not_load_is_repaired_before_it_is_asked() -> None:
    want = wanted()
    assert not tried_in_the_look(changing(want, nginx=nginx_with(fault="unknown directive")), LINE, want=want)


def test_where_orthanc_speaks_tls_itself_no_nginx_is_asked() -> None:
    want = wanted(**BUILTIN)
    assert not tried_in_the_look(changing(want), LINE, want=want)
    assert not tried_once_it_is_there(changing(want, nginx=NO_NGINX), LINE, want=want)


@pytest.mark.parametrize("story", sorted(STORIES))
def test_only_a_run_that_deploys_writes_the_file_and_asks(story: str) -> None:
    want = wanted()
    assert tried_in_the_look(changing(want), LINE, want=want, story=story) is STORIES[story].deploys


@pytest.mark.parametrize("story", sorted(STORIES))
@pytest.mark.parametrize("section", ["packages", "units", "files", "services", "free_space", "nginx", "ports"])
def test_what_cannot_be_seen_is_a_blocker_and_no_failure_of_the_question(section: str, story: str) -> None:
    want = wanted()
    unseen = NodeLook(HOST, faults={section: "Input/output error"})
    look = changing(want, **{section: getattr(unseen, section)}, faults=unseen.faults)
    is_tried(STORIES[story], want, look, settings(LINE))
    outcome = plan(STORIES[story], want, look, settings(LINE), None, NOW)
    assert any("Input/output error" in one for one in outcome["blockers"]) and outcome["steps"] == []


def test_what_nginx_said_of_the_lines_blocks_the_node() -> None:
    want = wanted()
    outcome = plan(STORIES["site"], want, changing(want), settings(LINE), None, NOW, 'unknown directive "ad_header"')
    assert outcome["steps"] == []
    (blocker,) = outcome["blockers"]
    assert "nginx would not take frontend_nginx_lines" in blocker and 'unknown directive "ad_header"' in blocker
