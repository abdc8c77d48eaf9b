// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "config/grammar/validate.hpp"
#include "model/kernel_bounds.hpp"

namespace keeper {

namespace {

void merge_limit(
    const YamlNode& section,
    std::string_view name,
    std::optional<Declared<std::uint32_t>>& limit,
    FileReport& report) {
    const YamlMember* member = section.find(name);
    if (member == nullptr || !member->value.is_valid) {
        return;
    }
    if (member->value.kind == NodeKind::null) {
        limit.reset();
        return;
    }
    const std::int64_t value = to_integer(member->value);
    if (value > std::int64_t{least_limit_maximum}) {
        report.remark(
            member->value.place,
            fmt::format("kernels before 7.2 accept at most {} for {}", least_limit_maximum, name));
    }
    limit = {static_cast<std::uint32_t>(value), report.source(member->place)};
}

} // namespace

void merge_limits(const YamlNode& section, DesiredState& desired, FileReport& report) {
    if (section.kind == NodeKind::null) {
        desired.subflows.reset();
        desired.add_addr_accepted.reset();
    }
    merge_limit(section, "subflows", desired.subflows, report);
    merge_limit(section, "add_addr_accepted", desired.add_addr_accepted, report);
}

} // namespace keeper
