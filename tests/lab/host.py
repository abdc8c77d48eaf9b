# SPDX-License-Identifier: LGPL-2.1-or-later
"""A node that runs NetworkManager and, for the tests, mptcp-keeper."""

import contextlib
import json
import os
import re
import shutil
import signal
import uuid as uuids
from pathlib import Path

from node import LabError, Node, only_child, wait_for

BUS_SOCKET = "/run/dbus/system_bus_socket"
BUS_CONFIG = f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={BUS_SOCKET}</listen>
  <auth>EXTERNAL</auth>
  <!-- empty, unless a test adds programs for the bus to start when they are called -->
  <servicedir>/run/dbus/services</servicedir>
  <!-- as in the file that NetworkManager installs for its bus: libnm asks for all profiles at once -->
  <limit name="max_replies_per_connection">1024</limit>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
NETWORK_MANAGER_CONFIG = """[main]
plugins=keyfile
no-auto-default=*
auth-polkit=root-only
dhcp=internal
dns=none
hostname-mode=none
[keyfile]
unmanaged-devices=none
[device]
managed=1
[logging]
level=INFO
"""


FLAGS = ("disabled", "enabled", "also-without-sysctl", "also-without-default-route", "signal", "subflow",
         "backup", "fullmesh", "laminar")


def flag_names(bits):
    """The names of the bits of connection.mptcp-flags."""
    return {name for number, name in enumerate(FLAGS) if bits >> number & 1}


