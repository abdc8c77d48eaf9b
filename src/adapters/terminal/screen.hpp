// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <termios.h>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/screen_port.hpp"

namespace keeper {

/// A screen on two descriptors, which it borrows. If both are a terminal and it is used as a whole, the
/// screen switches to the alternate screen without echo and cursor; the destructor restores the terminal.
/// Blocks SIGINT, SIGTERM, SIGHUP and SIGWINCH for the process, so that no signal ends it before that.
class Screen final : public ScreenPort {
  public:
    [[nodiscard]] static Result<std::unique_ptr<ScreenPort>> open(int input, int output, ScreenUse use);
    ~Screen() override;
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    [[nodiscard]] std::optional<Size> terminal() override;
    [[nodiscard]] Input wait(std::chrono::milliseconds at_most) override;
    [[nodiscard]] bool show(std::string_view text) override;

  private:
    Screen(int input, int output, ScreenUse use, UniqueFd signals);

    int input_;
    int output_;
    UniqueFd signals_;
    bool is_terminal_ = false;
    termios before_{};
};

} // namespace keeper
