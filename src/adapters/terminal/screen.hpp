#pragma once

#include <memory>
#include <string>

#include <termios.h>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "ports/screen_port.hpp"

namespace keeper {

/// A screen on two descriptors, which it borrows. Where both are a terminal that is used as a whole it uses
/// the alternate screen without echo and with the cursor hidden, and its destructor takes all of that back.
/// Blocks SIGINT, SIGTERM, SIGHUP and SIGWINCH for the process, so that no signal ends it in between.
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
    [[nodiscard]] bool write_all(std::string_view text) const;

    int input_;
    int output_;
    UniqueFd signals_;
    bool is_terminal_ = false;
    termios before_{};
};

} // namespace keeper
