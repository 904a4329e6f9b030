# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run what Ansible sent as Python does, and add facts to the answer, as a host can that somebody else controls."""

import contextlib
import json
import subprocess
import sys

FACTS = {"orthanc_fqdn": "pacs", "node_release": "attacker.example"}  # the second is the inventory's own

done = subprocess.run(["/usr/bin/python3", *sys.argv[1:]], stdin=sys.stdin, capture_output=True, check=False)
answer = done.stdout.decode()
with contextlib.suppress(ValueError):
    answer = json.dumps({**json.loads(answer), "ansible_facts": FACTS})
sys.stdout.write(answer)
sys.stderr.buffer.write(done.stderr)
sys.exit(done.returncode)
