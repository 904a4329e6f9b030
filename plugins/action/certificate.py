# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of C(certificate): one module execution when nothing is due, two when a leaf is signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.pinned_trust import SELF_SIGNED

# At the top, so that it is imported once before the workers are forked, and not by every host's worker.
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.local import CertificateOrder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.selfsigned import PinnedOrder

# The rest stays on the controller, and nothing of the CA is ever in the module's payload.
_NODE_OPTIONS = ("path", "owner", "group", "keep")
_OPTIONS = {name: option for name, option in ARGUMENT_SPEC.items() if name != "enrolment"}
_OPTIONS["ca_path"] = {"type": "path", "required": True}
_INTERNAL = ("invocation", "enrolment")


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
        host = variables["inventory_hostname"]
        if options["issuer"] == SELF_SIGNED:
            return self._pin(PinnedOrder.of(options, host), options, variables)
        order = CertificateOrder.of(options, host, check_mode=self._task.check_mode)
        return self._enrol(order, options, variables)

    def _pin(self, order: PinnedOrder, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Let the node sign for itself, and keep what it is known by, for those who must trust it."""
        host = variables["inventory_hostname"]
        enrolment = {
            "step": "keep_up",
            "spec": order.spec.to_arguments(),
            "lifetime": int(order.lifetime.total_seconds()),
            "activate": options["activate"],
            "replace_issued": options["allow_issuer_change"],
            "keeps_trust": order.keeps_trust,
            "clock": utc_text(_now()),
        }
        found = self._ask(enrolment, options, variables)
        answer = _answer(host, found)
        if "foreign_issuer" in answer:
            raise _issued_by_a_ca(host, answer["foreign_issuer"])
        found["warnings"] = order.warnings + ([_held(host, options["path"], found)] if found.get("held") else [])
        if answer.get("known_by"):
            try:
                order.publish(answer["known_by"], _now(), check_mode=self._task.check_mode)
            except OrthancTlsError as error:
                raise _not_published(host, options["path"], str(error)) from error
        return found

    def _ask(self, enrolment: dict[str, Any], options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        arguments = {name: options[name] for name in _NODE_OPTIONS}
        return self.on_node(variables, "openimaging.orthanc.certificate", {**arguments, "enrolment": enrolment})

    def _enrol(self, order: CertificateOrder, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        def ask(step: str, **request: Any) -> dict[str, Any]:
            return self._ask({"step": step, "spec": order.spec.to_arguments(), **request}, options, variables)

        host, passphrase = variables["inventory_hostname"], options["ca_passphrase"]
        issuers = None if options["allow_issuer_change"] else order.issuers
        found = ask("inspect", issuers=issuers, clock=utc_text(_now()))
        answer = _answer(host, found)
        if "foreign_issuer" in answer:
            raise _foreign_issuer(host, answer["foreign_issuer"], order.folder.path)
        if found.get("held"):
            found["warnings"] = [_held(host, options["path"], found)]
        if self._task.check_mode and found.get("renewed") and order.authority:
            found["diff"]["after"].update(order.rehearse(passphrase, _now()))
        if found.get("failed") or "csr" not in answer:
            return found
        try:
            signed = order.sign(answer["csr"].encode(), passphrase, _now())
        except OrthancTlsError:
            ask("withdraw", staged=answer["staged"])
            raise
        return found | ask("install", staged=answer["staged"], reason=answer["reason"], **signed)


def _now() -> datetime:
    return datetime.now(UTC)


def _answer(host: str, found: dict[str, Any]) -> dict[str, Any]:
    answer = found.get("enrolment", {})
    if not isinstance(answer, dict):
        raise OrthancTlsError(f"{host}: the node's answer is not a dictionary; nothing was signed or made known.")
    return answer


def _held(host: str, path: str, found: dict[str, Any]) -> str:
    held = found["held"]
    end = "is damaged" if found["not_after"] is None else f"ends on {found['not_after']}"
    return (
        f"{host}: {path} is held at {held['generation']} since {held['since']}, and nothing was changed: "
        f"{held['why'].rstrip('.')}. Its certificate {end}. Release it with rollback.yml --limit {host} "
        "-e rollback_release=true."
    )


def _not_published(host: str, path: str, fault: str) -> OrthancTlsError:
    return OrthancTlsError(
        f"{host}: {fault} Nothing was made known to other nodes, which keep what they trust. If nobody has changed "
        f"{path} on {host} by hand, treat the node as compromised. To begin anew, remove {path} there and run site.yml "
        f"--limit {host}, then site.yml."
    )


def _foreign_issuer(host: str, issuer: str, ca_path: str) -> OrthancTlsError:
    return OrthancTlsError(
        f"The certificate on {host} was issued by {issuer}, which the CA folder {ca_path} does not hold. Nothing was "
        "changed. Correct ca_path (orthanc_ca_dir) if it names the wrong folder, or restore the folder from its "
        "backup; to give a live fleet another CA, roll it over; to replace this certificate all the same, set "
        "allow_issuer_change (identity_allow_issuer_change)."
    )


def _issued_by_a_ca(host: str, issuer: str) -> OrthancTlsError:
    return OrthancTlsError(
        f"The certificate on {host} was issued by {issuer}, and issuer is {SELF_SIGNED}. Nothing was changed. Whoever "
        "trusts that CA would refuse what the node signs itself; to replace the certificate all the same, set "
        "allow_issuer_change."
    )
