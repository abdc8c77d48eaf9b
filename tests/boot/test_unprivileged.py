# SPDX-License-Identifier: LGPL-2.1-or-later
"""What unprivileged users may write, and what root does with it, on a booted system."""

import random
import subprocess

import programs
from node import wait_for
from programs import DROP_IN, ENVIRONMENTS, declare, wait_for_sockets

# Its constructor appends its user to a world-writable file.
EVIL = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void run(void) {
    char line[64];
    int file = open("/srv/app/loaded", O_WRONLY | O_CREAT | O_APPEND, 0666);
    int length = snprintf(line, sizeof(line), "%d %d\n", getuid(), geteuid());
    if (file >= 0 && write(file, line, length) == length)
        close(file);
}
"""
ENVIRONMENT = """LD_PRELOAD=/srv/app/evil.so
LD_AUDIT=/srv/app/evil.so
LD_LIBRARY_PATH=/srv/app
GLIBC_TUNABLES=glibc.malloc.check=3
GCONV_PATH=/srv/app
LOCPATH=/srv/app
MPTCP_KEEPER=mine
"""
APP = programs.web("8081", "User=nobody", "EnvironmentFile=/srv/app/.env", "Restart=always", "RestartSec=0",
                   "[Unit]", "StartLimitIntervalSec=0")


def test_the_user_of_a_declared_unit_does_not_become_root(machine):
    """An EnvironmentFile that the unit's own user may write gives no more than the unit's privileges."""
    folder = machine.path("/srv/app")
    folder.mkdir(parents=True)
    subprocess.run(["cc", "-x", "c", "-", "-shared", "-fPIC", "-o", folder / "evil.so"], input=EVIL, text=True, check=True)
    programs.add_units(machine, {"app.service": APP})
    declare(machine, "app.service")
    machine.boot()
    machine.run(["chown", "-R", "nobody:", "/srv/app"])
    as_nobody = ["setpriv", "--reuid=nobody", "--clear-groups", "sh", "-c"]
    machine.run([*as_nobody, f"printf '%s' '{ENVIRONMENT}' >/srv/app/.env"])
    machine.systemctl("start", "app.service")
    wait_for_sockets(machine, "app.service", "MPTCP")
    pid = machine.property("app.service", "MainPID")
    machine.run([*as_nobody, f"kill -9 {pid}"])  # it restarts without root
    wait_for(lambda: machine.property("app.service", "MainPID") not in (pid, "0"), 20, "the restarted unit")
    wait_for_sockets(machine, "app.service", "MPTCP")
    machine.systemctl("stop", "app.service")
    nobody = machine.run(["id", "-u", "nobody"]).stdout.strip()
    users = {line for line in machine.run(["cat", "/srv/app/loaded"]).stdout.splitlines()}
    assert users == {f"{nobody} {nobody}"}
    folder = machine.run(["stat", "-c", "%U %a", ENVIRONMENTS]).stdout.split()
    assert folder == ["root", "755"]


COPY = "[Service]\nType=oneshot\nUser=nobody\nEnvironmentFile=/srv/values/%i\nExecStart=/bin/cp /proc/self/environ /srv/out/{0}-%i\n"
PIECES = ['"', "\\", "$", "`", "'", "\n", "\t", " ", "=", "#", ";", ":", ",", "%n", "${PATH}", "\nPATH=/evil", 'x"\nPATH="/evil',
          "\\n", "é", "网", "/usr/lib/a.so", "b=1", "\\\n"]


def quoted(value):
    """The value for an EnvironmentFile."""
    return '"' + "".join("\\" + letter if letter in '"\\`$' else letter for letter in value) + '"'


def test_a_unit_gets_its_own_values_back_whatever_they_are(machine):
    """LD_PRELOAD and GODEBUG with any content: unchanged, with the additions of mptcp-keeper at the end."""
    seed = 20261127
    chosen = random.Random(seed)
    values = ["", *("".join(chosen.choices(PIECES, k=chosen.randint(1, 6))) for _ in range(25))]
    programs.add_units(machine, {"kept@.service": COPY.format("kept"), "plain@.service": COPY.format("plain")})
    machine.path("/srv/out").mkdir(parents=True, exist_ok=True)
    machine.path("/srv/out").chmod(0o777)
    for number, value in enumerate(values):
        machine.write(f"/srv/values/{number}", f"GODEBUG={quoted(value)}\nLD_PRELOAD={quoted(value)}\nOTHER=1\n")
    declare(machine, "kept@.service")
    machine.boot()
    (library,) = programs.wrappers(machine)
    for number in range(len(values)):
        machine.systemctl("start", f"kept@{number}.service", f"plain@{number}.service")

    def variables(kind, number):
        entries = machine.path(f"/srv/out/{kind}-{number}").read_bytes().decode().split("\0")
        found = dict(entry.split("=", 1) for entry in entries if entry)
        for changing in ("INVOCATION_ID", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM", "MEMORY_PRESSURE_WATCH"):
            found.pop(changing, None)
        return found

    def appended(kept, plain, name, separator):
        front = plain[name] + separator if plain.get(name) else ""
        assert kept[name].startswith(front)
        return kept[name][len(front):]

    for number, value in enumerate(values):
        plain, kept = variables("plain", number), variables("kept", number)
        why = f"seed {seed}, value {number}: {value!r}"
        assert appended(kept, plain, "GODEBUG", ",") == "multipathtcp=1", why
        assert appended(kept, plain, "LD_PRELOAD", ":") in (library, library[:library.rindex("so") + 4]), why
        assert {**kept, "GODEBUG": "", "LD_PRELOAD": ""} == {**plain, "GODEBUG": "", "LD_PRELOAD": ""}, why


def test_an_instance_with_an_escaped_name_has_its_variables(machine):
    name = r"escaped@a\x2fb.service"
    programs.add_units(machine, {"escaped@.service": programs.web("8082", "User=nobody")})
    declare(machine, f"'{name}'")
    machine.boot()
    machine.systemctl("start", name)
    wait_for_sockets(machine, name, "MPTCP")
    assert [path.name for path in machine.path(ENVIRONMENTS).iterdir()] == [name]
    assert programs.drop_in(machine, name).endswith(f"/{DROP_IN}")
