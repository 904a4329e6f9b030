# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page, the data, the metrics and the text of a report: whole, escaped, and small enough for a large fleet."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from reported_fleet import host, plan, report, star, unreachable, wrong

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.as_json import as_data, as_json
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.as_text import text_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.defects import defects_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.metrics import metrics
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import (
    FleetReport,
    ReportedDefect,
    ReportedEnd,
    ReportedFault,
    ReportedLink,
    ReportedNode,
    ReportedRollover,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.page import page

SCHEMA = Path(__file__).parents[3] / "docs" / "report-schema.json"
HOSTILE = '<script>alert("1")</script><img src=x onerror=y>\x1b[2J\n"} 1'
TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
VOID = {"meta", "link", "br", "path", "rect", "circle"}


def hostile() -> FleetReport:
    hosts = star(2)
    hosts["edge0"] = host(
        "edge0",
        "archive0",
        rows=(wrong("edge0", "plain HTTP", refusal=True, status=200, seen=HOSTILE, words=(HOSTILE,), remedy=HOSTILE),),
        orthanc_plan=plan(
            orthanc_version=HOSTILE,
            blockers=[HOSTILE],
            identity={
                **plan()["identity"],
                "held": {"generation": HOSTILE, "since": HOSTILE, "why": HOSTILE},
                "certificates": [
                    {"subject": HOSTILE, "issuer": HOSTILE, "serial": HOSTILE, "not_after": "2027-01-01T00:00:00Z"}
                ],
            },
        ),
    )
    hosts["edge1"] = unreachable("edge1", "archive0")
    return report(hosts)


class Nesting(HTMLParser):
    """Reads a page, and notes its elements, attributes, and those that are not closed as they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def read(text: str) -> Nesting:
    found = Nesting()
    found.feed(text)
    return found


@pytest.mark.parametrize(
    "made", [hostile, lambda: report(star(3)), lambda: report(star(60))], ids=["hostile", "few", "many"]
)
def test_a_page_is_well_formed_and_loads_and_runs_nothing(made: Callable[[], FleetReport]) -> None:
    found = read(page(made()))
    assert found.open == [] and not found.seen & {"script", "img", "iframe", "object", "form"}
    assert not [name for name, _value in found.attributes if name.startswith("on") or name == "src"]
    links = {value for name, value in found.attributes if name == "href"}
    assert all(str(link).startswith(("https://", "data:,")) for link in links)
    named = [value for name, value in found.attributes if name == "id"]
    assert len(named) == len(set(named))


def test_text_of_a_node_stays_text_wherever_it_is_shown() -> None:
    found = hostile()
    shown = page(found)
    assert "<script" not in shown and "<img" not in shown and "\x1b" not in shown
    assert "&lt;script&gt;" in shown
    assert all("\x1b" not in line and "\n" not in line for line in text_lines(found, []))
    assert "\x1b" not in as_json(found) and "\x1b" not in metrics(found)


def test_the_sentence_and_the_first_remedy_come_first_on_the_page() -> None:
    hosts = star(2)
    hosts["edge1"] = unreachable("edge1", "archive0")
    shown = page(report(hosts))
    assert shown.index("1 thing needs attention, on 1 of 3 nodes.") < shown.index(
        "ansible -m ansible.builtin.ping edge1"
    )
    assert shown.index("ansible.builtin.ping") < shown.index("What needs attention")


def test_a_small_fleet_is_a_circle_and_a_large_one_a_matrix() -> None:
    assert "of the connections" in page(report(star(39))) and "Matrix of" not in page(report(star(39)))
    assert "Matrix of 41 nodes" in page(report(star(40)))


@pytest.mark.parametrize("made", [hostile, lambda: report(star(2))], ids=["hostile", "healthy"])
def test_the_data_has_the_documented_form(made: Callable[[], FleetReport]) -> None:
    schema = json.loads(SCHEMA.read_text())
    data = json.loads(as_json(made()))
    assert list(complaints(data, schema, schema)) == []
    data["nodes"][0] |= {"state": "fine", "checks": "7"}
    del data["links"]
    assert list(complaints(data, schema, schema)) == [
        "links is missing",
        "nodes[0].state is 'fine'",
        "nodes[0].checks is '7'",
    ]


def complaints(value: Any, schema: dict[str, Any], whole: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield what does not fit a schema, as far as ours use JSON Schema; a word that is not known here is an error."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    known = {"type", "enum", "const", "anyOf", "items", "properties", "required", "additionalProperties", "minimum"}
    assert not schema.keys() - known - {"$schema", "$defs", "title", "description", "format"}
    if "anyOf" in schema:
        found = [list(complaints(value, one, whole, where)) for one in schema["anyOf"]]
        yield from [] if [] in found else found[0]
        return
    fits = (
        isinstance(value, TYPES[schema["type"]])
        if "type" in schema
        else value in schema.get("enum", [schema.get("const")])
    )
    if not fits:
        yield f"{where} is {value!r}"
        return
    yield from (f"{where}{key} is missing" for key in schema.get("required", ()) if key not in value)
    for key, one in schema.get("properties", {}).items():
        if key in value:
            yield from complaints(value[key], one, whole, f"{where}.{key}" if where else key)
    for place, one in enumerate(value if "items" in schema else ()):
        yield from complaints(one, schema["items"], whole, f"{where}[{place}]")


def test_every_key_of_the_data_is_documented() -> None:
    schema = json.loads(SCHEMA.read_text())
    forms = {
        "node": ReportedNode,
        "fault": ReportedFault,
        "link": ReportedLink,
        "end": ReportedEnd,
        "rollover": ReportedRollover,
        "defect": ReportedDefect,
    }
    assert {name: schema["$defs"][name]["required"] for name in schema["$defs"]} == {
        name: [field.name for field in fields(form)] for name, form in forms.items()
    }
    assert schema["properties"].keys() == as_data(report(star(1))).keys()


def test_the_data_of_a_healthy_fleet_says_so() -> None:
    data = as_data(report(star(2)))
    assert (data["schema_version"], data["well"], data["faults"]) == (1, True, ())


def test_500_nodes_are_a_page_and_data_of_3_megabytes_at_most_within_10_seconds() -> None:
    hosts = star(495, 5)
    began = time.process_time()
    found = report(hosts)
    shown, data = page(found), as_json(found)
    assert time.process_time() - began < 10
    assert max(len(shown.encode()), len(data.encode())) < 3_000_000


def test_the_text_is_short_however_much_is_wrong() -> None:
    hosts = star(200)
    hosts |= {
        f"edge{n}": host(f"edge{n}", "archive0", rows=(wrong(f"edge{n}", seen=f"HTTP 5{n}"),)) for n in range(150)
    }
    lines = text_lines(report(hosts), ["/srv/report/report.html"])
    assert lines[0] == "150 things need attention, on 150 of 201 nodes."
    assert "138 more are on the page." in lines and len(lines) < 60
    assert lines[-1] == "Written: /srv/report/report.html"


def test_metrics_have_unix_times_and_say_what_is_held_served_and_reached() -> None:
    hosts = star(1)
    held = {"generation": "g", "since": "2026-11-27T10:00:00Z", "why": "viewer"}
    hosts["edge0"]["orthanc_plan"] = plan(not_loaded="old", identity={**plan()["identity"], "held": held})
    lines = metrics(report(hosts | {"edge1": unreachable("edge1")})).splitlines()
    assert (
        'orthanc_tls_generation_held{node="edge0"} 1' in lines
        and 'orthanc_tls_generation_held{node="archive0"} 0' in lines
    )
    assert 'orthanc_tls_served_certificate_matches{node="edge0"} 0' in lines
    assert 'orthanc_tls_node_reachable{node="edge1"} 0' in lines
    assert "orthanc_tls_verify_last_run_timestamp_seconds 1795845600" in lines
    assert any(line.startswith("orthanc_tls_certificate_not_after") and line.endswith(" 1811367682") for line in lines)


@pytest.mark.parametrize("made", [hostile, lambda: report(star(2))], ids=["hostile", "healthy"])
def test_promtool_takes_the_metrics(made: Callable[[], FleetReport]) -> None:
    run = subprocess.run(
        ["promtool", "check", "metrics"], input=metrics(made()), capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("1.10.1", 2),
        ("1.12.7", 2),
        ("1.12.11", 1),
        ("1.13.0", 0),
        ("1.9", 2),
        ("mainline", 0),
        (None, 0),
        ("1.12.7\n", 0),
    ],
)
def test_defects_are_told_by_the_version(version: str | None, found: int) -> None:
    assert len(defects_of(version)) == found
