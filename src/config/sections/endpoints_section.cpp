// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/sections/sections.hpp"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "config/grammar/validate.hpp"
#include "model/endpoint.hpp"

namespace keeper {

namespace {

EndpointFlags flags_of(const YamlNode* node) {
    EndpointFlags flags;
    if (node != nullptr) {
        for (const Word& word : split_words(*node)) {
            if (const auto flag = parse_endpoint_flag(word.text)) {
                flags = flags.with(*flag);
            }
        }
    }
    return flags;
}

/// Reports flags that the kernel refuses or accepts without effect (mptcp_pm_nl_add_addr_doit).
void check_flags(EndpointFlags flags, Place place, FileReport& report) {
    using enum EndpointFlag;
    if (flags.has(signal) && flags.has(fullmesh)) {
        report.error(place, "signal cannot be combined with fullmesh; remove one of them");
    } else if (flags.has(fullmesh) && !flags.has(subflow)) {
        report.warning(
            place,
            "fullmesh without subflow: the endpoint is only used for addresses announced by the peer, within "
            "add_addr_accepted; add subflow to also use it for the peer's initial address");
    }
    if (flags == EndpointFlags{backup}) {
        report.error(place, "backup alone has no effect; add subflow or signal");
    }
}

/// Reports a port that the kernel refuses for these flags.
void check_port(EndpointFlags flags, Place place, FileReport& report) {
    using enum EndpointFlag;
    if (!flags.has(signal)) {
        report.error(place, "port requires the flag signal");
    }
    if (flags.has(subflow)) {
        report.error(place, "port cannot be combined with the flag subflow; remove one of them");
    }
}

/// Reports invalid combinations of keys of an endpoint that is not `state: absent`.
void check_present(const YamlNode& item, EndpointFlags flags, FileReport& report) {
    const YamlMember* written = item.find("flags");
    if (written == nullptr) {
        report.error(
            item.place, "flags is missing; add how the endpoint is used, such as [signal] or [subflow]");
        return;
    }
    if (!written->value.is_valid) {
        return;
    }
    check_flags(flags, written->value.place, report);
    if (const YamlMember* port = item.find("port")) {
        check_port(flags, port->value.place, report);
    }
}

void check_address(const YamlNode& node, const IpAddress& address, const YamlNode& item, FileReport& report) {
    if (address.is_link_local() && item.find("interface") == nullptr) {
        report.error(node.place, "a link-local address requires `interface`");
    }
    if (address.is_loopback()) {
        report.warning(node.place, "a loopback address cannot reach other hosts");
    }
}

struct NewEndpoint {
    SocketAddress key;
    DesiredEndpoint endpoint;
};

/// The endpoint that an item declares; std::nullopt if its address or port was refused.
std::optional<NewEndpoint> endpoint_of(const YamlNode& item, FileReport& report) {
    NewEndpoint result;
    result.endpoint.source = report.source(item.place);
    result.endpoint.absent = item.find("state") != nullptr;
    result.endpoint.flags = flags_of(item.find_valid("flags"));
    if (const YamlNode* interface = item.find_valid("interface")) {
        result.endpoint.interface = interface->text;
    }
    if (const YamlNode* id = item.find_valid("id")) {
        result.endpoint.id = EndpointId{static_cast<std::uint8_t>(to_integer(*id))};
    }
    const YamlMember* port = item.find("port");
    if (port != nullptr && port->value.is_valid) {
        result.key.port = static_cast<std::uint16_t>(to_integer(port->value));
    }
    const YamlNode* address_node = item.find_valid("address");
    const auto address = address_node != nullptr ? IpAddress::parse(address_node->text) : std::nullopt;
    if (!result.endpoint.absent) {
        check_present(item, result.endpoint.flags, report);
        if (address) {
            check_address(*address_node, *address, item, report);
        }
    }
    if (!address || (port != nullptr && !port->value.is_valid)) {
        return std::nullopt;
    }
    result.key.address = *address;
    return result;
}

} // namespace

void merge_endpoints(const YamlNode& section, DesiredState& desired, FileReport& report) {
    if (section.kind == NodeKind::null) {
        desired.endpoints.clear();
    }
    std::map<SocketAddress, int> lines;
    for (const YamlNode& item : section.items) {
        if (item.kind != NodeKind::map) {
            continue;
        }
        auto declared = endpoint_of(item, report);
        if (!declared) {
            continue;
        }
        const auto [other, is_new] = lines.emplace(declared->key, item.place.line);
        if (!is_new) {
            report.error(
                item.place,
                fmt::format(
                    "endpoint {} is already on line {}; keep one of them",
                    to_string(declared->key),
                    other->second));
            continue;
        }
        desired.endpoints.insert_or_assign(declared->key, std::move(declared->endpoint));
    }
}

} // namespace keeper
