// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "netlink/netlink_socket.hpp"
#include "ports/link_port.hpp"

namespace keeper {

/// The interfaces of the network namespace of the first call, through rtnetlink: three dumps per call. Not
/// thread-safe. A default route via a nexthop object is seen as long as the kernel includes its interface in
/// the route (net.ipv4.nexthop_compat_mode=1, the default).
class NetlinkLinks : public LinkPort {
  public:
    NetlinkLinks();
    [[nodiscard]] Result<std::vector<Link>> links() override;
    [[nodiscard]] std::map<std::string, int> rp_filters(const std::vector<std::string>& names) override;

  private:
    netlink::NetlinkSocket socket_;
};

} // namespace keeper
