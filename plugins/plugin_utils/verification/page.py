# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification has shown, on a screen of 80 columns: causes first, and the rest counted."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.table import aligned
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.causes import Cause, causes
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check

WIDTH = 76
_MOST_HOSTS = 8


def cause_lines(found: Sequence[Cause]) -> list[str]:
    """Return each cause: what was expected, what was seen, what to do, and what follows from it."""
    return [line for cause in found for line in _cause(cause)]


def counted(rows: Sequence[Check], found: Sequence[Cause]) -> list[str]:
    """Return how much was as expected, in a line or two."""
    of_all = f"{_number(len(rows), 'check')} on {_number(len({row.host for row in rows}), 'node')}"
    if not found:
        expected = "all as expected" if all(row.ok for row in rows) else "everything required is as expected"
        return [f"{of_all}: {expected}."]
    wrong = [row for row in rows if row.fails]
    on_nodes = _number(len({row.host for row in wrong}), "node")
    return wrapped(f"{len(wrong)} of {of_all} are not as expected, on {on_nodes}, from {_number(len(found), 'cause')}.")


def tables(rows: Sequence[Check]) -> list[str]:
    """Return every row of every host, for those who want to see them."""
    found = []
    for host in dict.fromkeys(row.host for row in rows):
        cells = [("", "check", "expected", "seen")]
        cells += [
            ("NO" if row.fails else "ok" if row.ok else "--", plain(row.name), plain(row.expected), plain(row.seen))
            for row in rows
            if row.host == host
        ]
        found += [f"{host}:", *aligned(cells).splitlines()]
    return found


def failures(rows: Sequence[Check], found: Sequence[Cause], hosts: Sequence[str]) -> dict[str, str]:
    """Return by host of the run the error of its failed task: a sentence about a cause.

    What follows from the cause of another host fails no host of its own. What a host outside the run has fails one that
    it concerns.
    """
    said: dict[str, str] = {}
    for cause in found:
        concerned = [host for row in (*cause.rows, *cause.follow) for host in (row.host, row.asks)]
        inside = [host for host in concerned if host in hosts] or list(hosts)
        own = [row.host for row in cause.rows if row.host in hosts]
        for host in own or inside[:1]:
            said.setdefault(
                str(host), _failure(next((row for row in cause.rows if row.host == host), cause.rows[0]), rows)
            )
    return said


def _failure(cause: Check, rows: Sequence[Check]) -> str:
    fails = [row.fails for row in rows if row.host == cause.host]
    count = f"{fails.count(True)} of {_number(len(fails), 'check')} not as expected"
    words = f" ({'; '.join(cause.words)})" if cause.words else ""
    return f"{cause.host}: {count}. {plain(cause.name)}: {plain(cause.seen + words)}."


def verified_lines(rows: Sequence[Check], hosts: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the lines about all rows, and by host of the run a sentence about its failures."""
    found = causes(rows)
    return [*cause_lines(found), *counted(rows, found), *_silent(rows)], failures(rows, found, hosts)


def _silent(rows: Sequence[Check]) -> Iterator[str]:
    """Yield what is not as expected and need not be: peers outside the fleet."""
    for row in rows:
        if not row.ok and not row.required:
            said = f"{row.host}: its {plain(row.name)} did not answer, and is not required to: {plain(row.seen)}"
            yield from wrapped(said, "  ")


def wrapped(text: str, indent: str = "") -> list[str]:
    """Return a text in lines."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def some(hosts: Sequence[str]) -> str:
    """Name hosts, the first few of many."""
    more = len(hosts) - _MOST_HOSTS
    return ", ".join(hosts[:_MOST_HOSTS]) + (f" and {more} more" if more > 0 else "")


def _cause(cause: Cause) -> Iterator[str]:
    first, hosts = cause.rows[0], list(dict.fromkeys(row.host for row in cause.rows))
    yield from wrapped(f"{some(hosts)}: {plain(first.name)}", "  ")
    words = "; ".join(dict.fromkeys(word for row in cause.rows for word in row.words))
    follow = Counter(row.host for row in cause.follow)
    said = {
        "expected": first.expected,
        "seen": first.seen,
        "Orthanc says": "" if words and words in first.seen else words,
        "what to do": first.remedy.replace(f"--limit {first.host}", f"--limit {','.join(hosts)}"),
        "follows": some([f"{number} on {host}" for host, number in follow.items()]),
    }
    for what, text in said.items():
        if text:
            yield from _indented(f"{what}: ", plain(text))
    yield ""


def _indented(what: str, text: str) -> list[str]:
    return textwrap.wrap(what + text, WIDTH, initial_indent="  ", subsequent_indent=" " * 4, break_on_hyphens=False)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
