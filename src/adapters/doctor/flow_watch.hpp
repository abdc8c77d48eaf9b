// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "model/facts.hpp"

namespace keeper {

/// What a TCP segment reveals about the start of a connection.
struct Segment {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    bool syn = false;
    bool ack = false;
    bool mp_capable = false; ///< option 30 with subtype 0, RFC 8684
    bool padded = false;     ///< consecutive NOPs in place of an option of 10 bytes or more
    friend bool operator==(const Segment&, const Segment&) = default;
};
/// Parses a packet from its IP header on; std::nullopt for a fragment, another protocol or a truncated
/// packet. IPv6 packets with extension headers are not supported.
[[nodiscard]] std::optional<Segment> parse_segment(std::span<const std::uint8_t> packet);

/// Captures the packets of one local TCP port outside of this host's own firewall: outgoing ones after it,
/// incoming ones before it (packet(7)). Requires CAP_NET_RAW.
class FlowWatch {
  public:
    [[nodiscard]] static Result<FlowWatch> create(std::uint16_t local_port);
    /// Adds the packets that have arrived to the facts. Never blocks.
    void collect(ProbeFact& probe);

  private:
    FlowWatch(UniqueFd socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}

    UniqueFd socket_;
    std::uint16_t port_;
};

} // namespace keeper
