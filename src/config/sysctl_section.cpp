#include "config/sections.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "config/nearest.hpp"
#include "config/validate.hpp"
#include "model/sysctl_table.hpp"

namespace keeper {

namespace {

constexpr std::string_view prefix = "net.mptcp.";

/// The known sysctl that an unknown name most likely means.
std::optional<std::string> intended(std::string_view name) {
    std::vector<std::string> known;
    for (const SysctlSpec& sysctl : known_sysctls()) {
        known.emplace_back(sysctl.name);
    }
    // The out-of-tree kernel had net.mptcp.mptcp_enabled and the like; many tutorials still do.
    constexpr std::string_view out_of_tree = "mptcp_";
    if (name.starts_with(out_of_tree)) {
        const std::string_view rest = name.substr(out_of_tree.size());
        if (rest == "checksum") {
            return "checksum_enabled";
        }
        return nearest(rest, known);
    }
    return nearest(name, known);
}

/// The value as the kernel shows it.
std::string canonical(const YamlNode& value, const SysctlSpec* sysctl) {
    if (sysctl != nullptr && sysctl->type == SysctlType::boolean) {
        return to_boolean(value) ? "1" : "0";
    }
    return value.text;
}

/// Reports an unknown name; whether it can be taken as it is.
bool accepts_unknown(const YamlMember& member, std::string_view name, FileReport& report) {
    if (const auto meant = intended(name)) {
        report.error(
            member.place, fmt::format("unknown sysctl {}: did you mean {}?", quoted(member.key), *meant));
        return false;
    }
    report.warning(
        member.place,
        fmt::format(
            "net.mptcp.{} is not a sysctl that mptcp-keeper knows: it is set if the kernel has it", name));
    return true;
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
                fmt::format("net.mptcp.{} is already in line {}: keep one of them", name, other->second));
            continue;
        }
        if (!member.value.is_sound) {
            continue;
        }
        const SysctlSpec* sysctl = find_sysctl(name);
        if (sysctl == nullptr && !accepts_unknown(member, name, report)) {
            continue;
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
