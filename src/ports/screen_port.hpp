// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace keeper {

/// How a command uses a terminal.
enum class ScreenUse {
    whole,     ///< full screen: reads keys, and restores the terminal afterwards
    scrolling, ///< writes lines, as to a pipe or a file
};

/// The screen and keyboard of a command that updates its output, such as `status --watch`.
///
/// Full-screen use takes the terminal over on construction and restores it on destruction. Otherwise the
/// command writes its output itself and only waits here.
class ScreenPort {
  public:
    virtual ~ScreenPort() = default;

    struct Size {
        std::size_t columns = 80;
        std::size_t rows = 24;
    };
    /// std::nullopt if the output is not a terminal, or not used full-screen.
    [[nodiscard]] virtual std::optional<Size> terminal() = 0;

    struct Input {
        bool stop = false;       ///< SIGINT, SIGTERM or SIGHUP, or the reader of the output is gone
        std::optional<char> key; ///< the key pressed; NUL if only the size has changed
    };
    /// Waits for input, at most that long.
    [[nodiscard]] virtual Input wait(std::chrono::milliseconds at_most) = 0;
    /// Replaces the content of the terminal. Returns false if the terminal is gone.
    [[nodiscard]] virtual bool show(std::string_view text) = 0;
};

} // namespace keeper
