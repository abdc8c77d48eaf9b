// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/mptcp_flags.hpp"

#include <array>
#include <charconv>

namespace keeper {

namespace {

struct NamedMptcpFlag {
    MptcpFlag flag;
    std::string_view name;
};

constexpr std::array<NamedMptcpFlag, 9> named_mptcp_flags{{
    {MptcpFlag::disabled, "disabled"},
    {MptcpFlag::enabled, "enabled"},
    {MptcpFlag::also_without_sysctl, "also-without-sysctl"},
    {MptcpFlag::also_without_default_route, "also-without-default-route"},
    {MptcpFlag::signal, "signal"},
    {MptcpFlag::subflow, "subflow"},
    {MptcpFlag::backup, "backup"},
    {MptcpFlag::fullmesh, "fullmesh"},
    {MptcpFlag::laminar, "laminar"},
}};

} // namespace

std::optional<MptcpFlag> parse_mptcp_flag(std::string_view name) {
    for (const NamedMptcpFlag& entry : named_mptcp_flags) {
        if (entry.name == name) {
            return entry.flag;
        }
    }
    return std::nullopt;
}

std::vector<std::string> names(MptcpFlags flags) {
    if (flags.empty()) {
        return {"default"};
    }
    std::vector<std::string> result;
    std::uint32_t unnamed = flags.raw();
    for (const NamedMptcpFlag& entry : named_mptcp_flags) {
        if (flags.has(entry.flag)) {
            result.emplace_back(entry.name);
            unnamed &= ~static_cast<std::uint32_t>(entry.flag);
        }
    }
    if (unnamed != 0) {
        std::array<char, 8> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), unnamed, 16).ptr;
        result.push_back("0x" + std::string(digits.data(), end));
    }
    return result;
}

std::string to_string(MptcpFlags flags) {
    std::string result;
    for (const std::string& name : names(flags)) {
        result += result.empty() ? name : "," + name;
    }
    return result;
}

const std::vector<std::string>& mptcp_flag_names() {
    static const std::vector<std::string> result = [] {
        std::vector<std::string> all{"default"};
        for (const NamedMptcpFlag& entry : named_mptcp_flags) {
            all.emplace_back(entry.name);
        }
        return all;
    }();
    return result;
}

std::optional<std::string> refusal_of(MptcpFlags flags) {
    if (flags.has(MptcpFlag::disabled) && flags != MptcpFlags{MptcpFlag::disabled}) {
        return "disabled cannot be combined with other flags";
    }
    if (flags.has(MptcpFlag::signal) && flags.has(MptcpFlag::fullmesh)) {
        return "signal cannot be combined with fullmesh; remove one of them";
    }
    return std::nullopt;
}

bool makes_endpoints(MptcpFlags flags) {
    return !flags.empty() && !flags.has(MptcpFlag::disabled);
}

EndpointFlags to_endpoint_flags(MptcpFlags flags) {
    EndpointFlags result;
    const auto translate = [&](MptcpFlag from, EndpointFlag to) {
        if (flags.has(from)) {
            result = result.with(to);
        }
    };
    translate(MptcpFlag::signal, EndpointFlag::signal);
    translate(MptcpFlag::subflow, EndpointFlag::subflow);
    translate(MptcpFlag::backup, EndpointFlag::backup);
    translate(MptcpFlag::fullmesh, EndpointFlag::fullmesh);
    translate(MptcpFlag::laminar, EndpointFlag::laminar);
    return result;
}

} // namespace keeper
