// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <utility>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"

namespace keeper {

/// rtnetlink's groups for links, addresses and routes of this network namespace. Reports which links,
/// addresses and default routes an event of the kernel concerns, or Event::links_changed if that is not
/// known: after an overrun, for an event that cannot be parsed, and for more changes at once than are worth
/// distinguishing.
class LinkWatch final : public PollSource {
  public:
    /// In bytes; the kernel grants twice as many, since it counts its own overhead, and uses them only while
    /// events are queued. An overrun means that everything is read again. An event about a link occupies
    /// 2.3 KiB, and a veth pair that is created and brought up causes six (Linux 6.18): the default of most
    /// hosts, 208 KiB, is full after 15 pairs while the daemon is busy, and this size after about 600.
    static constexpr int default_buffer_size = 4 * 1024 * 1024;
    /// Different changes in one collect(); the details of more are dropped.
    static constexpr std::size_t most_changes = 4000;

    /// Fails if the kernel refuses the socket. A smaller buffer, or no filter, is not a failure.
    [[nodiscard]] static Result<LinkWatch> create(int buffer_size = default_buffer_size);

    [[nodiscard]] pollfd interest() override { return {fd_.get(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override;
    [[nodiscard]] bool reports_changes() const override { return true; }

  private:
    explicit LinkWatch(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

} // namespace keeper
