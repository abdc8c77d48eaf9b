#include "cli/programs.hpp"

#include "applications/disabling.hpp"

namespace keeper::cli {

std::vector<std::string>
warnings_about_programs(const LoadedConfig& config, const Scope& scope, Environment& env) {
    if (!scope.has(Kind::sysctl) || !declares_disabling(config.desired)) {
        return {};
    }
    return broken_by_disabling(config.desired, env.list_processes());
}

} // namespace keeper::cli
