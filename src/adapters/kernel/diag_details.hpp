#pragma once

#include "netlink/netlink_socket.hpp"
#include "ports/connection_detail_port.hpp"

namespace keeper {

/// Connections through sock_diag, in the network namespace of the first call, and processes through /proc.
/// Not thread-safe.
class DiagDetails final : public ConnectionDetailPort {
  public:
    DiagDetails();
    [[nodiscard]] Result<std::vector<Connection>> details() override;
    [[nodiscard]] ProcessesByInode processes(const std::set<std::uint64_t>& inodes) override;

  private:
    netlink::NetlinkSocket socket_;
};

} // namespace keeper
