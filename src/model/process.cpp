// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/process.hpp"

namespace keeper {

std::string describe_process(std::string_view name, std::int64_t pid, std::string_view unit) {
    std::string text(name);
    text.append(" (pid ").append(std::to_string(pid));
    return text.append(unit.empty() ? "" : ", ").append(unit).append(")");
}

std::string describe(const ObservedProcess& process) {
    return describe_process(process.name, process.pid, process.unit);
}

} // namespace keeper
