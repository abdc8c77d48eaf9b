#include <unistd.h>

#include "adapters/applications/process_look.hpp"
#include "adapters/diagnose/gatherers.hpp"

namespace keeper::gather {

namespace {

std::string with_suffix(const std::string& unit) {
    return unit.empty() || unit.find('.') != std::string::npos ? unit : unit + ".service";
}

bool exists(std::int64_t pid) {
    return access(RunningProcess(pid).path("").c_str(), F_OK) == 0;
}

/// What else is worth knowing of one that has sockets or was asked for.
void look_closer(const RunningProcess& process, Program& program) {
    name_process(process, program);
    program.executable_known = look_at_program(process, program);
    const std::string path = process.link("exe");
    program.executable = path.empty() ? program.name : path;
}

} // namespace

Result<void> programs(const DiagnosisRequest& request, Facts& facts) {
    if (request.pid && !exists(*request.pid)) {
        return fail("--pid " + std::to_string(*request.pid) + ": there is no such process");
    }
    const std::string unit = with_suffix(request.unit);
    std::size_t closed = 0;
    bool unit_found = false;
    for_each_process([&](const RunningProcess& process) {
        Program program;
        program.pid = process.pid();
        const LookResult looked = count_sockets(process, program);
        closed += looked == LookResult::refused && process.has_command_line() ? 1U : 0U;
        const bool has_sockets = program.tcp_sockets + program.mptcp_sockets > 0;
        if (has_sockets || !unit.empty() || program.pid == request.pid) {
            program.unit = unit_of(process);
        }
        const bool is_of_unit = !unit.empty() && program.unit == unit;
        unit_found = unit_found || is_of_unit;
        program.asked_for = program.pid == request.pid || is_of_unit;
        if (has_sockets || program.asked_for) {
            look_closer(process, program);
            if (program.asked_for && !program.executable_known) {
                facts.skipped.push_back(
                    {"executable of pid " + std::to_string(program.pid),
                     "cannot read " + process.path("exe") + "; run as root"});
            }
            facts.programs.push_back(std::move(program));
        }
        return true;
    });
    if (closed > 0) {
        facts.skipped.push_back(
            {"sockets of other users' programs",
             "the descriptors of " + std::to_string(closed) + " processes cannot be read; run as root"});
    }
    if (!unit.empty() && !unit_found) {
        facts.skipped.push_back({"programs of " + unit, "no process of that unit is running"});
    }
    return {};
}

} // namespace keeper::gather
