// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>

#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "fakes/failure_injection.hpp"
#include "ports/unit_port.hpp"

namespace keeper::fake {

/// A systemd with services whose programs a test sets. A daemon-reload installs the drop-ins that the test
/// expects of the generator; a restart preloads the unit's programs if it has one.
class FakeUnits : public UnitPort, public FailureInjection {
  public:
    ObservedUnits present;
    ProcessList running;
    std::map<std::string, std::string> generated; ///< the drop-ins after the next reload
    bool restart_helps = true;
    int program_reads = 0;

    FakeUnits() {
        present.systemd_runs = true;
        present.has_generator = true;
        present.systemd_version = 257;
    }

    [[nodiscard]] ObservedUnits units(bool) override { return present; }
    [[nodiscard]] ProcessList programs(const ProcessQuery&) override {
        ++program_reads;
        return running;
    }
    [[nodiscard]] std::map<std::string, std::string> aliases() override { return {}; }
    [[nodiscard]] Result<void> reload(const std::vector<std::string>& tried_again) override {
        auto result = record("reload");
        if (result) {
            for (const std::string& unit : tried_again) {
                present.taken_back.erase(unit);
            }
            present.drop_ins = generated;
            for (const auto& [unit, reason] : present.taken_back) {
                present.drop_ins[unit] = taken_back_text();
            }
        }
        return result;
    }
    [[nodiscard]] Result<void> restart(const std::string& unit) override {
        auto result = record("restart " + unit);
        for (ObservedProcess& process : running.processes) {
            if (result && restart_helps && process.unit == unit) {
                process.asks_for_preload = process.has_preload = present.drop_ins.count(unit) != 0;
                if (process.has_preload) {
                    process.mptcp_sockets += std::exchange(process.tcp_sockets, 0);
                }
            }
        }
        return result;
    }
    [[nodiscard]] std::vector<Result<void>> take_back(const std::vector<TakenBackUnit>& units) override {
        std::vector<Result<void>> results;
        for (const TakenBackUnit& unit : units) {
            results.push_back(
                record("take back " + unit.unit + (unit.was_restarted ? " and restart it" : "")));
            if (results.back()) {
                present.drop_ins[unit.unit] = taken_back_text();
                present.taken_back[unit.unit] = unit.reason;
                for (ObservedProcess& process : running.processes) {
                    if (unit.was_restarted && process.unit == unit.unit) {
                        process.asks_for_preload = process.has_preload = false;
                        process.tcp_sockets += std::exchange(process.mptcp_sockets, 0);
                    }
                }
            }
        }
        return results;
    }
};

} // namespace keeper::fake
