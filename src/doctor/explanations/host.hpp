// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "doctor/explanation.hpp"

/// Findings about the kernel, its limits and path managers.
namespace keeper::explanations {

inline constexpr std::array host{
    Explanation{
        .code = FindingCode::kernel_no_mptcp,
        .meaning = "The running kernel has no MPTCP, so every connection of this host is plain TCP and "
                   "nothing that the configuration declares can take effect.",
        .detection = "/proc/sys/net/mptcp/enabled does not exist. Always an error.",
        .fix = "Boot a kernel of release 5.6 or later that was built with `CONFIG_MPTCP=y`. The proposed "
               "command shows the setting of the running kernel. Containers use the kernel of their host.",
        .example = R"(
error
  KERNEL_NO_MPTCP  Linux 6.18.0
      the running kernel does not support MPTCP: /proc/sys/net/mptcp/enabled
      does not exist
    > grep CONFIG_MPTCP /boot/config-$(uname -r)   # requires Linux 5.6 or
      later with CONFIG_MPTCP=y
)"},
    Explanation{
        .code = FindingCode::mptcp_disabled,
        .meaning =
            "MPTCP is disabled in this network namespace. Programs that request an MPTCP socket fail "
            "with ENOPROTOOPT (\"Protocol not available\"); they do not fall back to TCP by themselves.",
        .detection =
            "net.mptcp.enabled is 0. An error; only a warning if the configuration itself declares `enabled: false`.",
        .fix = "Declare `sysctl: {enabled: true}` and apply. If NetworkManager has profiles active whose "
               "endpoints are missing, the proposal also declares their flags: NetworkManager reads the "
               "sysctl only when it activates a profile.",
        .example = R"(
error
  MPTCP_DISABLED  net.mptcp.enabled
      the value is 0: creating an MPTCP socket fails with ENOPROTOOPT
    > sysctl: {enabled: true}
)"},
    Explanation{
        .code = FindingCode::wrong_sysctl_name,
        .meaning = "A sysctl.d file sets a name that existed only in the out-of-tree MPTCP kernel (such as "
                   "`net.mptcp.mptcp_enabled`). Upstream Linux does not know it, so the line has no effect.",
        .detection =
            "A line `net.mptcp.mptcp_*` in a sysctl.d directory or in /etc/sysctl.conf. Always a warning.",
        .fix = "The proposed sed command renames the line if upstream has a sysctl with the same values "
               "and the configuration does not declare it; otherwise it deletes the line.",
        .example = R"(
warning
  WRONG_SYSCTL_NAME  net.mptcp.mptcp_debug
      /etc/sysctl.d/90-mptcp.conf:1 sets net.mptcp.mptcp_debug, a name from
      the out-of-tree MPTCP kernel: upstream Linux has no such sysctl and
      ignores it
    > sed -i -E
      '\,^([[:space:]]*-?net[./]mptcp[./])mptcp_debug([[:space:]]*=),d'
      /etc/sysctl.d/90-mptcp.conf
)"},
    Explanation{
        .code = FindingCode::sysctl_overridden,
        .meaning = "A sysctl.d file sets another value than the configuration declares. At boot and after "
                   "every `sysctl --system` the file wins until mptcp-keeper corrects the value.",
        .detection =
            "The last line for a declared sysctl in the sysctl.d directories and /etc/sysctl.conf has "
            "another value. Always a warning.",
        .fix = "Delete the line with the proposed command, or change the value in the configuration.",
        .example = R"(
warning
  SYSCTL_OVERRIDDEN  net.mptcp.enabled
      /etc/sysctl.d/90-mptcp.conf:1 sets it to 0 at boot, but
      /etc/mptcp-keeper/config.yaml:2 declares 1
    > sed -i -E
      '\,^([[:space:]]*-?net[./]mptcp[./])enabled([[:space:]]*=),d'
      /etc/sysctl.d/90-mptcp.conf
)"},
    Explanation{
        .code = FindingCode::disable_breaks_programs,
        .meaning =
            "The configuration disables MPTCP while programs use it. Existing connections continue, "
            "but the next MPTCP socket of these programs fails with ENOPROTOOPT, which many of them treat as fatal.",
        .detection =
            "The configuration declares `enabled: false`, and programs in this network namespace hold "
            "MPTCP sockets or have libmptcpwrap loaded. Always a warning.",
        .fix = "Declare `enabled: true`, or first stop these programs or configure them for TCP.",
        .example = R"(
warning
  DISABLE_BREAKS_PROGRAMS  net.mptcp.enabled
      /etc/mptcp-keeper/config.yaml:2 declares enabled: false, but these
      programs use MPTCP sockets: server (pid 7, server.service); their next
      MPTCP socket fails with ENOPROTOOPT and does not fall back to TCP
    > sysctl: {enabled: true}
)"},
    Explanation{
        .code = FindingCode::subflow_limit_too_low,
        .meaning =
            "The limit of additional subflows per connection is lower than what the endpoints and the "
            "accepted announcements can create, so some paths stay unused. With 0, no connection gets a second path.",
        .detection =
            "The path manager's limit `subflows` is compared with the number of subflow, signal and "
            "fullmesh endpoints per address family and with add_addr_accepted. An error if the limit "
            "is 0, otherwise a warning.",
        .fix = "Declare the proposed limit and apply. The peer needs a sufficient limit too, since both "
               "sides enforce their own.",
        .example = R"(
error
  SUBFLOW_LIMIT_TOO_LOW  limits.subflows
      the limit is 0: no connection of this host can have a second subflow
    > limits: {subflows: 2}
)"},
    Explanation{
        .code = FindingCode::add_addr_not_accepted,
        .meaning = "Addresses that peers announce with ADD_ADDR are ignored. A client whose server announces "
                   "further addresses does not connect to them.",
        .detection =
            "The path manager's limit `add_addr_accepted` is 0. A warning if announcements were "
            "received and no subflow was attempted (AddAddr, MPJoinSynTx), or if no endpoint has the "
            "flag signal or subflow; otherwise info.",
        .fix = "Declare `limits: {add_addr_accepted: 2}`, or as many addresses as the servers announce.",
        .example = R"(
warning
  ADD_ADDR_NOT_ACCEPTED  limits.add_addr_accepted
      the limit is 0: addresses that a peer announces (ADD_ADDR) are
      ignored; announcements received: 1 (AddAddr), subflows attempted: 0
      (MPJoinSynTx)
    > limits: {add_addr_accepted: 2}
)"},
    Explanation{
        .code = FindingCode::userspace_path_manager,
        .meaning = "New connections are managed by a program in user space. The kernel's endpoints and "
                   "limits, and with them everything declared under endpoints, limits and profiles, have no "
                   "effect on these connections.",
        .detection = "net.mptcp.path_manager is userspace, or net.mptcp.pm_type is 1. An error if mptcpd is "
                     "not running, since then nothing manages the connections; otherwise a warning.",
        .fix = "Declare the kernel's path manager. If mptcpd is meant to manage the connections, the "
               "finding is expected.",
        .example = R"(
error
  USERSPACE_PATH_MANAGER  net.mptcp.path_manager
      a path manager in user space manages new connections, which do not use
      this host's endpoints and limits; mptcpd is not running
    > sysctl: {path_manager: kernel}
)"},
    Explanation{
        .code = FindingCode::mptcpd_conflict,
        .meaning =
            "mptcpd runs in addition to NetworkManager, mptcp-keeper or other programs that add "
            "endpoints. Each works on the kernel's endpoints and limits and undoes the changes of the others.",
        .detection = "A process mptcpd runs, and endpoints exist, NetworkManager runs, or the configuration "
                     "declares limits, endpoints or profiles. Not reported if the configuration declares the "
                     "userspace path manager. Always a warning.",
        .fix = "Stop mptcpd with the proposed command, or let only mptcpd manage MPTCP. Its endpoints "
               "remain in the kernel after it has stopped; the proposal deletes those that provide no path.",
        .example = R"(
warning
  MPTCPD_CONFLICT  mptcpd (pid 7)
      this host also has other endpoints: each program manages addresses on
      its own and undoes the changes of the others; mptcpd also sets both
      limits when it starts and for each address
    > systemctl disable --now mptcp.service   # its endpoints remain: ip
      mptcp endpoint show
)"},
    Explanation{
        .code = FindingCode::mptcpd_config,
        .meaning = "The configuration of mptcpd keeps it from being useful: it exits at once, uses another "
                   "plugin than configured, adds endpoints without flags, or does not manage connections.",
        .detection =
            "/etc/mptcpd/mptcpd.conf is checked for plugin-dir, path-manager and addr-flags, and "
            "compared with the selected path manager. A warning if mptcpd is running, otherwise info.",
        .fix =
            "Change the setting with the proposed command, or disable mptcp.service if mptcpd is not needed.",
        .example = R"(
warning
  MPTCPD_CONFIG  /etc/mptcpd/mptcpd.conf
      plugin-dir=/nowhere does not exist: mptcpd finds no path manager and
      exits immediately
    > apt install mptcpd-plugins
)"}};

} // namespace keeper::explanations
