// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/path_manager.hpp"

#include <linux/genetlink.h>
#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace keeper::netlink {

namespace {

Request generic_request(FamilyId family, std::uint8_t command, std::uint8_t version, std::uint16_t flags) {
    Request request(family.value, flags);
    request.header(genlmsghdr{command, version, 0});
    return request;
}

Request path_manager_request(FamilyId family, std::uint8_t command, std::uint16_t flags = 0) {
    return generic_request(family, command, MPTCP_PM_VER, flags);
}

void put_address(Request& request, const SocketAddress& key) {
    const bool is_ipv4 = key.address.family() == Family::ipv4;
    const Bytes address = Bytes(key.address.bytes()).first(is_ipv4 ? 4 : 16);
    request.u16(MPTCP_PM_ADDR_ATTR_FAMILY, is_ipv4 ? AF_INET : AF_INET6);
    request.attribute(is_ipv4 ? MPTCP_PM_ADDR_ATTR_ADDR4 : MPTCP_PM_ADDR_ATTR_ADDR6, address);
    if (key.port != 0) {
        request.u16(MPTCP_PM_ADDR_ATTR_PORT, key.port);
    }
}

void put_id(Request& request, EndpointId id) {
    // An explicit id of 0 does not request a free one: the kernel would use the number 0.
    if (id.value != 0) {
        request.u8(MPTCP_PM_ADDR_ATTR_ID, id.value);
    }
}

/// The fields of an address nest, as far as they are present.
struct AddressNest {
    std::optional<std::uint16_t> family;
    Bytes address4;
    Bytes address6;
    std::optional<std::uint8_t> id;
    Endpoint endpoint;
};

void read_field(AddressNest& nest, const Attribute& attribute) {
    switch (attribute.type) {
    case MPTCP_PM_ADDR_ATTR_FAMILY:
        nest.family = attribute.u16();
        break;
    case MPTCP_PM_ADDR_ATTR_ID:
        nest.id = attribute.u8();
        break;
    case MPTCP_PM_ADDR_ATTR_ADDR4:
        nest.address4 = attribute.payload;
        break;
    case MPTCP_PM_ADDR_ATTR_ADDR6:
        nest.address6 = attribute.payload;
        break;
    case MPTCP_PM_ADDR_ATTR_PORT:
        nest.endpoint.key.port = attribute.u16().value_or(0);
        break;
    case MPTCP_PM_ADDR_ATTR_FLAGS:
        nest.endpoint.flags = EndpointFlags::from_raw(attribute.u32().value_or(0));
        break;
    case MPTCP_PM_ADDR_ATTR_IF_IDX:
        nest.endpoint.ifindex.value = static_cast<std::int32_t>(attribute.u32().value_or(0));
        break;
    default: // attributes of newer kernels
        break;
    }
}

std::optional<Endpoint> parse_address_nest(Bytes attributes) {
    AddressNest nest;
    for_each_attribute(attributes, [&](const Attribute& attribute) { read_field(nest, attribute); });
    const bool is_ipv4 = nest.family == AF_INET;
    const bool is_ipv6 = nest.family == AF_INET6;
    if (!nest.id || !(is_ipv4 || is_ipv6)) {
        return std::nullopt;
    }
    const Bytes bytes = is_ipv4 ? nest.address4 : nest.address6;
    if (bytes.size() != (is_ipv4 ? 4U : 16U)) {
        return std::nullopt;
    }
    nest.endpoint.key.address = *IpAddress::from_bytes(bytes.data(), bytes.size());
    nest.endpoint.id = EndpointId{*nest.id};
    return nest.endpoint;
}

} // namespace

Request family_request(std::string_view name) {
    Request request = generic_request(FamilyId{GENL_ID_CTRL}, CTRL_CMD_GETFAMILY, 1, 0);
    request.text(CTRL_ATTR_FAMILY_NAME, name);
    return request;
}

std::optional<FamilyId> parse_family(const Message& message) {
    std::optional<FamilyId> result;
    for_each_attribute(after(message.payload, sizeof(genlmsghdr)), [&](const Attribute& attribute) {
        if (attribute.type == CTRL_ATTR_FAMILY_ID && attribute.u16()) {
            result = FamilyId{*attribute.u16()};
        }
    });
    return result;
}

Request limits_request(FamilyId family) {
    return path_manager_request(family, MPTCP_PM_CMD_GET_LIMITS);
}

Request set_limits_request(FamilyId family, const LimitsPatch& patch) {
    Request request = path_manager_request(family, MPTCP_PM_CMD_SET_LIMITS);
    if (patch.add_addr_accepted) {
        request.u32(MPTCP_PM_ATTR_RCV_ADD_ADDRS, *patch.add_addr_accepted);
    }
    if (patch.subflows) {
        request.u32(MPTCP_PM_ATTR_SUBFLOWS, *patch.subflows);
    }
    return request;
}

Request endpoints_request(FamilyId family) {
    return path_manager_request(family, MPTCP_PM_CMD_GET_ADDR, NLM_F_DUMP);
}

Request add_endpoint_request(FamilyId family, const Endpoint& endpoint) {
    Request request = path_manager_request(family, MPTCP_PM_CMD_ADD_ADDR);
    request.begin_nest(MPTCP_PM_ATTR_ADDR);
    put_address(request, endpoint.key);
    put_id(request, endpoint.id);
    request.u32(MPTCP_PM_ADDR_ATTR_FLAGS, endpoint.flags.raw());
    if (endpoint.ifindex.value != 0) {
        request.u32(MPTCP_PM_ADDR_ATTR_IF_IDX, static_cast<std::uint32_t>(endpoint.ifindex.value));
    }
    request.end_nest();
    return request;
}

Request remove_endpoint_request(FamilyId family, EndpointId id) {
    Request request = path_manager_request(family, MPTCP_PM_CMD_DEL_ADDR);
    request.begin_nest(MPTCP_PM_ATTR_ADDR);
    put_id(request, id);
    request.end_nest();
    return request;
}

Request set_flags_request(FamilyId family, const Endpoint& endpoint) {
    const EndpointFlags changeable{EndpointFlag::backup, EndpointFlag::fullmesh};
    Request request = path_manager_request(family, MPTCP_PM_CMD_SET_FLAGS);
    request.begin_nest(MPTCP_PM_ATTR_ADDR);
    put_address(request, endpoint.key);
    put_id(request, endpoint.id);
    request.u32(MPTCP_PM_ADDR_ATTR_FLAGS, (endpoint.flags & changeable).raw());
    request.end_nest();
    return request;
}

std::optional<Limits> parse_limits(const Message& message) {
    std::optional<std::uint32_t> subflows;
    std::optional<std::uint32_t> accepted;
    for_each_attribute(after(message.payload, sizeof(genlmsghdr)), [&](const Attribute& attribute) {
        if (attribute.type == MPTCP_PM_ATTR_SUBFLOWS) {
            subflows = attribute.u32();
        } else if (attribute.type == MPTCP_PM_ATTR_RCV_ADD_ADDRS) {
            accepted = attribute.u32();
        }
    });
    if (!subflows || !accepted) {
        return std::nullopt;
    }
    return Limits{*subflows, *accepted};
}

std::optional<Endpoint> parse_endpoint(const Message& message) {
    std::optional<Endpoint> result;
    for_each_attribute(after(message.payload, sizeof(genlmsghdr)), [&](const Attribute& attribute) {
        if (attribute.type == MPTCP_PM_ATTR_ADDR) {
            result = parse_address_nest(attribute.payload);
        }
    });
    return result;
}

} // namespace keeper::netlink
