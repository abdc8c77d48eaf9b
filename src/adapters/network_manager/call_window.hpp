// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace keeper {

/// Runs asynchronous items, a few at a time, since the system bus refuses more than some hundred calls in
/// flight. Each item calls the function that it was given when it has ended, at once or later. The object
/// lives at least as long as an item is in progress.
class CallWindow : public std::enable_shared_from_this<CallWindow> {
  public:
    using Finished = std::function<void()>;
    using Start = std::function<void(std::size_t index, const Finished& finished)>;

    /// Starts the first `width` items of `count`.
    [[nodiscard]] static std::shared_ptr<CallWindow> open(std::size_t count, std::size_t width, Start start);

    /// Starts no further item.
    void stop() { next_ = count_; }
    /// No item is in progress and none is left.
    [[nodiscard]] bool is_idle() const { return next_ == count_ && under_way_ == 0; }

  private:
    CallWindow(std::size_t count, std::size_t width, Start start)
        : count_(count), width_(width), start_(std::move(start)) {}
    void fill();

    std::size_t count_;
    std::size_t width_;
    Start start_;
    std::size_t next_ = 0;
    std::size_t under_way_ = 0;
    bool filling_ = false;
};

} // namespace keeper
