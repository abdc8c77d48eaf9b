#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace keeper {

/// Runs a number of asynchronous items with a few of them under way at a time: the system bus refuses more
/// than some hundred calls in flight. Each item says that it has ended by calling what it was given, at
/// once or later. Lives as long as an item is under way, whoever else has let go of it.
class CallWindow : public std::enable_shared_from_this<CallWindow> {
  public:
    using Finished = std::function<void()>;
    using Start = std::function<void(std::size_t index, const Finished& finished)>;

    /// Starts the first `width` items of `count`.
    [[nodiscard]] static std::shared_ptr<CallWindow> open(std::size_t count, std::size_t width, Start start);

    /// Starts no further item.
    void stop() { next_ = count_; }
    /// No item is under way and none is left.
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
