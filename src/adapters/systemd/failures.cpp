// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/failures.hpp"

#include <charconv>
#include <vector>

#include "adapters/systemd/systemctl.hpp"
#include "base/text/lines.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

using Properties = std::map<std::string, std::string>;

/// The properties of the next unit in the output of `systemctl show`: an empty line separates units.
Properties take_unit(std::string_view& shown) {
    Properties properties;
    while (!shown.empty()) {
        std::string_view value = take_line(shown);
        if (value.empty()) {
            break;
        }
        const std::string name(take_field(value, '='));
        properties[name] = value;
    }
    return properties;
}

/// "/usr/bin/x" of "{ path=/usr/bin/x ; argv[]=…".
std::string path_of_command(std::string_view command) {
    constexpr std::string_view key = "path=";
    const std::size_t at = command.find(key);
    if (at == command.npos) {
        return "";
    }
    command.remove_prefix(at + key.size());
    return std::string(command.substr(0, command.find(" ;")));
}

FailedService failure_of(Properties& properties) {
    FailedService failure{
        .result = properties["Result"],
        .status = properties["ExecMainStatus"],
        .executable = path_of_command(properties["ExecStart"])};
    const std::string& started = properties["InactiveExitTimestampMonotonic"];
    std::from_chars(started.data(), started.data() + started.size(), failure.started_us);
    return failure;
}

} // namespace

std::map<std::string, FailedService> read_failures(const std::set<std::string>& units) {
    std::map<std::string, FailedService> failures;
    if (units.empty()) {
        return failures;
    }
    std::vector<std::string> arguments{
        "show",
        "--property=Id,ActiveState,SubState,Result,ExecMainStatus,ExecStart,InactiveExitTimestampMonotonic",
        "--"};
    arguments.insert(arguments.end(), units.begin(), units.end());
    const auto shown = systemctl_output(std::move(arguments), std::chrono::seconds(10));
    for (std::string_view rest = shown ? std::string_view(*shown) : ""; !rest.empty();) {
        Properties properties = take_unit(rest);
        if (properties["ActiveState"] == "failed" || properties["SubState"].starts_with("auto-restart")) {
            failures.emplace(properties["Id"], failure_of(properties));
        }
    }
    return failures;
}

} // namespace keeper
