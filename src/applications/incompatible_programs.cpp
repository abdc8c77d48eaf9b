// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/incompatible_programs.hpp"

#include <algorithm>
#include <array>

#include <fnmatch.h>

#include "base/text/path_name.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

/// Linux up to 6.18 answers ENOPROTOOPT or EOPNOTSUPP to these options on an MPTCP socket
/// (net/mptcp/sockopt.c). TCP_MD5SIG and TCP_AO take the space of its own options
/// (multipath-tcp/mptcp_net-next#575); TCP_ULP is #480, TCP_REPAIR #556.
constexpr std::array incompatible_programs{
    IncompatibleProgram{
        .name = "BIRD",
        .units = "bird.service bird@*.service bird2.service bird6.service",
        .executables = "bird bird6",
        .option = "TCP_MD5SIG",
        .condition = "for BGP sessions with a password",
        .consequence = "these sessions are not established",
        .breaks = true},
    IncompatibleProgram{
        .name = "FRRouting",
        .units = "frr.service frr@*.service quagga.service bgpd.service ldpd.service",
        .executables = "ldpd",
        .option = "TCP_MD5SIG",
        .condition = "for BGP and LDP sessions with a password",
        .consequence = "these sessions are not established",
        .breaks = true},
    IncompatibleProgram{
        .name = "OpenBGPD",
        .units = "openbgpd.service",
        .executables = "",
        .option = "TCP_MD5SIG",
        .condition = "for sessions with a password",
        .consequence = "these sessions are not established",
        .breaks = true},
    IncompatibleProgram{
        .name = "FRRouting or OpenBGPD",
        .units = "",
        .executables = "bgpd",
        .option = "TCP_MD5SIG",
        .condition = "for sessions with a password",
        .consequence = "these sessions are not established",
        .breaks = true},
    IncompatibleProgram{
        .name = "GoBGP",
        .units = "gobgpd.service gobgp.service",
        .executables = "gobgpd",
        .option = "TCP_MD5SIG",
        .condition = "for sessions with a password",
        .consequence = "these sessions are not established", // osrg/gobgp#3021, golang/go#74643
        .breaks = true},
    IncompatibleProgram{
        .name = "ExaBGP",
        .units = "exabgp.service exabgp@*.service",
        .executables = "", // run by Python
        .option = "TCP_MD5SIG",
        .condition = "for sessions with md5-password",
        .consequence = "these sessions are not established",
        .breaks = true},
    IncompatibleProgram{
        .name = "CRIU",
        .units = "criu.service",
        .executables = "criu",
        .option = "TCP_REPAIR",
        .condition = "",
        .consequence = "it cannot dump or restore programs with TCP sockets", // checkpoint-restore/criu#2655
        .breaks = true},
    IncompatibleProgram{
        .name = "etcd",
        .units = "etcd.service etcd@*.service etcd-member.service",
        .executables = "etcd",
        .option = "TCP_USER_TIMEOUT",
        .condition = "for each gRPC connection",
        .consequence = "it closes connections that use MPTCP",
        .breaks = true},
    IncompatibleProgram{
        .name = "Tailscale's derper",
        .units = "derper.service",
        .executables = "derper",
        .option = "TCP_USER_TIMEOUT",
        .condition = "",
        .consequence = "it cannot open its sockets", // tailscale/tailscale#15063
        .breaks = true},
    IncompatibleProgram{
        .name = "HAProxy",
        .units = "haproxy.service haproxy@*.service",
        .executables = "haproxy",
        .option = "TCP_USER_TIMEOUT",
        .condition = "where its configuration has `tcp-ut`",
        .consequence = "dead connections are detected later"},
    IncompatibleProgram{
        .name = "PostgreSQL",
        .units = "postgresql.service postgresql@*.service postgresql-*.service",
        .executables = "postgres",
        .option = "TCP_USER_TIMEOUT",
        .condition = "where its configuration has `tcp_user_timeout`",
        .consequence =
            "dead connections are detected later, and a replica with it in primary_conninfo cannot "
            "connect"},
    IncompatibleProgram{
        .name = "Xray",
        .units = "xray.service xray@*.service",
        .executables = "xray",
        .option = "TCP_USER_TIMEOUT",
        .condition = "where its configuration has `tcpUserTimeout`",
        .consequence = "it cannot open these sockets"},
    IncompatibleProgram{
        .name = "Envoy",
        .units = "envoy.service istio.service",
        .executables = "envoy",
        .option = "sockmap",
        .condition = "where a service mesh redirects its connections by BPF",
        .consequence = "these connections are not redirected"}, // multipath-tcp/mptcp_net-next#521
    IncompatibleProgram{
        .name = "nginx",
        .units = "nginx.service nginx@*.service angie.service freenginx.service",
        .executables = "nginx angie freenginx",
        .option = "TCP_ULP (kTLS)",
        .condition = "where its configuration has `ssl_conf_command Options KTLS`",
        .consequence = "TLS is slower, since the kernel does not encrypt"},
    IncompatibleProgram{
        .name = "lighttpd",
        .units = "lighttpd.service",
        .executables = "lighttpd",
        .option = "TCP_ULP (kTLS)",
        .condition = "where its configuration has the option `KTLS`",
        .consequence = "TLS is slower, since the kernel does not encrypt"}}; // lighttpd/lighttpd1.4#132

