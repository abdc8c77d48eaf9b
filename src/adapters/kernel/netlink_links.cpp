// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/netlink_links.hpp"

#include <fstream>

#include <linux/netlink.h>

#include "netlink/codec/links.hpp"

namespace keeper {

NetlinkLinks::NetlinkLinks() : socket_(NETLINK_ROUTE) {}

Result<std::vector<Link>> NetlinkLinks::links() {
    auto links = socket_.dump(netlink::links_request(), netlink::parse_link);
    if (!links) {
        return fail("cannot read the interfaces", netlink::to_error(links.error()));
    }
    const auto addresses = socket_.dump(netlink::addresses_request(), netlink::parse_address);
    if (!addresses) {
        return fail("cannot read the interfaces' addresses", netlink::to_error(addresses.error()));
    }
    const auto routes = socket_.dump(netlink::routes_request(), netlink::parse_default_route);
    if (!routes) {
        return fail("cannot read the default routes", netlink::to_error(routes.error()));
    }
    return netlink::assemble_links(std::move(*links), *addresses, *routes);
}

std::map<std::string, int> NetlinkLinks::rp_filters(const std::vector<std::string>& names) {
    std::map<std::string, int> values;
    for (const std::string& name : names) {
        std::ifstream file("/proc/sys/net/ipv4/conf/" + name + "/rp_filter");
        int value = 0;
        if (file >> value) {
            values.emplace(name, value);
        }
    }
    return values;
}

} // namespace keeper
