// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/failed_services.hpp"

#include <charconv>

#include "base/text/lines.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

using Properties = std::map<std::string, std::string>;

/// Whether the value of an Exec…= property ends here. Arguments of the command may contain line feeds.
bool is_complete(std::string_view value) {
    return !value.starts_with("{ path=") || (value.ends_with(" }") && value.find(" ; code=") != value.npos);
}

/// The properties of the next unit in the output of `systemctl show`: an empty line separates units.
Properties take_unit(std::string_view& shown) {
    Properties properties;
    while (!shown.empty()) {
        std::string_view line = take_line(shown);
        if (line.empty()) {
            break;
        }
        const std::string name(take_field(line, '='));
        std::string value(line);
        while (!is_complete(value) && !shown.empty()) {
            value += "\n" + std::string(take_line(shown));
        }
        properties.emplace(name, std::move(value)); // the first of several commands
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

bool has_failed(Properties& properties) {
    return properties["ActiveState"] == "failed" ||
           (properties["SubState"].starts_with("auto-restart") && properties["Result"] != "success");
}

FailedService failure_of(Properties& properties) {
    FailedService failure{
        .result = properties["Result"],
        .status = properties["ExecMainStatus"],
        .executable = path_of_command(properties["ExecStart"])};
    const std::string& started = properties["ExecMainStartTimestampMonotonic"];
    std::from_chars(started.data(), started.data() + started.size(), failure.started_us);
    return failure;
}

} // namespace

std::map<std::string, FailedService> parse_failures(std::string_view shown) {
    std::map<std::string, FailedService> failures;
    while (!shown.empty()) {
        Properties properties = take_unit(shown);
        if (has_failed(properties)) {
            failures.emplace(properties["Id"], failure_of(properties));
        }
    }
    return failures;
}

} // namespace keeper
