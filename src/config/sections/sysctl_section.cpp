// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "config/grammar/validate.hpp"
#include "model/sysctl_table.hpp"

namespace keeper {

namespace {

constexpr std::string_view prefix = "net.mptcp.";

/// The value in the kernel's notation.
std::string canonical(const YamlNode& value, const SysctlSpec* sysctl) {
    if (sysctl != nullptr && sysctl->type == SysctlType::boolean) {
        return to_boolean(value) ? "1" : "0";
    }
    return value.text;
}

void warn_of_unknown(const YamlMember& member, std::string_view name, FileReport& report) {
    report.warning(
        member.place, fmt::format("unknown sysctl net.mptcp.{}; it will be set if the kernel has it", name));
}

} // namespace

void merge_sysctl(const YamlNode& section, DesiredState& desired, FileReport& report) {
    if (section.kind == NodeKind::null) {
        desired.sysctls.clear();
    }
    std::map<std::string, int> lines;
    for (const YamlMember& member : section.members) {
        std::string_view name = member.key;
        name.remove_prefix(name.starts_with(prefix) ? prefix.size() : 0);
        const auto [other, is_new] = lines.emplace(name, member.place.line);
        if (!is_new) {
            report.error(
                member.place,
                fmt::format("net.mptcp.{} is already on line {}; keep one of them", name, other->second));
            continue;
        }
        if (!member.value.is_valid) {
            continue;
        }
        const SysctlSpec* sysctl = find_sysctl(name);
        if (sysctl == nullptr) {
            warn_of_unknown(member, name, report);
        }
        if (member.value.kind == NodeKind::null) {
            desired.sysctls.erase(std::string(name));
        } else {
            desired.sysctls.insert_or_assign(
                std::string(name),
                Declared<std::string>{canonical(member.value, sysctl), report.source(member.place)});
        }
    }
}

} // namespace keeper
