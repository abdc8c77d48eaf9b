# SPDX-License-Identifier: LGPL-2.1-or-later
"""Output of ansible-playbook for programs: one JSON object per result, and one with the statistics. ansible-core has no
such plugin of its own."""

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: json_lines
type: stdout
short_description: One JSON object per result
description: [Prints one JSON object per result of a task, and one with the statistics.]
"""


class CallbackModule(CallbackBase):
    """Prints results as they arrive."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "json_lines"

    def _print(self, result, state):
        self._display.display(json.dumps({"host": result._host.get_name(), "task": result._task.get_name(),
                                          "state": state, "result": result._result}))

    def v2_runner_on_ok(self, result):
        self._print(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._print(result, "failed")

    def v2_runner_on_unreachable(self, result):
        self._print(result, "unreachable")

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in stats.processed}
        self._display.display(json.dumps({"stats": hosts}))
