// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "netlink/netlink_socket.hpp"
#include "ports/connection_port.hpp"

namespace keeper {

/// Live MPTCP connections of the network namespace of the first call, through sock_diag. If there are no
/// MPTCP sockets, the TCP sockets are not dumped, since that walks the kernel's whole hash table. Not
/// thread-safe.
class DiagConnections : public ConnectionPort {
  public:
    DiagConnections();
    [[nodiscard]] Result<std::vector<Connection>> connections() override;

  private:
    netlink::NetlinkSocket socket_;
};

} // namespace keeper
