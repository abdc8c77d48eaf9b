#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "model/facts.hpp"

namespace keeper {

/// What a TCP segment says about the beginning of a connection.
struct Segment {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    bool syn = false;
    bool ack = false;
    bool mp_capable = false; ///< option 30 of subtype 0, RFC 8684
    bool padded = false;     ///< a run of NOPs in the place of an option of 10 bytes or more
    friend bool operator==(const Segment&, const Segment&) = default;
};
/// Reads a packet from its IP header on; nothing for a fragment, another protocol or one that is cut off.
/// IPv6 packets with extension headers are not read.
[[nodiscard]] std::optional<Segment> parse_segment(std::span<const std::uint8_t> packet);

/// A view of the packets of one local TCP port as they leave this host and as they come in, past and before
/// its own firewall (packet(7)). Needs CAP_NET_RAW.
class FlowWatch {
  public:
    [[nodiscard]] static Result<FlowWatch> create(std::uint16_t local_port);
    /// Takes what came meanwhile into the facts. Never waits.
    void collect(ProbeFact& probe);

  private:
    FlowWatch(UniqueFd socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}

    UniqueFd socket_;
    std::uint16_t port_;
};

} // namespace keeper
