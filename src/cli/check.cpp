#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "report/diagnostic_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

ExitCode run(const CheckOptions& options, const GlobalOptions& global, Environment& env) {
    LoadedConfig config = options.files.empty() ? read_config(global, env) : read_config(options.files, env);
    if (env.console.shows(LogLevel::warning)) {
        env.console.write_error_text(warnings_text(config.remarks, env.console.err_colour()));
    }
    config.warnings.insert(config.warnings.end(), config.remarks.begin(), config.remarks.end());
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    if (global.json) {
        env.console.print(check_json(config));
        return ExitCode::done;
    }
    for (const std::string& file : config.files) {
        env.console.print(printable(file) + ": valid\n");
    }
    return ExitCode::done;
}

} // namespace keeper::cli
