// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>

#include "adapters/events/poll_source.hpp"
#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"

namespace keeper {

/// inotify on one folder: every write to a file in it is the event. On /proc/sys/net/mptcp it reports each
/// write of user space in the network namespace of the process within about a millisecond.
class FileWatch final : public PollSource {
  public:
    /// `only`: the name of the only file that counts, or "" for all.
    [[nodiscard]] static Result<FileWatch> create(const std::string& folder, std::string only, Event event);

    [[nodiscard]] pollfd interest() override { return {fd_.get(), POLLIN, 0}; }
    [[nodiscard]] Wakeup collect() override;

  private:
    FileWatch(UniqueFd fd, UniqueFd folder, std::string only, Event event)
        : fd_(std::move(fd)), folder_(std::move(folder)), only_(std::move(only)), event_(event) {}

    UniqueFd fd_;
    UniqueFd folder_; ///< keeps the kernel from dropping the inode and its watch
    std::string only_;
    Event event_;
};

} // namespace keeper
