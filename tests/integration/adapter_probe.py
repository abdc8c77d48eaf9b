# SPDX-License-Identifier: LGPL-2.1-or-later
"""The NetworkManager adapter in a process of its own: tests/tools/nm_probe.cpp."""

import json
import os
import re
import select
import subprocess
from pathlib import Path

from node import only_child

PROBE = Path(os.environ.get("KEEPER_BUILD_DIR", "build")) / "tests/network_manager/nm-probe"


class Probe:
    """One adapter object in its own process, on a host."""

    def __init__(self, host, limit_ms=10000, user=None):
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        environment = dict(os.environ, G_SLICE="always-malloc")
        self._process = subprocess.Popen(host.enter([*as_user, PROBE, limit_ms]), env=environment, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        assert self._process.wait(20) == 0

    def bus_name(self, host):
        """The name of its connection to the host's bus."""
        status = Path(f"/proc/{only_child(self._process.pid)}/status").read_text()
        pid = re.search(r"NSpid:.*\t(\d+)", status)[1]
        bus = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"]
        listed = host.run(["busctl", "list", "--no-pager", "--no-legend"]).stdout
        for name in re.findall(r"^(:\S+)", listed, re.MULTILINE):
            shown = host.run(["busctl", "call", *bus, "GetConnectionUnixProcessID", "s", name], check=False).stdout
            if shown.split()[1:] == [pid]:
                return name
        raise AssertionError("the probe is not on the bus")

    def ask(self, *words):
        self.begin(*words)
        return self.answer()

    def begin(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def answer(self):
        assert select.select([self._process.stdout], [], [], 60)[0], "the probe hangs"
        return json.loads(self._process.stdout.readline())

    def profiles(self):
        answer = self.ask("snapshot")
        assert "error" not in answer, answer
        return {profile["name"]: profile for profile in answer["profiles"]}

    def state(self, *words):
        """What the command reads, without the figures of the call itself."""
        answer = self.ask(*words)
        assert "error" not in answer, answer
        return {key: answer[key] for key in ("version", "default_flags", "profiles")}

    def store(self, *words):
        return self.ask("store", *words)["results"]

    def reapply(self, *words):
        return self.ask("reapply", *words)["results"]
