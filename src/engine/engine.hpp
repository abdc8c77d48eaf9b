// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/desired_state.hpp"
#include "model/pending_try.hpp"
#include "plan/apply_report.hpp"
#include "plan/plan.hpp"
#include "ports/clock_port.hpp"
#include "ports/connection_port.hpp"
#include "ports/link_port.hpp"
#include "ports/path_manager_port.hpp"
#include "ports/profile_port.hpp"
#include "ports/program_hook_port.hpp"
#include "ports/state_port.hpp"
#include "ports/sysctl_port.hpp"
#include "ports/unit_port.hpp"

namespace keeper {

/// The outside world as the engine sees it. Borrowed; must outlive the engine.
struct Ports {
    SysctlPort& sysctls;
    PathManagerPort& path_manager;
    LinkPort& links;
    ConnectionPort& connections;
    ProfilePort& profiles;
    UnitPort& units;
    ProgramHookPort& program_hook;
    StatePort& state;
    ClockPort& clock;
    std::string kernel_release; ///< uname -r
};

/// How an observation reads the host.
struct Look {
    enum class Profiles {
        all,
        changed, ///< only what has changed since NetworkManager was read last: ProfilePort::refresh()
    };
    Profiles profiles = Profiles::all;
    /// With `changed`: devices whose flags are read again, although NetworkManager announced nothing.
    std::set<Ifindex> devices = {};
    enum class Connections {
        if_needed, ///< only once a plan depends on them: Engine::plan()
        always,
    };
    /// With 10,000 sockets, the connections are the most expensive read.
    Connections connections = Connections::if_needed;
};

/// The state of the host and the keeper's record of it.
struct Observation {
    ObservedState state;
    Ownership ownership;
    std::vector<std::string> warnings = {}; ///< what could not be read, and why
    /// The parts for which reading waits until a plan depends on them, and that were read, even if that
    /// failed.
    OnDemand was_read = {};
};

/// An apply, and what its last plan saw.
struct AppliedHost {
    ApplyReport report;
    Observation last;
};

struct ApplyOptions {
    Scope scope;
    bool atomic = false; ///< one failure reverts everything
    bool strict = false; ///< unsupported counts as failed
    /// Returns why a change must wait; std::nullopt if it may be made. Empty: all may be made.
    std::function<std::optional<std::string>(const Change&)> hold;
    /// False: do not wait for a NetworkManager that stops during the apply, because the caller tries again.
    bool wait_for_network_manager = true;
};

/// Observes, plans, carries out, reads back and plans again. Has no state of its own between calls; the
/// caller holds the lock. Single-threaded; every call returns, since every port has deadlines.
class Engine {
  public:
    explicit Engine(const Ports& ports) : ports_(ports) {}

    /// Reads only what the scope needs: without `profiles` NetworkManager is not queried. Fails only if the
    /// record of the keeper's changes cannot be read.
    [[nodiscard]] Result<Observation> observe(const Scope& scope, const Look& look = {});
    /// Like observe(), for read-only commands: an unreadable record yields a warning and an empty Ownership.
    [[nodiscard]] Observation observe_best_effort(const Scope& scope, const Look& look = {});
    /// Like observe(), without what neither the declaration nor the record needs.
    [[nodiscard]] Result<Observation>
    observe(const Scope& scope, const DesiredState& desired, const Look& look = {});
    /// Plans for what was observed. If the plan depends on a part that was not read yet, reads it, adds it to
    /// the observation and plans again.
    [[nodiscard]] Plan plan(const DesiredState& desired, Observation& observation, const Scope& scope);

    /// Makes the host match the declaration. A failing item does not stop the others, unless options.atomic.
    [[nodiscard]] Result<ApplyReport> apply(const DesiredState& desired, const ApplyOptions& options);
    /// The same for a host that was just observed, with the scope of the options and the declaration.
    [[nodiscard]] Result<AppliedHost>
    apply(const DesiredState& desired, const ApplyOptions& options, Observation found);

    /// Restores the settings from before the keeper, and forgets them.
    [[nodiscard]] Result<ApplyReport> reset();

    /// Restores the settings from before a try, and the record of that time. A second call after a failure
    /// continues.
    [[nodiscard]] Result<ApplyReport> restore(const PendingTry& before);

  private:
    Ports ports_;
};

} // namespace keeper
