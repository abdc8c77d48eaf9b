# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sessions of README.md's "Five minutes" print what README.md shows."""

import os
import re
from pathlib import Path

from demo import SERVER
from host import keeper_program

README = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2])) / "README.md"
# What the section describes and does not show: the file with the three errors.
BAD_FILE = """limits:
  subflows: lots
profiles:
  - match: {name: wan}
    mptcp-flags: [signal, fullmesh]
    activaton: defer
"""


def section(title):
    return re.search(rf"^## {title}\n(.*?)^## ", README.read_text(), re.MULTILINE | re.DOTALL)[1]


def sessions(text):
    """The commands of the blocks that begin with one, each with the output shown, in their order."""
    for block in re.findall(r"^```\n(# .*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^# ", block, flags=re.MULTILINE)[1:]:
            yield part.split("\n", 1)


def test_the_five_minutes_are_as_shown(lab):
    host = lab.host("host")
    for interface in SERVER:
        host.plug(interface, lab.segment(interface))
    host.start_network_manager()
    for interface, address in SERVER.items():
        host.add_profile(interface, interface, f"{address}/24")
    text = section("Five minutes")
    host.configure(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    host.write("/tmp/new.yaml", BAD_FILE)
    shown, real = [], []
    for command, output in sessions(text):
        shown.append((command, output))
        done = host.run(["sh", "-c", command.replace("mptcp-keeper ", f"{keeper_program()} ", 1)], check=False)
        real.append((command, done.stdout + done.stderr))
    host.path("/tmp/new.yaml").unlink()
    assert len(shown) > 10 and real == shown
