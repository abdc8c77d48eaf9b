#include "cli/commands.hpp"
#include "config/config.hpp"

namespace keeper::cli {

ExitCode run(const SchemaOptions&, const GlobalOptions&, Environment& env) {
    env.console.print(config_schema());
    return ExitCode::done;
}

} // namespace keeper::cli
