// SPDX-License-Identifier: LGPL-2.1-or-later
#include <optional>
#include <utility>

#include "applications/declared_units.hpp"
#include "applications/incompatible_programs.hpp"
#include "applications/native_programs.hpp"
#include "applications/socket_units.hpp"
#include "base/text/join.hpp"
#include "base/text/path_name.hpp"
#include "base/text/shell_word.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"
#include "model/go_build.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

/// "1 MPTCP socket", "2 MPTCP sockets".
std::string counted(std::size_t number, const std::string& noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

bool has_declared_unit(const Facts& facts, const Program& program) {
    return facts.desired && !program.unit.empty() &&
           becomes_mptcp(program.unit, facts.desired->units, facts.desired->never);
}

/// Its unit is declared under `applications.never`.
bool should_use_tcp(const Facts& facts, const Program& program) {
    return facts.desired && !program.unit.empty() &&
           stays_on_tcp(program.unit, facts.desired->units, facts.desired->never);
}

bool has_unit_of_its_own(const Program& program) {
    return program.unit.ends_with(".service") && !program.unit.starts_with("user@");
}

/// The same fix, with the program's own option as a comment.
std::string with_native_option(std::string fix, const Program& program) {
    const NativeProgram* native = find_native_program(program.executable);
    if (native != nullptr) {
        fix += "   # or, without a hook, from " + std::string(native->name) + " " +
               std::string(native->version) + " on: " + std::string(native->option);
    }
    return fix;
}

std::string restart_fix(const Program& program) {
    return "systemctl daemon-reload && systemctl restart " + shell_word(program.unit) +
           "   # or: mptcp-keeper apply --restart-units";
}

/// Its own calls decide, whatever GODEBUG contains.
std::string go_code_fix(const std::string& value) {
    return "config.SetMultipathTCP(" + value +
           ")   // on its net.ListenConfig and net.Dialer, in the source code";
}

std::string unit_fix(const Facts& facts, const Program& program) {
    if (has_declared_unit(facts, program)) {
        return restart_fix(program);
    }
    if (has_unit_of_its_own(program)) {
        return declare_unit(facts, program.unit);
    }
    return (program.is_go ? "GODEBUG=multipathtcp=1 " : "mptcpize run ") + program.command;
}

/// A Go program that listens with MPTCP since it was built with a newer Go, which its administrator may not
/// know.
std::optional<Finding> finding_about_go_default(const Facts& facts, const Program& program) {
    const bool was_wanted = program.asks_go || has_declared_unit(facts, program);
    if (program.mptcp_sockets == 0 || was_wanted || !go_listens_with_mptcp(program.go_version)) {
        return std::nullopt;
    }
    const IncompatibleProgram* broken = find_incompatible_program(program.unit, program.executable);
    const std::string why =
        program.refuses_go ? " despite GODEBUG=multipathtcp=0: its code requests MPTCP"
                           : ", although nothing declares that: Go listens with MPTCP by default since 1.24";
    std::string fix = "GODEBUG=multipathtcp=0 " + program.command;
    if (program.refuses_go) {
        fix = go_code_fix("false");
    } else if (has_unit_of_its_own(program)) {
        fix = declare_never(program.unit);
    }
    return Finding{
        .code = FindingCode::go_program,
        .severity = broken != nullptr ? Severity::warning : Severity::info,
        .subject = describe(program),
        .evidence = program.executable + " was built with Go " + program.go_version + " and has " +
                    counted(program.mptcp_sockets, "MPTCP socket") + why +
                    (broken == nullptr ? "" : "; " + describe(*broken)),
        .fix = fix};
}

Finding go_finding(const Facts& facts, const Program& program) {
    if (auto finding = finding_about_go_default(facts, program)) {
        return std::move(*finding);
    }
    const std::string& file = program.executable;
    const bool is_able = go_knows_mptcp(program.go_version);
    std::string evidence =
        file + " was built with Go" + (program.go_version.empty() ? "" : " " + program.go_version) +
        ", which creates sockets without libc: libmptcpwrap and mptcpize have no effect on it";
    if (program.mptcp_sockets > 0) {
        evidence += "; nevertheless it has " + counted(program.mptcp_sockets, "MPTCP socket");
    } else if (!is_able) {
        evidence += "; Go supports MPTCP only since 1.21";
    } else if (program.asks_go) {
        evidence += "; its environment has GODEBUG=multipathtcp=1, but its sockets are TCP: it creates them "
                    "in its own way, or inherited them";
    }
    std::string fix = unit_fix(facts, program);
    if (!is_able) {
        fix = "go version " + shell_word(file) +
              "   # rebuild it with Go 1.21 or later, which supports GODEBUG=multipathtcp=1";
    } else if (program.asks_go && program.mptcp_sockets == 0) {
        fix = go_code_fix("true");
    }
    return {
        .code = FindingCode::go_program,
        .severity = program.mptcp_sockets > 0 ? Severity::info : Severity::warning,
        .subject = describe(program),
        .evidence = evidence,
        .fix = fix};
}

/// True if there is a reason why libmptcpwrap cannot help.
bool check_executable(const Facts& facts, const Program& program, Findings& findings) {
    const std::string& file = program.executable;
    const bool wanted = program.is_requested || program.asks_for_preload;
    if (!program.executable_known || !wanted) {
        return false;
    }
    if (program.is_go) {
        findings.push_back(go_finding(facts, program));
    } else if (program.is_static || program.is_secure) {
        findings.push_back(
            {.code = FindingCode::preload_ineffective,
             .severity = program.mptcp_sockets > 0 ? Severity::info : Severity::warning,
             .subject = describe(program),
             .evidence = file +
                         (program.is_static
                              ? " is statically linked, so no loader reads LD_PRELOAD"
                              : " is setuid, setgid or has capabilities, so the loader ignores LD_PRELOAD") +
                         ": libmptcpwrap and mptcpize have no effect on it",
             .fix = program.is_static
                        ? "socket(domain, SOCK_STREAM, IPPROTO_MPTCP)   /* in its source code */"
                        : "chmod u-s,g-s " + shell_word(file) + "   # if it works without"});
    } else if (program.asks_for_preload && program.memory_known && !program.has_preload) {
        findings.push_back(
            {.code = FindingCode::preload_ineffective,
             .severity = Severity::warning,
             .subject = describe(program),
             .evidence = "libmptcpwrap is in its LD_PRELOAD but not loaded: the library is missing or built "
                         "for another architecture",
             .fix = "apt install mptcpize"});
    } else {
        return false;
    }
    return true;
}

/// A program of a declared unit with libmptcpwrap loaded: sockets that it opened itself would be MPTCP.
bool inherits_sockets(const Facts& facts, const Program& program) {
    return program.has_preload && !program.unit.empty() && has_declared_unit(facts, program);
}

/// The socket unit whose sockets systemd passes to the program's service; "" for none.
std::string socket_unit_of(const Facts& facts, const Program& program) {
    for (const HostFile& file : facts.socket_units) {
        const std::string name = base_name(file.path);
        const SocketUnit unit = parse_socket_unit(file.text, name);
        if (!unit.tcp.empty() && serves(name, unit, program.unit)) {
            return name;
        }
    }
    return "";
}

/// The fix for a program of a declared unit whose sockets were passed to it.
std::string fix_for_passed_sockets(const Facts& facts, const Program& program) {
    const std::string socket = socket_unit_of(facts, program);
    if (socket.empty()) {
        return restart_without_stored_sockets(program.unit) +
               "   # or declare the socket unit that opens them";
    }
    return facts.first_systemd_with_mptcp_sockets == 0
               ? declare_unit(facts, socket)
               : listen_without(socket, program.unit) + "   # if it can listen by itself";
}

void check_sockets(const Facts& facts, const Program& program, Findings& findings) {
    const bool wanted = program.is_requested || program.has_preload || has_declared_unit(facts, program);
    if (!wanted || program.tcp_sockets == 0 || program.mptcp_sockets > 0) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::app_uses_tcp,
         .severity = Severity::warning,
         .subject = describe(program),
         .evidence = "it has " + counted(program.tcp_sockets, "plain TCP socket") + " and no MPTCP socket" +
                     (program.has_preload
                          ? ", although libmptcpwrap is loaded: they were created earlier, or passed to it"
                          : "; libmptcpwrap is not loaded"),
         .fix = inherits_sockets(facts, program) ? fix_for_passed_sockets(facts, program)
                                                 : with_native_option(unit_fix(facts, program), program)});
}

