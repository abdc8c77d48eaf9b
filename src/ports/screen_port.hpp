#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace keeper {

/// What a command does with a terminal.
enum class ScreenUse {
    whole,       ///< takes it over, reads its keys and leaves it as it was before
    as_it_comes, ///< writes lines, as into a pipe or a file
};

/// Where a command shows something again and again, and what a person says to it.
///
/// A terminal that is used as a whole is taken over when the screen is made and is as it was before when it
/// is gone. To anything else the command writes by itself, and only waits here.
class ScreenPort {
  public:
    virtual ~ScreenPort() = default;

    struct Size {
        std::size_t columns = 80;
        std::size_t rows = 24;
    };
    /// Nothing where this is no terminal, or one that is not used as a whole.
    [[nodiscard]] virtual std::optional<Size> terminal() = 0;

    /// Waits for a person at the longest for that time.
    struct Input {
        bool stop = false;       ///< SIGINT, SIGTERM or SIGHUP, or nobody reads any more
        std::optional<char> key; ///< pressed; NUL when only the size has changed
    };
    [[nodiscard]] virtual Input wait(std::chrono::milliseconds at_most) = 0;
    /// Replaces what the terminal shows. False: it is gone.
    [[nodiscard]] virtual bool show(std::string_view text) = 0;
};

} // namespace keeper
