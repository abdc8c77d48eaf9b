# SPDX-License-Identifier: LGPL-2.1-or-later
"""Oracles independent of mptcp-keeper: what was written, what was called, what happened on the network.

Each oracle proves that it was listening: it must report a mark of the test before and after what it observes.
"""

import itertools
import re

from node import wait_for

SYSTEM_CALLS = "sendmsg,sendmmsg,sendto,write,writev,open,openat,connect"
# GETFAMILY of nlctrl; GET_ADDR and GET_LIMITS of mptcp_pm
READING_COMMANDS = {("nlctrl", 0x03), ("mptcp_pm", 0x03), ("mptcp_pm", 0x06)}
# The header of a generic netlink request: bytes up to strace 6.1, later {cmd=NUMBER, version=1} or with a name.
GENERIC_HEAD = re.compile(r'nlmsg_type=(\w+), [^}]*\}, (?:"\\x([0-9a-f]{2})|\{cmd=(\w+))')
COMMAND_NAMES = {"CTRL_CMD_GETFAMILY": 0x03, "MPTCP_PM_CMD_GET_ADDR": 0x03, "MPTCP_PM_CMD_GET_LIMITS": 0x06}
NETWORK_MANAGER = "org.freedesktop.NetworkManager"


class SystemCalls:
    """Runs a program under strace and reports what it wrote to the kernel."""

    def __init__(self, host, name="trace"):
        self._host = host
        self._file = f"/run/{name}.strace"
        self.wrapper = ["env", "ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0",
                        "strace", "-f", "-yy", "-x", "-s", "256", "-o", self._file,
                        "-e", f"trace={SYSTEM_CALLS}"]

    def lines(self):
        """The lines of the trace."""
        return self._host.path(self._file).read_text().splitlines()

    def kernel_writes(self):
        """The calls that could change the kernel: netlink requests other than GETs, and files below /proc/sys
        that are opened for writing."""
        return [line for line in self.lines() if is_kernel_write(line)]

    def touches(self, text):
        """The calls that contain a text, such as a socket name or a path."""
        return [line for line in self.lines() if text in line]


def is_kernel_write(line):
    """Whether a line of strace shows a call that could change a sysctl, an endpoint, a limit or an address."""
    if "/proc/sys" in line and re.search(r"O_WRONLY|O_RDWR|O_CREAT", line):
        return True
    for kind in re.findall(r"nlmsg_type=(\w+)", line):
        if kind.startswith("RTM_") and not kind.startswith("RTM_GET"):
            return True
    if "NETLINK:[GENERIC" in line or "nlmsg_type=mptcp_pm" in line:
        if re.search(r"\b(sendmsg|sendmmsg|sendto|write|writev)\(", line):
            requests = generic_requests(line)
            return not requests or len(requests) != line.count("nlmsg_type=") or not READING_COMMANDS.issuperset(requests)
    return False


def generic_requests(line):
    """The generic netlink requests in a line of strace: [(family, number of the command or its unknown name)]."""
    def number(in_bytes, shown):
        if in_bytes:
            return int(in_bytes, 16)
        return int(shown, 0) if shown[0].isdigit() else COMMAND_NAMES.get(shown, shown)
    return [(family, number(in_bytes, shown)) for family, in_bytes, shown in GENERIC_HEAD.findall(line)]


class BusCalls:
    """Records all D-Bus calls to NetworkManager."""

    _marks = itertools.count()

    def __init__(self, host):
        self._host = host
        self._monitor = host.start(["dbus-monitor", "--system", "--profile",
                                    f"type='method_call',destination='{NETWORK_MANAGER}'"])
        self._monitor.wait_for("NameAcquired")
        self._mark()

    def _mark(self):
        member = f"Mark{next(self._marks)}"
        self._host.run(["dbus-send", "--system", f"--dest={NETWORK_MANAGER}", "--print-reply", "/mark",
                        f"org.example.{member}"], check=False)
        self._monitor.wait_for(member)

    def stop(self):
        """Ends the recording; returns the names of the called methods in order."""
        self._mark()
        calls = [line.split()[-1] for line in self._monitor.stop().splitlines() if line.startswith("mc")]
        return [member for member in calls if not re.fullmatch(r"Mark\d+|BecomeMonitor", member)]

    def stop_and_list_writes(self):
        """Ends the recording; returns the calls that do more than read."""
        looks = re.compile(r"Get(?!Secrets).*|ListConnections|Introspect|Ping|CheckConnectivity|NameHasOwner")
        return [member for member in self.stop() if not looks.fullmatch(member)]


class NetworkEvents:
    """Records the address, route and link events of a host."""

    _marks = itertools.count(20000)

    def __init__(self, host, kinds="address route link"):
        self._host = host
        self._monitor = host.start(["ip", "-ts", "monitor", *kinds.split(), "rule"])
        self._priority = next(self._marks)
        wait_for(self._is_awake, 5, "ip monitor to listen")

    def _is_awake(self):
        self._mark()  # repeatedly, since a mark that is set before the monitor listens is lost
        return f"{self._priority}:" in self._monitor.text()

    def _mark(self):
        self._host.ip(f"rule add priority {self._priority} lookup main")
        self._host.ip(f"rule del priority {self._priority}")

    def so_far(self):
        """The events so far, without the marks of the test."""
        return [line for line in self._monitor.text().splitlines() if " lookup main" not in line]

    def stop(self):
        """Ends the recording; returns the events, without the marks of the test."""
        self._priority = next(self._marks)
        self._mark()
        self._monitor.wait_for(f"Deleted {self._priority}:")
        self._monitor.stop()
        return self.so_far()


def snapshot(host):
    """Everything that mptcp-keeper could change on a host, as other tools show it, for comparison as a whole."""
    # Addresses get their own routes when duplicate address detection ends, without any program's action.
    wait_for(lambda: "tentative" not in host.run(["ip", "-6", "address"]).stdout, 10, "the end of detection")
    sysctls = {}
    for name in host.run(["ls", "/proc/sys/net/mptcp"]).stdout.split():
        sysctls[name] = host.run(["cat", f"/proc/sys/net/mptcp/{name}"], check=False).stdout.strip()
    files = {}
    for folder in ("/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections",
                   "/usr/lib/NetworkManager/system-connections", "/etc/mptcp-keeper"):
        for file in sorted(host.path(folder).rglob("*")):
            if file.is_file() and file.name != "lo.nmconnection":  # NetworkManager's own file, with a timestamp
                files[f"{folder}/{file.name}"] = file.read_text()
    return {
        "sysctls": sysctls,
        "limits": host.limits(),
        "endpoints": {key: (endpoint["dev"], sorted(endpoint["flags"]))
                      for key, endpoint in host.endpoints().items()},
        "files": files,
        "addresses": host.run(["ip", "-br", "address"]).stdout,
        "routes": host.run(["sh", "-c", "ip route show table all; ip -6 route show table all"]).stdout,
        "profiles": profiles(host),
    }


def profiles(host):
    """{name: mptcp-flags} of the stored profiles according to nmcli; None if NetworkManager is not running."""
    listed = host.nmcli("-g UUID,NAME connection show", check=False)
    uuids = dict(line.split(":", 1) for line in listed.stdout.splitlines())
    return {name: sorted(host.stored_flags(uuid)) for uuid, name in uuids.items() if name != "lo"}
