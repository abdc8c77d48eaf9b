// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "doctor/explanation.hpp"

/// Findings about programs and files.
namespace keeper::explanations {

inline constexpr std::array programs{
    Explanation{
        .code = FindingCode::app_uses_tcp,
        .meaning =
            "A program that should use MPTCP uses plain TCP, or no program on this host has ever used MPTCP.",
        .detection =
            "The sockets of a program that was selected by --pid or --unit, has a declared unit or "
            "has libmptcpwrap loaded: a warning. For the host as a whole, the counters MPCapableSYNTX "
            "and MPCapableSYNRX are 0: info.",
        .fix = "Declare the unit under applications.units and restart it, or start the program with "
               "`mptcp-keeper run -- COMMAND`. Sockets that existed before remain TCP.",
        .example = R"(
warning
  APP_USES_TCP  server (pid 7, server.service)
      it has 1 plain TCP socket and no MPTCP socket; libmptcpwrap is not
      loaded
    > applications:
    >   units: [server.service]
)"},
    Explanation{
        .code = FindingCode::preload_ineffective,
        .meaning = "libmptcpwrap cannot help a program: it is statically linked, it is setuid or has "
                   "capabilities, or the library is missing. LD_PRELOAD, mptcpize and applications.units "
                   "have no effect on it.",
        .detection = "The executable and memory of a program that was selected by --pid or --unit, or has "
                     "libmptcpwrap in its LD_PRELOAD. A warning; info if its sockets use MPTCP anyway.",
        .fix = "Request MPTCP in the program's source code (protocol IPPROTO_MPTCP), remove the "
               "setuid bit if possible, or install the library.",
        .example = R"(
warning
  PRELOAD_INEFFECTIVE  static (pid 7, static.service)
      /usr/bin/static is statically linked, so no loader reads LD_PRELOAD:
      libmptcpwrap and mptcpize have no effect on it
    > socket(domain, SOCK_STREAM, IPPROTO_MPTCP)   /* in its source code */
)"},
    Explanation{
        .code = FindingCode::go_program,
        .meaning =
            "A Go program creates its sockets without libc, so libmptcpwrap and mptcpize have no "
            "effect. Go itself supports MPTCP since 1.21 through `GODEBUG=multipathtcp=1`, and listens with MPTCP by "
            "default since 1.24, which `GODEBUG=multipathtcp=0` prevents.",
        .detection =
            "The executable of a program that was selected by --pid or --unit, or has libmptcpwrap in "
            "its LD_PRELOAD. A warning; info if its sockets use MPTCP, unless it is known not to work with "
            "it.",
        .fix = "Declare the unit under applications.units, which sets GODEBUG for Go programs, or under "
               "applications.never to keep it on TCP, or "
               "rebuild the program with Go 1.21 or later. A program that sets this itself needs "
               "SetMultipathTCP in its source code.",
        .example = R"(
warning
  GO_PROGRAM  caddy (pid 7, caddy.service)
      /usr/bin/caddy was built with Go, which creates sockets without libc:
      libmptcpwrap and mptcpize have no effect on it
    > applications:
    >   units: [caddy.service]
)"},
    Explanation{
        .code = FindingCode::socket_unit_tcp,
        .meaning = "A systemd socket unit creates a plain TCP socket and passes it to its service. Whatever "
                   "is preloaded into the service comes too late.",
        .detection =
            "The addresses of socket units are compared with the listening sockets. A warning if the "
            "socket unit or its service is declared or was selected by --unit, otherwise info.",
        .fix = "Declare the socket unit under applications.units, which sets `SocketProtocol=mptcp`. "
               "Before systemd 257, disable the socket unit and let the service listen by itself.",
        .example = R"(
warning
  SOCKET_UNIT_TCP  web.socket
      /etc/systemd/system/web.socket listens on port 80 with plain TCP:
      systemd creates the socket and passes it to web.service, where
      libmptcpwrap is too late
    > applications:
    >   units: [web.socket]
)"},
    Explanation{
        .code = FindingCode::selinux_denial,
        .meaning = "SELinux denied a program an operation on MPTCP, such as loading libmptcpwrap.",
        .detection = "AVC denials that mention mptcp in /var/log/audit/audit.log. Always a warning.",
        .fix = "The proposed commands build and load a policy module from these denials. Review it first.",
        .example = R"(
warning
  SELINUX_DENIAL  SELinux
      SELinux denied an operation on MPTCP: type=AVC
      msg=audit(1700000000.123:45): avc: denied { execute } for pid=812
      comm="nginx" name="libmptcpwrap.so.0.0.1"
      scontext=system_u:system_r:httpd_t:s0
      tcontext=system_u:object_r:lib_t:s0 tclass=file permissive=0
    > ausearch -m avc | grep mptcp | audit2allow -M mptcp_local && semodule
      -i mptcp_local.pp
)"},
    Explanation{
        .code = FindingCode::apparmor_denial,
        .meaning = "AppArmor denied a program an operation on MPTCP, such as loading libmptcpwrap, reading "
                   "net.mptcp sysctls or creating an MPTCP socket.",
        .detection =
            "Records with `apparmor=\"DENIED\"` about MPTCP in the audit log and the kernel log, one "
            "finding per profile. Records from before the last change of the profile do not count. Always a warning.",
        .fix = "The proposed command adds the rules to the local part of the profile, if it has one, and "
               "reloads the profile.",
        .example = R"(
warning
  APPARMOR_DENIAL  named
      AppArmor denied an operation on MPTCP: audit: type=1400
      audit(1700000000.123:45): apparmor="DENIED" operation="create"
      profile="named" pid=812 comm="named" family="inet" sock_type="stream"
      protocol=262
    > printf '  %s\n' 'network inet stream,'
      >>/etc/apparmor.d/local/usr.sbin.named && apparmor_parser -r
      /etc/apparmor.d/usr.sbin.named
)"},
    Explanation{
        .code = FindingCode::container_namespace,
        .meaning = "A program runs in another network namespace, such as a container. The sysctls, limits "
                   "and endpoints of this host do not apply to it.",
        .detection = "The network namespace of the process. A warning for a program selected by --pid or "
                     "--unit; info for others with MPTCP sockets.",
        .fix = "Run doctor in that namespace with the proposed command, and configure MPTCP there.",
        .example = R"(
warning
  CONTAINER_NAMESPACE  server (pid 7, server.service)
      it runs in another network namespace (a container): this host's
      sysctls, limits and endpoints do not apply to it
    > nsenter -t 7 -n mptcp-keeper doctor
)"},
    Explanation{
        .code = FindingCode::recipe_leftover,
        .meaning = "A file of this host sets what mptcp-keeper can declare: a sysctl.d file, a unit with `ip "
                   "mptcp`, a dispatcher script, mptcpize in a unit and the like. Two sources then compete.",
        .detection = "The files of all mechanisms that run commands or set values at boot or on network "
                     "events, and the scripts that they start. A warning if the configuration declares the "
                     "same settings, or a part of them; otherwise info.",
        .fix = "Retire the file with the proposed commands. If the configuration does not declare its "
               "settings yet, first take them from `mptcp-keeper export`. `export --leftovers` prints "
               "the commands for all such files.",
        .example = R"(
warning
  RECIPE_LEFTOVER  /etc/systemd/system/set_mptcp_limit.service
      runs `ip mptcp`; use the limits and endpoints sections instead; it
      competes with the configuration
    > systemctl disable --now set_mptcp_limit.service
    > rm -f /etc/systemd/system/set_mptcp_limit.service
    > systemctl daemon-reload
)"}};

} // namespace keeper::explanations
