#pragma once

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/monitor_port.hpp"

namespace keeper {

/// The events of the kernel's path manager in the network namespace in which it is made. What arrives waits
/// in the socket until collect(), and behind that until take(). Not thread-safe.
class MptcpEvents final : public PollSource {
  public:
    /// Room for some 30,000 events, half a minute of 1,000 connections a second.
    static constexpr int ample_buffer = 32 * 1024 * 1024;

    /// `buffer_size`: bytes that the kernel may hold back for this socket. ErrorKind::not_permitted without
    /// CAP_NET_ADMIN, unavailable where the kernel has no such events.
    [[nodiscard]] static Result<MptcpEvents> create(int buffer_size = ample_buffer);

    [[nodiscard]] pollfd interest() override { return {fd_.get(), POLLIN, 0}; }
    [[nodiscard]] Events collect() override;
    [[nodiscard]] MptcpNews take();

  private:
    explicit MptcpEvents(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
    MptcpNews news_;
};

} // namespace keeper
