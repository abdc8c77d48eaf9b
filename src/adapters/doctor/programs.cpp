// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include <unistd.h>

#include "adapters/doctor/gatherers.hpp"
#include "adapters/processes/process_details.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/declared_units.hpp"
#include "applications/process_texts.hpp"
#include "base/text/shell_word.hpp"

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

/// The units whose processes are selected: the requested one, the unit that it is an alias of, and for a
/// socket the service that it starts.
std::set<std::string> selected_units(const std::string& asked) {
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

/// Reads the rest about a program that has sockets or was requested.
void read_details(const RunningProcess& process, Program& program) {
    name_process(process, program);
    program.executable_known = read_program(process, program);
    program.memory_known = program.has_preload || !process.text("maps").empty();
    program.executable = program.executable.empty() ? program.name : program.executable;
    program.command = shell_command(process.text("cmdline"));
    program.command = program.command.empty() ? shell_word(program.name) : program.command;
}

/// Adds what could not be read about a requested program to facts.skipped.
void report_unreadable(const RunningProcess& process, const Program& program, Facts& facts) {
    const std::string name = describe_process(program.name, program.pid);
    if (!program.sockets_known) {
        facts.skipped.push_back(
            {"sockets of " + name, "cannot read the links in " + process.path("fd") + "; run as root"});
    }
    if (!program.memory_known && process.has_command_line()) {
        facts.skipped.push_back(
            {"libraries of " + name, "cannot read " + process.path("maps") + "; run as root"});
    }
    if (!program.executable_known && process.has_command_line()) {
        facts.skipped.push_back(
            {"executable of " + name, "cannot read " + process.path("exe") + "; run as root"});
    }
}

/// Fails if the requested process or unit does not exist; notes a unit without processes in facts.skipped.
Result<void> check_requested(const DiagnosisRequest& request, Facts& facts) {
    const auto was_found = [&](const auto& is_it) {
        return std::any_of(facts.programs.begin(), facts.programs.end(), is_it);
    };
    if (request.pid && !was_found([&](const Program& one) { return one.pid == request.pid; })) {
        return fail("--pid " + std::to_string(*request.pid) + ": no such process");
    }
    const std::set<std::string> units = selected_units(request.unit);
    if (units.empty() || was_found([&](const Program& one) { return units.contains(one.unit); })) {
        return {};
    }
    const std::string unit = with_suffix(request.unit);
    if (!has_unit_file(unit)) {
        return fail(
            "--unit " + request.unit + ": unit " + unit +
            " does not exist; `systemctl list-unit-files` lists all units");
    }
    facts.skipped.push_back(
        {"programs of " + unit, "no process of this unit is running; start it and run doctor again"});
    return {};
}

} // namespace

Result<void> programs(const DiagnosisRequest& request, Facts& facts) {
    if (request.pid && !exists(*request.pid)) {
        return fail("--pid " + std::to_string(*request.pid) + ": no such process");
    }
    const std::set<std::string> units = selected_units(request.unit);
    facts.programs_requested = request.pid || !units.empty();
    const UnitFinder finder;
    std::size_t unreadable = 0;
    for_each_process([&](const RunningProcess& process) {
        Program program;
        program.pid = process.pid();
        const ReadResult result = count_sockets(process, program);
        const bool has_sockets = program.tcp_sockets + program.mptcp_sockets > 0;
        if (has_sockets || !units.empty() || program.pid == request.pid) {
            // it may have been requested by its name in a user's service manager, or in a container
            const std::string inner = unit_of_cgroup(process.text("cgroup"));
            program.unit = units.contains(inner) ? inner : finder.unit_of(process);
        }
        program.is_requested = program.pid == request.pid || units.contains(program.unit);
        if (has_sockets || program.is_requested) {
            read_details(process, program);
        }
        if (program.is_requested) {
            report_unreadable(process, program, facts);
        } else if (result == ReadResult::refused && process.has_command_line()) {
            ++unreadable;
        }
        if (has_sockets || program.is_requested) {
            facts.programs.push_back(std::move(program));
        }
        return true;
    });
    if (unreadable > 0) {
        facts.skipped.push_back(
            {"sockets of other users' programs",
             "cannot read the file descriptors of " + std::to_string(unreadable) +
                 (unreadable == 1 ? " process" : " processes") + "; run as root"});
    }
    return check_requested(request, facts);
}

} // namespace keeper::gather
