#include <algorithm>
#include <set>

#include <unistd.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/processes/process_look.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/declared_units.hpp"
#include "applications/process_texts.hpp"

namespace keeper::gather {

namespace {

bool exists(std::int64_t pid) {
    return access(RunningProcess(pid).path("").c_str(), F_OK) == 0;
}

std::string with_suffix(const std::string& unit) {
    return unit.empty() || unit.find('.') != std::string::npos ? unit : unit + ".service";
}

bool has_unit_file(const std::string& unit) {
    const std::vector<std::string> known = list_unit_names();
    const auto has = [&](const std::string& name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    };
    return has(unit) || has(template_of(unit)) || aliased_unit(unit) != unit;
}

/// The units whose processes are meant: that one by the name that it has beside an alias, and for a socket
/// the service that it starts.
std::set<std::string> units_meant(const std::string& asked) {
    const std::string unit = with_suffix(asked);
    std::set<std::string> units;
    if (unit.empty()) {
        return units;
    }
    units = {unit, aliased_unit(unit)};
    if (unit.ends_with(".socket")) {
        units.insert(unit.substr(0, unit.rfind('.')) + ".service");
    }
    return units;
}

/// What else is worth knowing of one that has sockets or was asked for.
void look_closer(const RunningProcess& process, Program& program) {
    name_process(process, program);
    program.executable_known = look_at_program(process, program);
    program.memory_known = program.has_preload || !process.text("maps").empty();
    const std::string path = process.link("exe");
    program.executable = path.empty() ? program.name : path;
    program.command = shell_command(process.text("cmdline"));
    program.command = program.command.empty() ? program.name : program.command;
}

/// What could not be seen of one that was asked for: of that nothing may be called well.
void tell_what_is_hidden(const RunningProcess& process, const Program& program, Facts& facts) {
    const std::string whose = program.name + " (pid " + std::to_string(program.pid) + ")";
    if (!program.sockets_known) {
        facts.skipped.push_back(
            {"sockets of " + whose, "cannot read what " + process.path("fd") + " leads to; run as root"});
    }
    if (!program.memory_known && process.has_command_line()) {
        facts.skipped.push_back(
            {"libraries of " + whose, "cannot read " + process.path("maps") + "; run as root"});
    }
    if (!program.executable_known && process.has_command_line()) {
        facts.skipped.push_back(
            {"executable of " + whose, "cannot read " + process.path("exe") + "; run as root"});
    }
}

/// Says what was asked for by name and did not run.
Result<void> tell_who_is_missing(const DiagnosisRequest& request, Facts& facts) {
    const auto was_found = [&](const auto& is_it) {
        return std::any_of(facts.programs.begin(), facts.programs.end(), is_it);
    };
    if (request.pid && !was_found([&](const Program& one) { return one.pid == request.pid; })) {
        return fail("--pid " + std::to_string(*request.pid) + ": there is no such process");
    }
    const std::set<std::string> units = units_meant(request.unit);
    if (units.empty() || was_found([&](const Program& one) { return units.contains(one.unit); })) {
        return {};
    }
    const std::string unit = with_suffix(request.unit);
    if (!has_unit_file(unit)) {
        return fail(
            "--unit " + request.unit + ": there is no unit " + unit +
            "; `systemctl list-unit-files` names those that there are");
    }
    facts.skipped.push_back(
        {"programs of " + unit, "no process of that unit is running; start it and look again"});
    return {};
}

} // namespace

Result<void> programs(const DiagnosisRequest& request, Facts& facts) {
    if (request.pid && !exists(*request.pid)) {
        return fail("--pid " + std::to_string(*request.pid) + ": there is no such process");
    }
    const std::set<std::string> units = units_meant(request.unit);
    facts.asks_for_programs = request.pid || !units.empty();
    const UnitFinder finder;
    std::size_t closed = 0;
    for_each_process([&](const RunningProcess& process) {
        Program program;
        program.pid = process.pid();
        const LookResult looked = count_sockets(process, program);
        const bool has_sockets = program.tcp_sockets + program.mptcp_sockets > 0;
        if (has_sockets || !units.empty() || program.pid == request.pid) {
            // asked for by its name in a user's service manager, or in a container
            const std::string inner = unit_of_cgroup(process.text("cgroup"));
            program.unit = units.contains(inner) ? inner : finder.unit_of(process);
        }
        program.asked_for = program.pid == request.pid || units.contains(program.unit);
        if (has_sockets || program.asked_for) {
            look_closer(process, program);
        }
        if (program.asked_for) {
            tell_what_is_hidden(process, program, facts);
        } else if (looked == LookResult::refused && process.has_command_line()) {
            ++closed;
        }
        if (has_sockets || program.asked_for) {
            facts.programs.push_back(std::move(program));
        }
        return true;
    });
    if (closed > 0) {
        facts.skipped.push_back(
            {"sockets of other users' programs",
             "the descriptors of " + std::to_string(closed) + " processes cannot be read; run as root"});
    }
    return tell_who_is_missing(request, facts);
}

} // namespace keeper::gather
