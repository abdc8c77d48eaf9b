// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "adapters/events/poll_source.hpp"

namespace keeper {

/// Notices that the other end of an output pipe was closed, which means stop. Borrows the descriptor; a file
/// or a terminal always has a reader.
class ReaderWatch final : public PollSource {
  public:
    explicit ReaderWatch(int fd) : fd_(fd) {}

    [[nodiscard]] pollfd interest() override { return {fd_, 0, 0}; }
    [[nodiscard]] Wakeup collect() override {
        pollfd end{fd_, 0, 0};
        return ::poll(&end, 1, 0) > 0 && (end.revents & (POLLERR | POLLNVAL)) != 0 ? Events{Event::stop}
                                                                                   : Events{};
    }

  private:
    int fd_;
};

} // namespace keeper
