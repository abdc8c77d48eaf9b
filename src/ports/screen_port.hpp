#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace keeper {

/// Where a command shows something again and again, and what a person says to it.
///
/// A terminal is taken over when the screen is made and is as it was before when it is gone. A pipe or a
/// file just gets the text.
class ScreenPort {
  public:
    virtual ~ScreenPort() = default;

    struct Size {
        std::size_t columns = 80;
        std::size_t rows = 24;
    };
    /// Nothing where this is no terminal.
    [[nodiscard]] virtual std::optional<Size> terminal() = 0;

    /// Waits for a person at the longest for that time.
    struct Input {
        bool stop = false;       ///< SIGINT, SIGTERM or SIGHUP, or nobody reads any more
        std::optional<char> key; ///< pressed; NUL when only the size has changed
    };
    [[nodiscard]] virtual Input wait(std::chrono::milliseconds at_most) = 0;
    /// Replaces what a terminal shows; behind what was shown on anything else. False: nobody reads any more.
    [[nodiscard]] virtual bool show(std::string_view text) = 0;
};

} // namespace keeper
