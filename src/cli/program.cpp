// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/program.hpp"

#include <algorithm>

#include "cli/command_line.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

ExitCode act_on(const CommandLine& line, bool wants_json, Environment& env) {
    if (const auto* information = std::get_if<Information>(&line)) {
        env.console.print(information->text);
        return ExitCode::done;
    }
    if (const auto* error = std::get_if<UsageError>(&line)) {
        const char* const end = error->message.ends_with('?') ? " Try `" : "; try `";
        env.console.error(error->message + end + error->help_command + "`");
        if (wants_json) {
            env.console.print(error_json(error->message));
        }
        return ExitCode::usage;
    }
    const auto& invocation = std::get<Invocation>(line);
    env.console.set_level(invocation.global.log_level);
    return invocation.run(invocation.global, env);
}

} // namespace

ExitCode run_command_line(std::vector<std::string> arguments, Environment& env) {
    const auto own_end =
        std::find(arguments.begin(), arguments.end(), "--"); // the rest is the program of `run`
    const bool wants_json = std::find(arguments.begin(), own_end, "--json") != own_end;
    const CommandLine line = parse_command_line(std::move(arguments), env.version);
    const ExitCode code = act_on(line, wants_json, env);
    if (const auto written = env.console.finish(); !written) {
        env.console.error(written.error().message);
        return ExitCode::failed;
    }
    return code;
}

} // namespace keeper::cli
