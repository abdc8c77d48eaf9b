// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "ports/program_hook_port.hpp"

namespace keeper {

/// The program hook through mptcp-keeper-bpf.service. Request and results are files in
/// /run/mptcp-keeper/program-hook; whether a program is attached is shown by a socket() call alone.
class ProgramHook final : public ProgramHookPort {
  public:
    enum class Network {
        of_host,
        other, ///< a network namespace that the program does not cover
    };
    explicit ProgramHook(Network network) : network_(network) {}

    [[nodiscard]] ObservedProgramHook observe(bool is_declared) override;
    [[nodiscard]] Result<void> prepare(const std::string& request) override;
    [[nodiscard]] Result<void> attach(const std::string& request) override;
    [[nodiscard]] Result<void> detach() override;

  private:
    [[nodiscard]] HookObstacle find_obstacle();
    [[nodiscard]] bool has_kernel_hook();

    Network network_;
    std::optional<bool> has_kernel_hook_ = std::nullopt; ///< the kernel does not change
};

} // namespace keeper
