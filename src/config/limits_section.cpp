#include "config/sections.hpp"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "config/validate.hpp"

namespace keeper {

namespace {

/// What every kernel with MPTCP takes; newer ones than 6.18 take up to 64.
constexpr std::int64_t common_maximum = 8;

void merge_limit(
    const YamlNode& section,
    std::string_view name,
    std::optional<Declared<std::uint32_t>>& limit,
    FileReport& report) {
    const YamlMember* member = section.find(name);
    if (member == nullptr || !member->value.is_sound) {
        return;
    }
    if (member->value.kind == NodeKind::null) {
        limit.reset();
        return;
    }
    const std::int64_t value = to_integer(member->value);
    if (value > common_maximum) {
        report.warning(
            member->value.place,
            fmt::format("kernels up to 6.18 take at most {} for {}", common_maximum, name));
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
