#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/desired_state.hpp"
#include "plan/apply_report.hpp"
#include "plan/plan.hpp"
#include "ports/clock_port.hpp"
#include "ports/connection_port.hpp"
#include "ports/link_port.hpp"
#include "ports/path_manager_port.hpp"
#include "ports/profile_port.hpp"
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
    StatePort& state;
    ClockPort& clock;
    std::string kernel_release; ///< uname -r
};

/// The host as found, and what the keeper remembers of it.
struct Observation {
    ObservedState state;
    Ownership ownership;
    std::vector<std::string> warnings; ///< what could not be looked at, and why
};

struct ApplyOptions {
    Scope scope;
    bool atomic = false; ///< one failure takes everything back
    bool strict = false; ///< unsupported counts as failed
    /// Says of a change that it must wait, and why; nothing lets it pass. Empty: all may pass.
    std::function<std::optional<std::string>(const Change&)> hold;
    /// False: a NetworkManager that goes away in the middle is not waited for, since the caller comes again.
    bool wait_for_network_manager = true;
};

/// Observes, plans, carries out, reads back and plans again. Holds no state of its own between calls; the
/// caller holds the lock. Single-threaded; every call ends, since every port has deadlines.
class Engine {
  public:
    explicit Engine(const Ports& ports) : ports_(ports) {}

    /// Looks at what the scope needs and at nothing else: without `profiles` NetworkManager is not asked.
    /// Fails only where nothing can be said at all (the record of what was changed cannot be read).
    [[nodiscard]] Result<Observation> observe(const Scope& scope);
    /// The same for who only tells what is there: a record that cannot be read is a warning, and empty.
    [[nodiscard]] Observation observe_beside_any_record(const Scope& scope);
    /// The same as observe(), without what neither the declaration nor the record has a use for.
    [[nodiscard]] Result<Observation> observe(const Scope& scope, const DesiredState& desired);

    /// Makes the host as declared. A failing item does not stop the others, unless options.atomic.
    [[nodiscard]] Result<ApplyReport> apply(const DesiredState& desired, const ApplyOptions& options);

    /// Puts back what was there before the keeper, and forgets it.
    [[nodiscard]] Result<ApplyReport> reset();

  private:
    Ports ports_;
};

} // namespace keeper
