// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"

namespace keeper {

/// rtnetlink's groups for links, addresses and routes. Messages are not parsed: each one, like an overrun,
/// only means that something may have changed.
class LinkWatch final : public PollSource {
  public:
    [[nodiscard]] static Result<LinkWatch> create();

    [[nodiscard]] pollfd interest() override { return {fd_.get(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override;

  private:
    explicit LinkWatch(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

} // namespace keeper
