// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/systemctl.hpp"

#include <filesystem>
#include <utility>

#include "adapters/processes/run_program.hpp"

namespace keeper {

bool is_systemd_running() {
    return std::filesystem::is_directory("/run/systemd/system");
}

Result<std::string> systemctl_output(std::vector<std::string> arguments, std::chrono::seconds limit) {
    arguments.insert(arguments.begin(), "systemctl");
    const auto output = run_program(arguments, limit);
    if (!output) {
        return propagate(output);
    }
    if (output->exit_code != 0) {
        std::string message = output->err.substr(0, output->err.find('\n'));
        return fail(message.empty() ? "systemctl " + arguments[1] + " failed" : std::move(message));
    }
    return output->out;
}

Result<void> run_systemctl(std::vector<std::string> arguments, std::chrono::seconds limit) {
    const auto output = systemctl_output(std::move(arguments), limit);
    return output ? Result<void>() : propagate(output);
}

} // namespace keeper
