// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/monitor_port.hpp"

namespace keeper {

/// The events of the kernel's path manager in the network namespace in which the object is created. Events
/// stay in the socket until collect(), then in the object until take(). Not thread-safe.
class MptcpEvents final : public PollSource {
  public:
    /// Room for about 30,000 events: half a minute of 1,000 connections per second.
    static constexpr int ample_buffer = 32 * 1024 * 1024;

    /// `buffer_size`: bytes that the kernel may buffer for this socket. ErrorKind::not_permitted without
    /// CAP_NET_ADMIN, unavailable if the kernel has no such events.
    [[nodiscard]] static Result<MptcpEvents> create(int buffer_size = ample_buffer);

    [[nodiscard]] pollfd interest() override { return {fd_.get(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override;
    [[nodiscard]] MptcpNews take();

  private:
    explicit MptcpEvents(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
    MptcpNews news_;
};

} // namespace keeper
