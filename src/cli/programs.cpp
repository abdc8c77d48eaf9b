#include "cli/programs.hpp"

#include "applications/disabling.hpp"

namespace keeper::cli {

std::vector<UnitStatus> states_of_units(const LoadedConfig& config, Environment& env) {
    if (config.desired.units.empty()) {
        return {};
    }
    return unit_states(config.desired.units, env.list_units(), env.list_processes(), env.systemd_version());
}

std::vector<std::string>
warnings_about_programs(const LoadedConfig& config, const Scope& scope, Environment& env) {
    // A file declares one of the two at most.
    if (scope.has(Kind::sysctl) && declares_disabling(config.desired)) {
        return broken_by_disabling(config.desired, env.list_processes());
    }
    if (scope.has(Kind::applications) && !scope.boot) {
        return warnings_about(states_of_units(config, env));
    }
    return {};
}

} // namespace keeper::cli
