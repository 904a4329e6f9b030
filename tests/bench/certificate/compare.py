# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the certificate task with community.crypto's procedure for an own CA, on local nodes.

Both take turns, so that whatever else the machine does meets both, and only ratios within one turn are judged.
Timed is the play, from its first line to its recap: ansible-playbook's own start belongs to neither. A run counts when
it did what it claims: openssl is asked about every node's files, and a second run must change nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BENCH = Path(__file__).parent
LEAST_RATIOS = {"first run": 8.0, "nothing to do": 12.0}
SUCCEEDED = re.compile(r"(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=0\s+failed=0")


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: its playbook, and where in a node's folder it leaves the files."""

    name: str
    playbook: Path
    files: str


OURS = Side("certificate", BENCH / "certificate.yml", "current")
THEIRS = Side("community.crypto", BENCH / "community_crypto.yml", ".")

Round = dict[tuple[Side, str], float]  # seconds per node


@dataclass(frozen=True)
class Fleet:
    """The nodes, and what both sides are given."""

    nodes: Sequence[str]
    variables: Mapping[str, str]

    def take_turns(self, folder: Path) -> Round:
        """Let both sides run on fresh folders, and again with nothing to do."""
        seconds: Round = {}
        for run in LEAST_RATIOS:
            for side in (OURS, THEIRS):
                target = folder / side.name
                target.mkdir(parents=True, exist_ok=True)
                seconds[side, run], changed = self._play(side, target)
                expect(changed == (set(self.nodes) if run == "first run" else set()), f"{side.name}, {run}: {changed}")
                for node in self.nodes:
                    check_node(node, target / node / side.files)
        return seconds

    def _play(self, side: Side, folder: Path) -> tuple[float, set[str]]:
        """Run a side's playbook; return the seconds per node, and the nodes where it changed anything."""
        inventory = ",".join(self.nodes) + ","
        command = ["ansible-playbook", str(side.playbook), "--inventory", inventory, "--connection", "local"]
        lines = ansible(*command, variables={**self.variables, "bench_folder": str(folder)})
        start, end = (instant for instant, line in lines if line.startswith("PLAY"))
        recap = {found[1]: int(found[2]) for _instant, line in lines if (found := SUCCEEDED.match(line))}
        expect(recap.keys() >= set(self.nodes), f"{side.name} reached {', '.join(recap)} only")
        return (end - start) / len(self.nodes), {node for node in self.nodes if recap[node]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of both sides; the median counts")
    parser.add_argument("--nodes", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orthanc-bench-") as name:
        folder = Path(name)
        nodes = [f"node{number:02}.bench.test" for number in range(1, options.nodes + 1)]
        fleet = Fleet(nodes, make_ca(folder / "ca"))
        rounds = [fleet.take_turns(folder / str(number)) for number in range(options.rounds)]
    return report(rounds)


def make_ca(path: Path) -> dict[str, str]:
    """Make the CA from which both sides issue, and return the variables that both are given."""
    variables = {
        "bench_ca": str(path),
        "bench_passphrase": "only for the bench",
        "bench_user": str(os.getuid()),
        "bench_group": str(os.getgid()),
        "ansible_python_interpreter": sys.executable,
    }
    order = {"path": "{{ bench_ca }}", "passphrase": "{{ bench_passphrase }}", "intermediate": True}
    ansible("ansible", "localhost", "-m", "openimaging.orthanc.ca", "-a", json.dumps(order), variables=variables)
    return variables


def check_node(node: str, folder: Path) -> None:
    """Let openssl say that the node holds a P-256 key, a new leaf for it, and the leaf's way to both trust bundles."""
    server, fullchain = folder / "server.pem", folder / "fullchain.pem"
    for purpose, trust in (("sslserver", "server-trust.pem"), ("sslclient", "client-trust.pem")):
        anchors = ["-CAfile", folder / trust, "-untrusted", fullchain]
        openssl("verify", "-x509_strict", "-purpose", purpose, "-verify_hostname", node, *anchors, server)
    leaf = openssl("x509", "-in", server, "-noout", "-text", "-checkend", 179 * 24 * 3600)
    expect("ASN1 OID: prime256v1" in leaf, f"{server}: the key is not P-256")
    key = openssl("pkey", "-in", server, "-pubout")
    expect(key == openssl("x509", "-in", fullchain, "-noout", "-pubkey"), f"{server}: the key is not the leaf's")
    expect(server.read_text().endswith(fullchain.read_text()), f"{server} does not end in {fullchain}")
    expect(server.stat().st_mode & 0o777 == 0o640, f"{server} does not have mode 0640")


def report(rounds: Sequence[Round]) -> int:
    """Print what was measured; return 1 unless both ratios hold."""
    print(f"{'seconds per node':20}{''.join(f'{run:>16}' for run in LEAST_RATIOS)}   (median of {len(rounds)})")
    for side in (OURS, THEIRS):
        medians = (median(one[side, run] for one in rounds) for run in LEAST_RATIOS)
        print(f"{side.name:20}{''.join(f'{seconds:16.3f}' for seconds in medians)}")
    print(f"\n{'times faster':20}{'median':>8}{'min':>8}{'max':>8}{'required':>10}")
    held = True
    for run, least in LEAST_RATIOS.items():
        ratios = [one[THEIRS, run] / one[OURS, run] for one in rounds]
        holds = median(ratios) >= least
        held &= holds
        numbers = f"{median(ratios):8.1f}{min(ratios):8.1f}{max(ratios):8.1f}{least:10.0f}"
        print(f"{run:20}{numbers}   {'holds' if holds else 'DOES NOT HOLD'}")
    return 0 if held else 1


def ansible(program: str, *arguments: str, variables: Mapping[str, str]) -> list[tuple[float, str]]:
    """Run one of Ansible's programs with the project's settings and nobody else's; return its lines and their times."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment["ANSIBLE_CONFIG"] = str(BENCH.parents[2] / "ansible.cfg")
    command = [str(Path(sys.executable).parent / program), *arguments, "--extra-vars", json.dumps(variables)]
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=both, text=True) as process:
        lines = [(time.perf_counter(), line) for line in process.stdout or ()]
    expect(process.returncode == 0, "".join(line for _instant, line in lines))
    return lines


def openssl(*arguments: object) -> str:
    """Run openssl and return its output; anything but success is an error."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def expect(holds: bool, otherwise: str) -> None:
    """End the bench unless a run did what it claims."""
    if not holds:
        sys.exit(f"The bench proves nothing: {otherwise}")


if __name__ == "__main__":
    sys.exit(main())