bool has_unit(const IncompatibleProgram& program, const std::string& unit) {
    const auto globs = words_of(program.units);
    return std::any_of(globs.begin(), globs.end(), [&](std::string_view glob) {
        return fnmatch(std::string(glob).c_str(), unit.c_str(), 0) == 0;
    });
}

bool has_executable(const IncompatibleProgram& program, std::string_view name) {
    constexpr std::size_t longest_comm = 15; // TASK_COMM_LEN without the final NUL
    const auto names = words_of(program.executables);
    return std::any_of(names.begin(), names.end(), [&](std::string_view known) {
        return name == known || (name.size() == longest_comm && known.starts_with(name));
    });
}

} // namespace

std::vector<std::string> units_known_to_break() {
    std::vector<std::string> globs;
    for (const IncompatibleProgram& program : incompatible_programs) {
        for (const std::string_view glob : words_of(program.breaks ? program.units : "")) {
            globs.emplace_back(glob);
        }
    }
    return globs;
}

const IncompatibleProgram* find_incompatible_program(const std::string& unit, std::string_view executable) {
    const std::string name = base_name(executable);
    const auto by_unit =
        std::find_if(incompatible_programs.begin(), incompatible_programs.end(), [&](const auto& program) {
            return has_unit(program, unit);
        });
    const auto found = by_unit != incompatible_programs.end() || name.empty()
                           ? by_unit
                           : std::find_if(
                                 incompatible_programs.begin(),
                                 incompatible_programs.end(),
                                 [&](const auto& program) { return has_executable(program, name); });
    return found == incompatible_programs.end() ? nullptr : &*found;
}

std::string describe(const IncompatibleProgram& program) {
    const std::string when = program.condition.empty() ? "" : " " + std::string(program.condition);
    return std::string(program.name) + " uses " + std::string(program.option) + when +
           ", which MPTCP sockets refuse: " + std::string(program.consequence);
}

std::string_view options_that_mptcp_refuses() {
    return "TCP_ULP (kTLS), TCP_MD5SIG, TCP_AO, TCP_USER_TIMEOUT, TCP_REPAIR";
}

std::string warning_of_incompatible_unit(const std::string& unit, std::string_view executable) {
    const IncompatibleProgram* program = find_incompatible_program(unit, executable);
    return program != nullptr && program->breaks
               ? unit + ": " + describe(*program) + "; declare it under applications.never instead"
               : "";
}

} // namespace keeper
