#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "report/config_report.hpp"

namespace keeper::cli {

ExitCode run(const ConfigOptions&, const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    env.console.print(global.json ? config_json(config) : config_text(config, env.console.out_colour()));
    return ExitCode::done;
}

} // namespace keeper::cli
