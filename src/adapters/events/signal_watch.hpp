// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"

namespace keeper {

/// SIGTERM and SIGINT mean stop, SIGHUP reload, and SIGUSR1, which commands of older releases send, a check
/// of everything. Blocks them for the process, so that they arrive only while the daemon waits.
class SignalWatch final : public PollSource {
  public:
    [[nodiscard]] static Result<SignalWatch> create();

    [[nodiscard]] pollfd interest() override { return {fd_.get(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override;

  private:
    explicit SignalWatch(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

} // namespace keeper