class Host(Node):
    """A host. Interfaces come from plug(), profiles from add_profile() or write_profile()."""

    def __init__(self, name, scratch, number):
        super().__init__(name, scratch)
        self.number = number
        self._bus = None
        self._network_manager = None
        self._network_manager_root = ""
        self._program = None
        self._segments = {}

    def plug(self, interface, segment):
        """Gives the host an interface on that segment."""
        segment.plug(self, interface)
        self._segments[interface] = segment

    def segment(self, interface):
        """The segment that the interface is on."""
        return self._segments[interface]

    def set_carrier(self, interface, on):
        """Disconnects or connects the interface's cable."""
        self._segments[interface].set_carrier(self, interface, on)

    # --- NetworkManager ---------------------------------------------------------------------------------

    def start_bus(self):
        """Starts the system bus, once."""
        if self._bus is None:
            self.write("/run/dbus/bus.conf", BUS_CONFIG)
            self._bus = self.start(["dbus-daemon", "--config-file=/run/dbus/bus.conf", "--nofork", "--nopidfile"])
            wait_for(lambda: self.path(BUS_SOCKET).exists(), 5, "the system bus")

    def restart_bus(self):
        """Ends the system bus and starts another one."""
        self._bus.stop()
        self.path(BUS_SOCKET).unlink(missing_ok=True)
        self._bus = None
        self.start_bus()

    @property
    def bus_pid(self):
        """The process ID of the system bus on this machine."""
        return only_child(self._bus.process.pid)

    def start_network_manager(self, extra="", root=None, automatic=False, wrapper=()):
        """Starts NetworkManager and waits until it is ready. `extra` is appended to its configuration; `root` has the
        files of another release, to run its NetworkManager. `automatic`: devices without a profile get one, as on a
        desktop ("Wired connection 1"). `wrapper` is a command that runs the program."""
        self.start_bus()
        self._network_manager_root = place = self.mount_root(root) if root else ""
        config = NETWORK_MANAGER_CONFIG.replace("no-auto-default=*\n", "" if automatic else "no-auto-default=*\n")
        self.write(f"{place}/etc/NetworkManager/NetworkManager.conf", config + extra)
        self._program = ["chroot", place, "/usr/sbin/NetworkManager"] if root else [*wrapper, "NetworkManager"]
        self._network_manager = self.start([*self._program, "--debug"])
        self.wait_for_network_manager()

    def wait_for_network_manager(self, deadline=20):
        """Waits until NetworkManager answers and has completed its startup."""
        wait_for(lambda: self.nmcli("-t -f RUNNING,STARTUP general", check=False).stdout == "running:started\n",
                 deadline, f"NetworkManager on {self.name}")

    @property
    def network_manager_log(self):
        """The log of NetworkManager since its last start."""
        return self._network_manager.text() if self._network_manager else ""

    def signal_network_manager(self, number):
        """Sends NetworkManager a signal, such as SIGSTOP and SIGCONT to freeze and resume it."""
        self._network_manager.send(number)

    @contextlib.contextmanager
    def unseen_by_network_manager(self):
        """NetworkManager stands still, and sees what is done here all at once: a link that it sees before its address
        and its carrier, NetworkManager 1.42 sometimes never takes for one that another program configured."""
        self.signal_network_manager(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal_network_manager(signal.SIGCONT)

    @property
    def network_manager_pid(self):
        """The process ID of NetworkManager on this machine."""
        return only_child(self._network_manager.process.pid)

    def stop_network_manager(self, with_signal=signal.SIGTERM):
        """Stops NetworkManager if it runs; the devices keep their configuration."""
        if self._network_manager.process.poll() is None:
            self.signal_network_manager(with_signal)
            wait_for(self._has_ended, 10, "NetworkManager to end")

    def _has_ended(self):
        # nsenter stops itself when it notices that its child was stopped, and must continue to see it end.
        self._network_manager.process.send_signal(signal.SIGCONT)
        return self._network_manager.process.poll() is not None

    def restart_network_manager(self):
        """Restarts NetworkManager with the same configuration."""
        self.stop_network_manager()
        self._network_manager = self.start([*self._program, "--debug"])
        self.wait_for_network_manager()

    def nmcli(self, arguments, **kwargs):
        """Runs nmcli with a list of arguments, or with a string that is split at spaces."""
        words = arguments.split() if isinstance(arguments, str) else arguments
        return self.run(["nmcli", *words], **kwargs)

    def add_profile(self, name, interface, *addresses, gateway=None, flags=None, up=True, temporary=False,
                    extra=()):
        """Adds a profile for the interface: static with the addresses, DHCP without any. Returns its UUID."""
        uuid = str(uuids.uuid4())
        words = ["connection", "add", "save", "no" if temporary else "yes", "type", "ethernet", "ifname",
                 interface, "con-name", name, "connection.uuid", uuid, "connection.autoconnect", "no",
                 "ipv6.addr-gen-mode", "eui64"]
        for family, own in (("ipv4", [a for a in addresses if ":" not in a]),
                            ("ipv6", [a for a in addresses if ":" in a])):
            if own:
                words += [f"{family}.method", "manual", f"{family}.addresses", ",".join(own)]
                if gateway and (":" in gateway) == (family == "ipv6"):
                    words += [f"{family}.gateway", gateway]
            elif addresses or family == "ipv6":
                words += [f"{family}.method", "disabled"]
        if flags is not None:
            words += ["connection.mptcp-flags", flags]
        self.nmcli([*words, *extra])
        if up:
            self.nmcli(["connection", "up", "uuid", uuid])
        return uuid

    def write_profile(self, name, text, folder="/etc/NetworkManager/system-connections"):
        """Writes a keyfile for NetworkManager and loads it; returns its file name in the node."""
        file = f"{folder}/{name}.nmconnection"
        self.write(self._network_manager_root + file, text, mode=0o600)
        self.nmcli(["connection", "load", file])
        return file

    def stored_flags(self, profile):
        """The set of mptcp-flags of a stored profile, by nmcli's names; empty for the default."""
        shown = self.nmcli(["-g", "connection.mptcp-flags", "connection", "show", profile]).stdout.strip()
        return flag_names(int(shown.split()[0], 16))

    def live_flags(self, interface):
        """The set of mptcp-flags of the applied connection of a device."""
        path = self.nmcli(["-g", "GENERAL.DBUS-PATH", "device", "show", interface]).stdout.strip()
        applied = self.run(["busctl", "call", "--json=short", "org.freedesktop.NetworkManager", path,
                            "org.freedesktop.NetworkManager.Device", "GetAppliedConnection", "u", "0"])
        settings = json.loads(applied.stdout)["data"][0]
        return flag_names(settings["connection"].get("mptcp-flags", {"data": 0})["data"])

    # --- the kernel -------------------------------------------------------------------------------------

    def endpoints(self):
        """The endpoints as `ip mptcp` shows them: {address or address:port: {id, flags, dev}}."""
        found = {}
        for one in json.loads(self.ip("-j mptcp endpoint show").stdout or "[]"):
            address, port = one.pop("address"), one.pop("port", None)
            key = address if port is None else f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            found[key] = {"id": one.pop("id"), "dev": one.pop("dev", None),
                          "flags": {word for word, on in one.items() if on is True}}
        return found

    def endpoint_flags(self):
        """{address: set of flags}, to compare with the expected ones."""
        return {address: endpoint["flags"] for address, endpoint in self.endpoints().items()}

    def limits(self):
        """The path manager's limits: {"subflows": N, "add_addr_accepted": N}."""
        words = self.ip("mptcp limits show").stdout.split()
        return {name: int(value) for name, value in zip(words[::2], words[1::2])}

    def addresses(self, interface):
        """The usable addresses with global scope of an interface, without prefix lengths."""
        shown = json.loads(self.ip(f"-j address show dev {interface}").stdout)[0]
        return {a["local"] for a in shown["addr_info"] if a["scope"] == "global" and not a.get("tentative")}

    def wait_until_settled(self, deadline=10):
        """Waits until duplicate address detection has ended for every IPv6 address, including link-local ones."""
        wait_for(lambda: not self.ip("-6 address show tentative").stdout, deadline, "usable IPv6 addresses")

    def wait_for_address(self, interface, address, deadline=10):
        """Waits until the address exists and is usable."""
        wait_for(lambda: address in self.addresses(interface), deadline, f"{address} on {interface}")

    def mptcp_connections(self):
        """Live MPTCP connections with established subflows: {token: {"M": 1, "J": number of joins}}. The token
        is the host's own; M is the initial subflow (MP_CAPABLE), J a joined one."""
        found = {}
        for flags, token in re.findall(r"flags:(\S+) token:\S+/([0-9a-f]+)", self.run(["ss", "-tniHO"]).stdout):
            kind = "M" if "M" in flags else "J" if "J" in flags else None
            if kind and "e" in flags:
                found.setdefault(token, {"M": 0, "J": 0})[kind] += 1
        return found

    # --- mptcp-keeper -----------------------------------------------------------------------------------

    def configure(self, text, file="/etc/mptcp-keeper/config.yaml"):
        """Writes a configuration file of mptcp-keeper."""
        return self.write(file, text)

    def keeper(self, *arguments, config=None, timeout=60, wrapper=(), **kwargs):
        """Runs mptcp-keeper with --json. The result has .returncode, .stderr and .json (None if there is no
        document). `config` replaces the host's configuration; `wrapper` is a command that runs the program."""
        if config is not None:
            self.configure(config)
        done = self.run([*wrapper, keeper_program(), "--json", *arguments], check=False, timeout=timeout, **kwargs)
        done.json = json.loads(done.stdout) if done.stdout.strip() else None
        return done

    def install_keeper(self):
        """Installs program and module on the host, where every user can read them; returns the program's path."""
        build = Path(keeper_program()).parent
        for source, target in (("installed/mptcp-keeper", "/usr/lib/mptcp-keeper/mptcp-keeper"),
                               ("lib/mptcp-keeper/bus.so", "/usr/lib/mptcp-keeper/bus.so")):
            shutil.copyfile(build / source, self.path(target))
            self.path(target).chmod(0o755)
        return "/usr/lib/mptcp-keeper/mptcp-keeper"

    def start_keeper(self, *arguments):
        """Starts mptcp-keeper with --json in the background; returns a Watcher."""
        return self.start([keeper_program(), "--json", *arguments])


def keeper_program():
    """The program under test, from the environment."""
    program = os.environ.get("MPTCP_KEEPER", "")
    if not os.access(program, os.X_OK):
        raise LabError(f"MPTCP_KEEPER does not name the program to test: {program!r}")
    return program
