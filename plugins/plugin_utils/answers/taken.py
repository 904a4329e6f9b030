# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken of a node's answer to a module: what the module answers, by type, and nothing that Ansible acts upon.

Ansible itself acts upon many keys of a result (C(unreachable), C(skipped), C(ansible_stats), warnings), and prints
some texts as they are. A node that is broken or compromised decides nothing by them, and commands no terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers import forms
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import (
    ANY_MODULE,
    check_size,
    described,
    is_required,
    odd,
    read_as,
    types_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain, plain_lines

_FORMS: dict[str, type] = {
    "apt": forms.NothingMore,
    "certificate": forms.CertificateAnswer,
    "certificate_generation": forms.GenerationAnswer,
    "certificate_info": forms.CertificateInfoAnswer,
    "civetweb_shim": forms.ShimAnswer,
    "command": forms.CommandAnswer,
    "file": forms.NothingMore,
    "identity_info": forms.IdentityInfoAnswer,
    "identity_trust": forms.TrustAnswer,
    "nginx_info": forms.NginxAnswer,
    "nginx_site": forms.SiteAnswer,
    "metrics_timer": forms.FilesAnswer,
    "node_files": forms.FilesAnswer,
    "orthanc_configuration_info": forms.ConfigurationAnswer,
    "pem_bundle": forms.BundleAnswer,
    "schedule_check": forms.NothingMore,
    "service_load": forms.ServiceAnswer,
    "tls_probe": forms.ProbesAnswer,
}
_TELL_WHEN_FAILED = {"command", "service_load", "tls_probe"}
_AS_IT_IS = {"orthanc_configuration_info"}
"""Whoever asks needs every text as it is, and escapes what is shown."""

_LONGEST_MESSAGE = 64 * 1024
_OF_A_FAILURE = ("module_stdout", "module_stderr")  # by Ansible, where an answer was no JSON
_OBJECTS_OF_ANSIBLE = ("warnings", "deprecations", "exception", "invocation")


def taken(host: str, module: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is taken of a host's answer to a module of the collection; anything odd is an error that names it."""
    name = module.rpartition(".")[2]
    where = f"{host}: {name}"
    for key, value in answer.items():
        if key not in _OBJECTS_OF_ANSIBLE:
            check_size(value, f"{where}.{plain(key)}", ANY_MODULE)
    failed, changed = (_flag(answer, flag, where) for flag in ("failed", "changed"))
    found: dict[str, Any] = {"changed": changed}
    if failed:
        unread = f"{where}: " if answer.get("_ansible_parsed") is False else ""  # no module wrote that message
        found |= {"failed": True, "msg": unread + _message(answer.get("msg"))}
        found |= {key: plain(answer[key]) for key in _OF_A_FAILURE if answer.get(key)}
    elif answer.get("diff"):
        found["diff"] = escaped(_diff(answer["diff"], f"{where}.diff"))
    if warnings := _warnings(answer.get("warnings")):
        found["warnings"] = warnings
    if failed and name not in _TELL_WHEN_FAILED:
        return found
    told = _by_form(_FORMS[name], answer, where, complete=not failed)
    return found | (told if name in _AS_IT_IS else escaped(told))


def _by_form(form: Any, answer: Mapping[str, Any], where: str, *, complete: bool) -> dict[str, Any]:
    found = {}
    for field in fields(form):
        if field.name in answer:
            read_as(types_of(form)[field.name], answer[field.name], f"{where}.{field.name}")
            found[field.name] = answer[field.name]
        elif complete and is_required(field):
            odd(where, f"no key '{field.name}'", f"the keys {', '.join(types_of(form))}")
    return found


def _flag(answer: Mapping[str, Any], name: str, where: str) -> bool:
    value = answer.get(name, False)
    if not isinstance(value, bool):
        odd(f"{where}.{name}", described(value), "true or false")
    return value


def _message(said: Any) -> str:
    if isinstance(said, str) and said.strip():
        return plain_lines(said[:_LONGEST_MESSAGE])
    return (
        "it failed, and does not say why" if said is None else f"it failed, and gives {described(said)} as the reason"
    )


def _diff(value: Any, where: str) -> Any:
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, Mapping):
            odd(where, described(part), "a dictionary")
    return value


def _warnings(found: Any) -> list[str]:
    """Return the texts of warnings, which newer versions of Ansible wrap."""
    texts = [getattr(getattr(one, "event", None), "msg", one) for one in found] if isinstance(found, Sequence) else []
    return [plain(text) for text in texts if isinstance(text, str)]


def escaped(value: Any) -> Any:
    """Return a value with every text in it escaped, but with its line breaks."""
    if isinstance(value, str):
        return plain_lines(value)
    if isinstance(value, Mapping):
        return {plain_lines(key): escaped(item) for key, item in value.items()}
    return [escaped(item) for item in value] if isinstance(value, (list, tuple)) else value
