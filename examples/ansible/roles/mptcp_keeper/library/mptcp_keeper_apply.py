#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The module mptcp_keeper_apply: `mptcp-keeper apply`, or `mptcp-keeper diff` in check mode."""

import json
import os
import re
import shutil
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: mptcp_keeper_apply
short_description: Applies the Multipath TCP configuration of a host
description:
  - Runs C(mptcp-keeper apply), which changes what differs, reads it back and verifies it.
  - In check mode it runs C(mptcp-keeper diff), which changes nothing.
  - With C(--diff), shows each item before and after the change.
options:
  program:
    description: Path of the program.
    type: path
    default: /usr/sbin/mptcp-keeper
  files:
    description:
      - In check mode, names and texts of files that /etc/mptcp-keeper/conf.d would have.
      - All files of the host are then validated together, and the host is compared with the result.
    type: dict
    default: {}
  absent:
    description: In check mode, names of files that /etc/mptcp-keeper/conf.d would not have.
    type: list
    elements: str
    default: []
  merged:
    description: In check mode, where to write the merged configuration, for C(mptcp-keeper try).
    type: path
  atomic:
    description: Take everything back if one item fails.
    type: bool
    default: false
  strict:
    description: Fail on items that the host does not support.
    type: bool
    default: false
  restart_units:
    description: Restart declared units that run without MPTCP.
    type: bool
    default: false
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
"""

RETURN = r"""
changes:
  description: The changes as in C(mptcp-keeper diff --json) or C(mptcp-keeper apply --json).
  returned: always
  type: list
"""

IN_SYNC, CHANGED = 0, 2
OPTIONS = {
    "program": {"type": "path", "default": "/usr/sbin/mptcp-keeper"},
    "files": {"type": "dict", "default": {}},
    "absent": {"type": "list", "elements": "str", "default": []},
    "merged": {"type": "path"},
    "atomic": {"type": "bool", "default": False},
    "strict": {"type": "bool", "default": False},
    "restart_units": {"type": "bool", "default": False},
}
MAIN = "/etc/mptcp-keeper"
DROP_INS = "/etc/mptcp-keeper/conf.d"
DROP_IN = re.compile(r"[^/.][^/]*\.ya?ml")
FOLDERS = (MAIN, DROP_INS, "/run/mptcp-keeper/conf.d", "/usr/lib/mptcp-keeper/conf.d")


def copy_configuration(root):
    """Copies the configuration of the host below a folder. A link becomes the file that it leads to, except one that
    leads nowhere or to /dev/null, which masks a file of the same name."""
    for folder in FOLDERS:
        os.makedirs(root + folder, exist_ok=True)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            file = folder + "/" + name
            if os.path.isfile(file):
                shutil.copyfile(file, root + file)
            elif os.path.islink(file):
                os.symlink(os.readlink(file), root + file)


def refuse_names(module):
    """Only names of drop-ins are accepted, so that nothing outside the copy of the configuration is written."""
    names = [*module.params["files"], *module.params["absent"]]
    wrong = [name for name in names if not DROP_IN.fullmatch(name)]
    if wrong:
        module.fail_json(msg="no names of drop-ins, NAME.yaml or NAME.yml: {}".format(", ".join(map(repr, wrong))))


def change_drop_ins(root, files, absent):
    """Changes the copy of the host's drop-ins."""
    for name in [*files, *absent]:
        if os.path.lexists(root + DROP_INS + "/" + name):
            os.unlink(root + DROP_INS + "/" + name)
    for name, text in files.items():
        with open(root + DROP_INS + "/" + name, "w", encoding="utf-8") as file:
            file.write(text)


def merge(module, root):
    """Validates the configuration below a folder and merges it to one file there; returns its name and its text."""
    code, out, err = module.run_command([module.params["program"], "--root", root, "config"])
    if code != 0:
        module.fail_json(msg=err.replace(root, "").strip(), exit_status=code)
    merged = module.params["merged"] or root + "/merged.yaml"
    text = out.replace(root, "")
    with open(merged, "w", encoding="utf-8") as file:
        file.write(text)
    return merged, text


def with_origins(value, merged, text):
    """A JSON value that names the declaring files instead of lines of the merged one, whose comments tell them."""
    if isinstance(value, dict):
        return {key: with_origins(inner, merged, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_origins(inner, merged, text) for inner in value]
    if not isinstance(value, str):
        return value
    lines = text.splitlines()

    def origin(found):
        line = int(found.group(1) or 0)
        comment = re.search(r"  # (/.*:[0-9]+)$", lines[line - 1]) if 0 < line <= len(lines) else None
        return comment.group(1) if comment else MAIN

    return re.sub(re.escape(merged) + r"(?::([0-9]+))?(?::[0-9]+)?", origin, value)


def value_text(value):
    """A value as one line of a difference."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def item_text(change):
    """The name of what a change concerns."""
    return "{} {}".format(change["resource"], change.get("name") or change["key"])


def difference(changes):
    """The two sides that Ansible shows for --diff: one line per item."""
    sides = {"before_header": "the host", "after_header": "the configuration"}
    for side in ("before", "after"):
        sides[side] = "".join("{}: {}\n".format(item_text(change), value_text(change[side]))
                              for change in changes if change[side] is not None)
    return sides


def report(module, *command, rename=lambda value: value):
    """Runs the program and ends the module with its result."""
    code, out, err = module.run_command([module.params["program"], "--json", *command])
    try:
        document = rename(json.loads(out))
    except ValueError:
        document = {}
    err = rename(err)
    changes = document.get("changes", [])
    if code not in (IN_SYNC, CHANGED):
        failed = ["{}: {}".format(item_text(change), change["error"]) for change in changes if change.get("error")]
        module.fail_json(msg="\n".join(failed) or err.strip() or "exit status {}".format(code), exit_status=code,
                         stderr=err, changes=changes)
    for warning in document.get("warnings", []):
        module.warn(warning)
    module.exit_json(changed=code == CHANGED, changes=changes, diff=difference(changes))


def main():
    """Runs apply, or diff in check mode."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    wanted = module.params
    refuse_names(module)
    if not module.check_mode:
        options = [name for name in ("atomic", "strict", "restart_units") if wanted[name]]
        report(module, "apply", "--detailed-exitcodes", *("--" + name.replace("_", "-") for name in options))
    root = tempfile.mkdtemp(prefix="mptcp-keeper-")
    try:
        copy_configuration(root)
        change_drop_ins(root, wanted["files"], wanted["absent"])
        merged, text = merge(module, root)
        report(module, "--config", merged, "diff", rename=lambda value: with_origins(value, merged, text))
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
