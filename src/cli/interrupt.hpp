#pragma once

#include <chrono>
#include <csignal>

namespace keeper::cli {

/// While one lives, SIGINT and SIGTERM interrupt nothing: they wait until wait() asks for them, so that a
/// command that repeats itself ends between two rounds.
class Interrupt {
  public:
    Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    /// Waits that long; true as soon as one of the signals has come.
    [[nodiscard]] bool wait(std::chrono::milliseconds at_most) const;

  private:
    sigset_t awaited_{};
    sigset_t before_{};
};

} // namespace keeper::cli
