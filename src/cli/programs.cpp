#include "cli/programs.hpp"

#include "applications/disabling.hpp"

namespace keeper::cli {

ProgramsView look_at_programs(const LoadedConfig& config, const Scope& scope, Environment& env) {
    const DesiredState& desired = config.desired;
    // A file declares one of the two at most.
    if (scope.has(Kind::sysctl) && declares_disabling(desired)) {
        return {{}, broken_by_disabling(desired, env.list_processes(processes_hit_by_disabling()))};
    }
    if (!scope.has(Kind::applications) || scope.boot || desired.units.empty()) {
        return {};
    }
    ProgramsView view;
    view.units = unit_states(
        desired.units,
        env.list_units(),
        env.list_processes(processes_of_units(desired.units)),
        env.systemd_version());
    view.warnings = warnings_about(view.units);
    return view;
}

} // namespace keeper::cli
