# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of C(certificate): one module execution when nothing is due, two when a leaf is signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import described, odd
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.held import held_warnings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import (
    NotYetSigned,
    Order,
    SigningHere,
    SigningOnNode,
)

# At the top, so that it is imported once before the workers are forked, and not by every host's worker.
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordering import ordered_from
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import issuer_named
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.awaited import pending_warnings

# The rest stays on the controller, and nothing of the CA is ever in the module's payload.
_NODE_OPTIONS = ("path", "owner", "group", "keep")
_OPTIONS = {name: option for name, option in ARGUMENT_SPEC.items() if name != "enrolment"}
_OPTIONS["ca_path"] = {"type": "path", "required": True}
_INTERNAL = ("invocation", "enrolment")

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Lets the node do one step of its enrolment, and returns its answer."""


class ActionModule(InventoryAction):
    """Ask the node, sign where it asks for a signature, and let it install."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host."""
        _validation, options = self.validate_argument_spec(argument_spec=_OPTIONS)
        result = self._kept_up(options, variables)
        if not self._task.diff:
            result.pop("diff", None)
        return {key: value for key, value in result.items() if key not in _INTERNAL}

    def _kept_up(self, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        host, check_mode = variables["inventory_hostname"], self._task.check_mode
        issuer = issuer_named(options["issuer"], f"{host}: issuer (identity_issuer)")
        order = ordered_from(issuer, options, host, check_mode=check_mode)
        found = self._as_ordered(order, options, variables)
        if check_mode or isinstance(order.signing, SigningOnNode) or not found.get("changed"):
            return found
        # Another run may have changed whom the fleet trusts since: a rollover's step is not taken back.
        now = ordered_from(issuer, {**options, "force": False}, host, check_mode=check_mode)
        if now.spec.trust == order.spec.trust:
            return found
        return _both(found, self._as_ordered(now, options, variables))

    def _as_ordered(self, order: Order, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        host = variables["inventory_hostname"]

        def ask(step: str, request: dict[str, Any]) -> dict[str, Any]:
            return self._ask({"step": step, "spec": order.spec.to_arguments(), **request}, options, variables)

        found = ask("inspect", order.request(_now(), any_issuer=options["allow_issuer_change"]).to_arguments())
        answer = found.get("enrolment") or {}
        if "foreign_issuer" in answer:
            raise order.refusal(str(answer["foreign_issuer"]))
        if warnings := [*order.warnings, *held_warnings(host, options["path"], found)]:
            found["warnings"] = warnings
        if isinstance(order.signing, SigningOnNode):
            _take_known_by(host, options["path"], order.signing, answer)
            return found
        if self._task.check_mode and found.get("renewed"):
            _diff(host, found)["after"].update(order.signing.rehearse(_now()))
        if found.get("failed") or answer.get("csr") is None:
            return found
        then = _signed(host, order.signing, answer, ask)
        if more := [*then.get("warnings", ()), *pending_warnings(host, then)]:
            then["warnings"] = [*warnings, *more]
        return found | then

    def _ask(self, enrolment: dict[str, Any], options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        arguments = {name: options[name] for name in _NODE_OPTIONS}
        return self.on_node(variables, "openimaging.orthanc.certificate", {**arguments, "enrolment": enrolment})


def _both(first: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """Return the result of two changes as that of one."""
    if then.get("failed"):
        return then
    diff = {**then.get("diff", {}), "before": first.get("diff", {}).get("before")}
    renewed = bool(first.get("renewed") or then.get("renewed"))
    return {**first, **then, "changed": True, "renewed": renewed, "reason": first.get("reason"), "diff": diff}


def _signed(host: str, signing: SigningHere, answer: dict[str, Any], ask: Ask) -> dict[str, Any]:
    """Sign what the node asks for and let it install that; where that fails, let it remove the staged key."""
    for name in ("staged", "reason"):
        if answer.get(name) is None:
            odd(f"{host}: certificate.enrolment", f"a signing request without '{name}'", "both; nothing was signed")
    asked = {"staged": answer["staged"], "reason": answer["reason"]}
    try:
        signed = signing.sign(answer["csr"].encode(), _now())
    except Exception:  # a key that stays would be a leftover on the node, whatever went wrong here
        if not signing.answers_later:
            ask("withdraw", {"staged": answer["staged"]})
        raise
    if isinstance(signed, NotYetSigned):
        return ask("wait", {**asked, "waits_for": signed.waits_for})
    then = ask("install", {**asked, **signed.to_arguments()})
    return then | {"warnings": [*signed.warnings]} if signed.warnings else then


def _now() -> datetime:
    return datetime.now(UTC)


def _diff(host: str, found: dict[str, Any]) -> dict[str, Any]:
    diff = found.get("diff")
    if not isinstance(diff, dict) or not isinstance(diff.get("after"), dict):
        odd(f"{host}: certificate.diff", described(diff), "a dictionary with 'before' and 'after'")
    return diff


def _take_known_by(host: str, path: str, signing: SigningOnNode, answer: dict[str, Any]) -> None:
    if answer.get("csr") is not None:
        raise OrthancTlsError(
            f"{host}: the node sent a signing request, and was told to sign for itself; nothing was signed. No "
            "module of this collection answers so: treat the node as compromised."
        )
    if answer.get("known_by"):
        try:
            signing.publish(answer["known_by"], _now())
        except OrthancTlsError as error:
            raise _not_published(host, path, str(error)) from error


def _not_published(host: str, path: str, fault: str) -> OrthancTlsError:
    return OrthancTlsError(
        f"{host}: {fault} Nothing was made known to other nodes, which keep what they trust. If nobody has changed "
        f"{path} on {host} by hand, treat the node as compromised. To begin anew, remove {path} there and run site.yml "
        f"--limit {host}, then site.yml."
    )
