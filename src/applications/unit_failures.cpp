// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/unit_failures.hpp"

#include "applications/declared_units.hpp"
#include "applications/incompatible_programs.hpp"
#include "base/text/shell_word.hpp"

namespace keeper {

namespace {

const TurnedUnit* find_turned(const std::string& unit, const std::map<std::string, TurnedUnit>& units) {
    const auto turned = find_unit_or_template(unit, units);
    return turned == units.end() ? nullptr : &turned->second;
}

/// "(exit-code, status 3)".
std::string how_it_ended(const FailedService& failure) {
    return "(" + failure.result + (failure.status.empty() ? "" : ", status " + failure.status) + ")";
}

std::string likely_cause(const std::string& unit, const FailedService& failure) {
    if (const IncompatibleProgram* program = find_incompatible_program(unit, failure.executable)) {
        return describe(*program);
    }
    return "MPTCP sockets refuse some options of TCP, such as " + std::string(options_that_mptcp_refuses());
}

/// After several failures in a row systemd refuses to start it (StartLimitBurst=).
std::string start_again(const std::string& unit) {
    return "`systemctl reset-failed " + shell_word(unit) + "; systemctl restart " + shell_word(unit) + "`";
}

std::string how_to_take_it_back(const std::string& unit) {
    return "see `journalctl -u " + shell_word(unit) +
           "`; to undo this, remove it from applications.units or declare it under applications.never, then "
           "run `mptcp-keeper apply` and " +
           start_again(unit);
}

} // namespace

bool was_started_with_mptcp(const std::string& unit, const std::map<std::string, TurnedUnit>& turned) {
    const TurnedUnit* record = find_turned(unit, turned);
    return record != nullptr && record->mptcp_start_us != 0;
}

bool fails_since_turned(const std::string& unit, const ObservedUnits& host) {
    const auto failure = host.failed.find(unit);
    const TurnedUnit* turned = find_turned(unit, host.turned);
    return failure != host.failed.end() && turned != nullptr && turned->was_running &&
           turned->mptcp_start_us != 0 && host.taken_back.count(unit) == 0 &&
           failure->second.started_us > turned->since_us;
}

std::string describe_failure(const std::string& unit, const ObservedUnits& host) {
    const FailedService& failure = host.failed.at(unit);
    const TurnedUnit* turned = find_turned(unit, host.turned);
    if (fails_since_turned(unit, host)) {
        return "it failed " + how_it_ended(failure) +
               "; it was running when it was declared, and has not started since with MPTCP sockets: " +
               likely_cause(unit, failure) + "; " + how_to_take_it_back(unit);
    }
    if (turned != nullptr && failure.started_us != 0 && failure.started_us < turned->since_us) {
        return "it failed " + how_it_ended(failure) + " before it was declared (see `journalctl -u " +
               shell_word(unit) + "`)";
    }
    if (turned != nullptr && turned->mptcp_start_us == 0) {
        return "it failed " + how_it_ended(failure) +
               "; its last start was without MPTCP sockets (see `journalctl -u " + shell_word(unit) + "`)";
    }
    return "it failed " + how_it_ended(failure) + " (see `journalctl -u " + shell_word(unit) +
           "`); if it does not work with MPTCP sockets, remove it from applications.units or declare it under "
           "applications.never, then run `mptcp-keeper apply` and " +
           start_again(unit);
}

std::string
describe_failed_restart(const std::string& unit, const FailedService& failure, UnitProtocol protocol) {
    if (protocol == UnitProtocol::tcp) {
        return "it exited after the restart " + how_it_ended(failure) + "; see `journalctl -u " +
               shell_word(unit) + "`";
    }
    return "it was running with TCP, and exited after the restart with MPTCP sockets " +
           how_it_ended(failure) + "; " + likely_cause(unit, failure) + "; " + how_to_take_it_back(unit);
}

std::string describe_taken_back(const std::string& unit, const std::string& reason) {
    const std::string retry = reason == taken_back_with_others
                                  ? "run `mptcp-keeper apply --restart-units` to try again"
                                  : "to try again, run `rm " +
                                        shell_word(std::string(taken_back_folder) + "/" + unit) +
                                        "` and `mptcp-keeper apply --restart-units`";
    return "`mptcp-keeper apply --atomic` took it back to TCP: " + reason + "; " + retry +
           ", or declare it under applications.never";
}

std::string taken_back_text() {
    return "# Taken back to TCP: see `mptcp-keeper status`\n";
}

std::vector<std::string>
leave_taken_back(const std::map<std::string, std::string>& taken_back, UnitDropIns& drop_ins) {
    const std::map<std::string, UnitDropIn> declared = drop_ins.drop_ins;
    std::vector<std::string> undeclared;
    for (const auto& [unit, reason] : taken_back) {
        const auto own = find_unit_or_template(unit, declared);
        if (own != declared.end() && own->second.protocol == UnitProtocol::mptcp) {
            drop_ins.drop_ins[unit] = {taken_back_text(), own->second.source, UnitProtocol::tcp};
        } else {
            undeclared.push_back(unit);
        }
    }
    return undeclared;
}

} // namespace keeper