/// A program that should use TCP: that it cannot be turned into MPTCP does not matter. `status` has the
/// other programs of `never`.
void check_never(const Program& program, Findings& findings) {
    if (!program.is_go || program.mptcp_sockets == 0) {
        return;
    }
    const IncompatibleProgram* broken = find_incompatible_program(program.unit, program.executable);
    findings.push_back(
        {.code = FindingCode::go_program,
         .severity = Severity::warning,
         .subject = describe(program),
         .evidence = program.executable + " was built with Go " + program.go_version + " and has " +
                     counted(program.mptcp_sockets, "MPTCP socket") +
                     (program.refuses_go ? " despite GODEBUG=multipathtcp=0: its code requests MPTCP"
                                         : ", although its unit is declared under applications.never") +
                     (broken == nullptr ? "" : "; " + describe(*broken)),
         .fix = program.refuses_go ? go_code_fix("false") : restart_fix(program)});
}

/// Whether declaring its unit cannot make its sockets MPTCP.
bool cannot_be_preloaded(const Program& program) {
    return program.executable_known && (program.is_static || program.is_secure) && !program.is_go;
}

/// The host as a whole: programs use TCP, and none has ever requested MPTCP.
void check_host(const Facts& facts, Findings& findings) {
    if (facts.counters.empty() || counter(facts.counters, "MPCapableSYNTX") > 0 ||
        counter(facts.counters, "MPCapableSYNRX") > 0) {
        return;
    }
    std::vector<std::string> names;
    for (const Program& program : facts.programs) {
        if (program.mptcp_sockets > 0 && program.same_network) {
            return;
        }
        if (program.tcp_sockets > 0 && program.same_network && !program.is_requested &&
            !cannot_be_preloaded(program) && !should_use_tcp(facts, program)) {
            names.push_back(describe(program));
        }
    }
    if (!names.empty()) {
        findings.push_back(
            {.code = FindingCode::app_uses_tcp,
             .severity = Severity::info,
             .subject = "this host",
             .evidence =
                 "no program has requested MPTCP yet (MPCapableSYNTX 0, MPCapableSYNRX 0); programs with TCP sockets: " +
                 joined(names, ", "),
             .fix = declare_unit(facts, "UNIT.service")});
    }
}

