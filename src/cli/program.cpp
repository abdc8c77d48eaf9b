#include <algorithm>

#include "cli/commands.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

ExitCode answer(const CommandLine& line, bool wants_json, Environment& env) {
    if (const auto* information = std::get_if<Information>(&line)) {
        env.console.print(information->text);
        return ExitCode::done;
    }
    if (const auto* error = std::get_if<UsageError>(&line)) {
        env.console.error(error->message + "; try `" + error->help_command + "`");
        if (wants_json) {
            env.console.print(error_json(error->message));
        }
        return ExitCode::usage;
    }
    const auto& invocation = std::get<Invocation>(line);
    env.console.set_level(invocation.global.log_level);
    return std::visit(
        [&](const auto& options) { return run(options, invocation.global, env); }, invocation.command);
}

} // namespace

ExitCode run_program(std::vector<std::string> arguments, Environment& env) {
    const auto ours = std::find(arguments.begin(), arguments.end(), "--"); // behind it: the program of `run`
    const bool wants_json = std::find(arguments.begin(), ours, "--json") != ours;
    const CommandLine line = parse_command_line(std::move(arguments), env.version);
    const ExitCode code = answer(line, wants_json, env);
    if (const auto written = env.console.finish(); !written) {
        env.console.error(written.error().message);
        return ExitCode::failed;
    }
    return code;
}

} // namespace keeper::cli
