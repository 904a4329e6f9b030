# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's configuration language: directives, blocks, and files that include others (standard library only)."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_FILE = re.compile(r"^# configuration file (.+):$", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
      | (?P<mark>[{};])
      | "(?P<double>(?:\\.|[^"\\])*)"
      | '(?P<single>(?:\\.|[^'\\])*)'
      | (?P<word>(?:\$\{[^}]*\}|\\.|[^\s{};])+)""",
    re.VERBOSE | re.DOTALL,
)
DEEPEST = 8
"""Files that include files; nginx itself ends at its number of open files."""


@dataclass(frozen=True)
class Directive:
    """The words of a directive, and whether a block follows."""

    words: tuple[str, ...]
    opens: bool


@dataclass(frozen=True)
class NestedDirective:
    """A directive with what is in its block, where it has one; C(file) is where it stands."""

    words: tuple[str, ...]
    file: str
    inner: list[NestedDirective] | None = field(default=None)

    @property
    def name(self) -> str:
        """The directive's name."""
        return self.words[0]

    def walk(self) -> Iterator[NestedDirective]:
        """Yield every directive in the block, those of inner blocks too."""
        for block in self.inner or ():
            yield block
            yield from block.walk()


def files_of(dump: str) -> dict[str, str]:
    """Return the texts of the files in the output of C(nginx -T); the main file is the first."""
    _preamble, *parts = _FILE.split(dump)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def blocks(dump: str) -> list[NestedDirective]:
    """Read the output of C(nginx -T) from its main file on, with what is included in the place of each C(include)."""
    files = files_of(dump)
    return _blocks(next(iter(files)), files, DEEPEST) if files else []


def _blocks(file: str, files: Mapping[str, str], depth: int) -> list[NestedDirective]:
    outermost: list[NestedDirective] = []
    open_blocks = [outermost]
    for directive in directives(files[file]):
        if directive is None:
            open_blocks = open_blocks[:-1] or [outermost]
        elif directive.words[0] == "include" and len(directive.words) > 1:
            for other in taken_in(directive.words[1], files) if depth else ():
                open_blocks[-1] += _blocks(other, files, depth - 1)
        elif directive.opens:
            inner: list[NestedDirective] = []
            open_blocks[-1].append(NestedDirective(directive.words, file, inner))
            open_blocks.append(inner)
        else:
            open_blocks[-1].append(NestedDirective(directive.words, file))
    return outermost


def incomplete(text: str) -> str | None:
    """Say what keeps a text from being whole directives and blocks, so that it would take others for its own."""
    depth, open_directive = 0, False
    for token in _TOKEN.finditer(text):
        if token["blank"]:
            continue
        mark = token["mark"]
        if not mark:
            open_directive = True
            if (token["word"] or "").startswith(('"', "'")):
                return "a quote is not closed"
        elif mark == "}" and (open_directive or not depth):
            return "a directive has no ';'" if open_directive else "a block is closed that was not opened"
        else:
            depth += {"{": 1, "}": -1}.get(mark, 0)
            open_directive = False
    if open_directive:
        return "the last directive has no ';'"
    return "a block is not closed" if depth else None


def directives(text: str) -> Iterator[Directive | None]:
    """Yield directives in their order; None where a block ends."""
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["blank"]:
            continue
        if not token["mark"]:
            words += [word for word in token.group("double", "single", "word") if word is not None]
            continue
        if token["mark"] == "}":
            yield None
        elif words:
            yield Directive(tuple(words), token["mark"] == "{")
        words = []


def taken_in(pattern: str, files: Mapping[str, str]) -> list[str]:
    """The files that an C(include) takes in; a relative pattern counts from the folder of the main file, the first."""
    wanted = os.path.join(os.path.dirname(next(iter(files))), pattern).split("/")
    return [file for file in files if _fits(file.split("/"), wanted)]


def _fits(names: list[str], patterns: list[str]) -> bool:
    return len(names) == len(patterns) and all(map(fnmatch.fnmatchcase, names, patterns))
