#include "applications/declared_units.hpp"
#include "doctor/declaration.hpp"
#include "doctor/rules/rules.hpp"
#include "model/go_build.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

std::string subject_of(const Program& program) {
    return program.name + " (pid " + std::to_string(program.pid) +
           (program.unit.empty() ? "" : ", " + program.unit) + ")";
}

bool has_declared_unit(const Facts& facts, const Program& program) {
    return facts.desired && !program.unit.empty() && declares_unit(facts.desired->units, program.unit);
}

std::string unit_fix(const Facts& facts, const Program& program) {
    if (has_declared_unit(facts, program)) {
        return "systemctl daemon-reload && systemctl restart " + program.unit +
               "   # or: mptcp-keeper apply --restart-units";
    }
    if (program.unit.ends_with(".service") && !program.unit.starts_with("user@")) {
        return declare_unit(facts, program.unit);
    }
    return (program.is_go ? "GODEBUG=multipathtcp=1 " : "mptcpize run ") + program.command;
}

Finding go_finding(const Facts& facts, const Program& program) {
    const std::string& file = program.executable;
    const bool is_able = go_knows_mptcp(program.go_version);
    std::string evidence =
        file + " was made by Go" + (program.go_version.empty() ? "" : " " + program.go_version) +
        ": it makes its sockets without libc, so that libmptcpwrap and mptcpize do nothing for it";
    if (program.mptcp_sockets > 0) {
        evidence += "; " + std::to_string(program.mptcp_sockets) + " of its sockets are MPTCP all the same";
    } else if (!is_able) {
        evidence += ", and 1.21 is the first Go that can use MPTCP";
    } else if (program.asks_go) {
        evidence += "; GODEBUG=multipathtcp=1 stands in its environment, and its sockets are TCP all the "
                    "same: it makes "
                    "them in a way of its own, or got them from others";
    }
    std::string fix = unit_fix(facts, program);
    if (!is_able) {
        fix = "go version " + file +
              "   # build it anew with Go 1.21 or later: it knows GODEBUG=multipathtcp=1";
    } else if (program.asks_go && program.mptcp_sockets == 0) {
        fix = "config.SetMultipathTCP(true)   // of its net.ListenConfig and net.Dialer, in its source";
    }
    return {
        FindingCode::go_program,
        program.mptcp_sockets > 0 ? Severity::info : Severity::warning,
        subject_of(program),
        evidence,
        fix};
}

/// True where it found a reason why libmptcpwrap cannot help.
bool check_executable(const Facts& facts, const Program& program, Findings& findings) {
    const std::string& file = program.executable;
    const bool wanted = program.asked_for || program.asks_for_preload;
    if (!program.executable_known || !wanted) {
        return false;
    }
    if (program.is_go) {
        findings.push_back(go_finding(facts, program));
    } else if (program.is_static || program.is_secure) {
        findings.push_back(
            {FindingCode::preload_ineffective,
             program.mptcp_sockets > 0 ? Severity::info : Severity::warning,
             subject_of(program),
             file +
                 (program.is_static
                      ? " is statically linked: no loader runs that would read LD_PRELOAD"
                      : " is setuid, setgid or has capabilities: the loader ignores LD_PRELOAD") +
                 ", so that libmptcpwrap and mptcpize do nothing for it",
             program.is_static ? "socket(domain, SOCK_STREAM, IPPROTO_MPTCP)   /* in its source */"
                               : "chmod u-s,g-s " + file + "   # where it can do without"});
    } else if (program.asks_for_preload && program.memory_known && !program.has_preload) {
        findings.push_back(
            {FindingCode::preload_ineffective,
             Severity::warning,
             subject_of(program),
             "libmptcpwrap stands in its LD_PRELOAD and is not in its memory: the library is missing, or "
             "of another architecture",
             "apt install mptcpize"});
    } else {
        return false;
    }
    return true;
}

/// A declared unit whose program is prepared, so that what it opens itself would be MPTCP.
bool is_handed_over(const Facts& facts, const Program& program) {
    return program.has_preload && !program.unit.empty() && has_declared_unit(facts, program);
}

/// A restart keeps the sockets that systemd holds for the unit (sd_pid_notify_with_fds(3)); this does not.
std::string fresh_start(const std::string& unit) {
    return "systemctl stop " + unit + "; systemctl clean --what=fdstore " + unit + "; systemctl start " +
           unit + "   # or declare the socket unit that opens them";
}

void check_sockets(const Facts& facts, const Program& program, Findings& findings) {
    const bool wanted = program.asked_for || program.has_preload || has_declared_unit(facts, program);
    if (!wanted || program.tcp_sockets == 0 || program.mptcp_sockets > 0) {
        return;
    }
    findings.push_back(
        {FindingCode::app_uses_tcp,
         Severity::warning,
         subject_of(program),
         std::to_string(program.tcp_sockets) + " of its sockets are plain TCP and none is MPTCP" +
             (program.has_preload ? ", although libmptcpwrap is in its memory: they were made before, or "
                                    "handed to it"
                                  : "; libmptcpwrap is not in its memory"),
         is_handed_over(facts, program) ? fresh_start(program.unit) : unit_fix(facts, program)});
}

/// No declaration of a unit makes its sockets MPTCP.
bool is_beyond_preload(const Program& program) {
    return program.executable_known && (program.is_static || program.is_secure) && !program.is_go;
}

/// The whole host: programs use TCP and nobody ever asked for MPTCP.
void check_host(const Facts& facts, Findings& findings) {
    if (facts.counters.empty() || counter(facts.counters, "MPCapableSYNTX") > 0 ||
        counter(facts.counters, "MPCapableSYNRX") > 0) {
        return;
    }
    std::string names;
    for (const Program& program : facts.programs) {
        if (program.mptcp_sockets > 0 && program.same_network) {
            return;
        }
        if (program.tcp_sockets > 0 && program.same_network && !program.asked_for &&
            !is_beyond_preload(program)) {
            names += (names.empty() ? "" : ", ") + subject_of(program);
        }
    }
    if (!names.empty()) {
        findings.push_back(
            {FindingCode::app_uses_tcp,
             Severity::info,
             "this host",
             "no program has asked for MPTCP yet (MPCapableSYNTX 0, MPCapableSYNRX 0), and these have TCP "
             "sockets: " +
                 names,
             declare_unit(facts, "UNIT.service")});
    }
}

void check_namespace(const Program& program, Findings& findings) {
    if (program.same_network || (!program.asked_for && program.mptcp_sockets == 0)) {
        return;
    }
    findings.push_back(
        {FindingCode::container_namespace,
         program.asked_for ? Severity::warning : Severity::info,
         subject_of(program),
         "it lives in another network namespace (a container): this host's sysctls, limits and endpoints are "
         "not its own",
         "nsenter -t " + std::to_string(program.pid) + " -n mptcp-keeper doctor"});
}

} // namespace

Findings programs(const Facts& facts) {
    Findings findings;
    for (const Program& program : facts.programs) {
        check_namespace(program, findings);
        if (!check_executable(facts, program, findings)) {
            check_sockets(facts, program, findings);
        }
    }
    check_host(facts, findings);
    for (const std::string& line : facts.selinux_denials) {
        findings.push_back(
            {FindingCode::selinux_denial,
             Severity::warning,
             "SELinux",
             "it denied something about MPTCP: " + line,
             "ausearch -m avc | grep mptcp | audit2allow -M mptcp_local && semodule -i mptcp_local.pp"});
    }
    return findings;
}

} // namespace keeper::rules
