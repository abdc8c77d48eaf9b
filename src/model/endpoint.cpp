// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/endpoint.hpp"

#include <array>
#include <charconv>

namespace keeper {

namespace {

struct NamedEndpointFlag {
    EndpointFlag flag;
    std::string_view name;
};

constexpr std::array<NamedEndpointFlag, 6> named_endpoint_flags{{
    {EndpointFlag::signal, "signal"},
    {EndpointFlag::subflow, "subflow"},
    {EndpointFlag::backup, "backup"},
    {EndpointFlag::fullmesh, "fullmesh"},
    {EndpointFlag::implicit, "implicit"},
    {EndpointFlag::laminar, "laminar"},
}};

} // namespace

std::optional<EndpointFlag> parse_endpoint_flag(std::string_view name) {
    for (const NamedEndpointFlag& entry : named_endpoint_flags) {
        if (entry.name == name) {
            return entry.flag;
        }
    }
    return std::nullopt;
}

std::vector<std::string> names(EndpointFlags flags) {
    std::vector<std::string> result;
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((flags.raw() & bit) == 0) {
            continue;
        }
        std::string name;
        for (const NamedEndpointFlag& entry : named_endpoint_flags) {
            if (static_cast<std::uint32_t>(entry.flag) == bit) {
                name = entry.name;
            }
        }
        if (name.empty()) {
            std::array<char, 8> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bit, 16).ptr;
            name = "0x" + std::string(digits.data(), end);
        }
        result.push_back(std::move(name));
    }
    return result;
}

const std::vector<std::string>& declarable_endpoint_flag_names() {
    static const std::vector<std::string> result{"signal", "subflow", "backup", "fullmesh", "laminar"};
    return result;
}

std::string to_string(const SocketAddress& key) {
    const std::string address = to_string(key.address);
    if (key.port == 0) {
        return address;
    }
    const std::string port = std::to_string(key.port);
    return key.address.family() == Family::ipv6 ? "[" + address + "]:" + port : address + ":" + port;
}

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
    if (const auto address = IpAddress::parse(text)) {
        return SocketAddress{*address, 0};
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const auto address = IpAddress::parse(host);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || !address) {
        return std::nullopt;
    }
    return SocketAddress{*address, port};
}

} // namespace keeper
