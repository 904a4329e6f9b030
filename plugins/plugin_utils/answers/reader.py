# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a node has answered by the types that are expected: all else is an error that says where and what."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown

LARGEST_NUMBER = 2**63
LONGEST_QUOTED = 600  # characters; an error of a node says what to do at its end


@dataclass(frozen=True)
class Limits:
    """How deep a value may be, how many entries a list or dictionary may have, and how many characters its texts."""

    deepest: int
    entries: int
    values: int
    longest_text: int
    all_texts: int


SECTION = Limits(deepest=16, entries=5_000, values=200_000, longest_text=64 * 1024, all_texts=1024 * 1024)
"""As much as a node tells in one section of C(node_look)."""

ANY_MODULE = Limits(
    deepest=64, entries=200_000, values=1_000_000, longest_text=4 * 1024 * 1024, all_texts=16 * 1024 * 1024
)
"""As much as a module tells under one key: an answer of Orthanc or a whole configuration among it."""

_EXPECTED = {str: "text", int: "a whole number", bool: "true or false"}


def odd(where: str, found: str, expected: str) -> NoReturn:
    """Raise the error about an answer that no node gives that answers as it was asked."""
    raise OrthancTlsError(
        f"{where}: found {found}, expected {expected}. No module of this collection answers that; examine the node."
    )


def described(value: Any) -> str:
    """Say what a value is, as it may be printed."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, int):
        return f"the number {int(value)}" if abs(value) <= LARGEST_NUMBER else "a number of more than 64 bits"
    if isinstance(value, float):
        return f"the number {float(value)}"
    if isinstance(value, Mapping):
        return f"a dictionary of {len(value)}"
    return f"a list of {len(value)}" if isinstance(value, Sequence) else f"a {type(value).__name__}"


def quoted(text: str) -> str:
    """Return an error text of a node as it may be printed within a sentence."""
    return repr(str(text[:LONGEST_QUOTED]).rstrip("."))


def check_success(answer: Mapping[str, Any], what: str) -> None:
    """Raise if a module has failed, or if the node says that it is unreachable; C(what) says what failed with it."""
    if answer.get("failed") or answer.get("unreachable"):
        said = answer.get("msg")
        why = quoted(said) if isinstance(said, str) else "it does not say why" if said is None else described(said)
        raise OrthancTlsError(f"{what}: {why}.")


def check_size(value: Any, where: str, limits: Limits = SECTION) -> None:
    """Raise if a value is deeper, longer or larger than any answer, or if it is not made of what JSON has."""
    characters = 0
    for number, (item, depth) in enumerate(_walked(value, 0, where)):
        _check_item(item, depth, where, limits)
        characters += len(item) if isinstance(item, str) else 0
        if number >= limits.values or characters > limits.all_texts:
            most = f"at most {limits.values} values, and {limits.all_texts} characters of text"
            odd(where, "more than a node has to tell", most)


def read_as(kind: Any, value: Any, where: str) -> Any:
    """Return a value as the type C(kind): a dataclass, C(X | None), a tuple, a mapping of texts, text or a number."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        (other,) = [choice for choice in inner if choice is not NoneType]
        return None if value is None else read_as(other, value, where)
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _object(kind, value, where)
    if origin in (tuple, Sequence):
        return tuple(read_as(inner[0], item, f"{where}[{place}]") for place, item in enumerate(_list(value, where)))
    if origin is Mapping:
        return {key: read_as(inner[1], item, f"{where}[{shown(key)}]") for key, item in _mapping(value, where).items()}
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        odd(where, described(value), _EXPECTED[kind])
    return value


@functools.cache
def types_of(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass' fields by their names."""
    return get_type_hints(kind)


def _object(kind: Any, value: Any, where: str) -> Any:
    found = _mapping(value, where)
    known = {field.name: field for field in fields(kind)}
    if unknown := sorted(found.keys() - known.keys()):
        odd(where, f"the key {shown(unknown[0])}", f"no other keys than {', '.join(known)}")
    if missing := [name for name, field in known.items() if name not in found and is_required(field)]:
        odd(where, f"no key '{missing[0]}'", f"the keys {', '.join(known)}")
    return kind(**{name: read_as(types_of(kind)[name], item, f"{where}.{name}") for name, item in found.items()})


def is_required(field: Field[Any]) -> bool:
    """Say whether a dataclass' field has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        odd(where, described(value), "a dictionary")
    return value


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        odd(where, described(value), "a list")
    return value


def _walked(value: Any, depth: int, where: str) -> Iterator[tuple[Any, int]]:
    """Yield a value, and once that was found to be neither too deep nor too long, all that is in it."""
    yield value, depth
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                odd(where, f"{described(key)} as a key", "text")
            yield key, depth + 1
            yield from _walked(value[key], depth + 1, where)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _walked(item, depth + 1, where)


def _check_item(item: Any, depth: int, where: str, limits: Limits) -> None:
    if depth > limits.deepest:
        odd(where, f"values in values, deeper than {limits.deepest}", "at most as many")
    if isinstance(item, str):
        if len(item) > limits.longest_text:
            odd(where, f"a text of {len(item)} characters", f"at most {limits.longest_text}")
    elif isinstance(item, (Mapping, list, tuple)):
        if len(item) > limits.entries:
            odd(where, described(item), f"at most {limits.entries}")
    elif isinstance(item, int):
        if abs(item) > LARGEST_NUMBER:
            odd(where, described(item), "at most 64 bits")
    elif item is not None and not isinstance(item, float):
        odd(where, described(item), "what JSON has")
