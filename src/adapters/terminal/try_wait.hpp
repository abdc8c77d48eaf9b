// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "adapters/files/unique_fd.hpp"
#include "ports/try_port.hpp"

namespace keeper {

/// Signals, the terminal, a CLOCK_BOOTTIME timer and the folder of the try, in one poll(2).
class TryWait final : public TryWaitPort {
  public:
    /// Takes over SIGINT, SIGTERM and SIGHUP of the process. `folder`: where the try is stored. Reads lines
    /// from `input` and writes the remaining time to `output` if both are terminals.
    [[nodiscard]] static Result<std::unique_ptr<TryWaitPort>>
    open(const std::string& folder, int input, int output);

    [[nodiscard]] bool is_interactive() override { return is_interactive_; }
    void show(const std::string& line) override;
    [[nodiscard]] Event wait(std::chrono::milliseconds until) override;

  private:
    TryWait(UniqueFd signals, UniqueFd timer, UniqueFd folder, int input, int output);
    void read_signals(Event& event);
    /// False at the end of the input, which means nothing.
    [[nodiscard]] bool read_line(Event& event);

    UniqueFd signals_;
    UniqueFd timer_;
    UniqueFd folder_;
    int input_;
    int output_;
    bool is_interactive_;
    bool has_input_;
    bool has_prompted_ = false;
};

} // namespace keeper