void check_namespace(const Program& program, Findings& findings) {
    if (program.same_network || (!program.is_requested && program.mptcp_sockets == 0)) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::container_namespace,
         .severity = program.is_requested ? Severity::warning : Severity::info,
         .subject = describe(program),
         .evidence = "it runs in another network namespace (a container): this host's sysctls, limits and "
                     "endpoints do not apply to it",
         .fix = "nsenter -t " + std::to_string(program.pid) + " -n mptcp-keeper doctor"});
}

} // namespace

Findings programs(const Facts& facts) {
    Findings findings;
    for (const Program& program : facts.programs) {
        check_namespace(program, findings);
        if (should_use_tcp(facts, program)) {
            check_never(program, findings);
        } else if (!check_executable(facts, program, findings)) {
            check_sockets(facts, program, findings);
        }
    }
    check_host(facts, findings);
    for (const std::string& line : facts.selinux_denials) {
        findings.push_back(
            {.code = FindingCode::selinux_denial,
             .severity = Severity::warning,
             .subject = "SELinux",
             .evidence = "SELinux denied an operation on MPTCP: " + line,
             .fix =
                 "ausearch -m avc | grep mptcp | audit2allow -M mptcp_local && semodule -i mptcp_local.pp"});
    }
    return findings;
}

} // namespace keeper::rules
