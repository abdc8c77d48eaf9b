// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "ports/try_port.hpp"

namespace keeper {

/// A declaration that the daemon is to enforce.
struct DeclarationInForce {
    LoadedConfig config;
    std::string tried_file; ///< it is not the one on disk, but that of a try with this file; empty otherwise
    /// Until then (CLOCK_BOOTTIME), unless the try is confirmed.
    std::optional<std::chrono::milliseconds> deadline;
    /// Why the files on disk are not in force, although the daemon starts; empty if they are.
    std::string remark;
};

/// Which declaration is in force: the files on disk, or what a try has stored.
class KeptDeclarations {
  public:
    using Load = std::function<LoadedConfig()>;
    using Parse = std::function<LoadedConfig(const std::vector<ConfigSource>&)>;
    KeptDeclarations(TryPort& tries, Load load, Parse parse)
        : tries_(tries), load_(std::move(load)), parse_(std::move(parse)) {}

    /// For a daemon that starts. std::nullopt: the files on disk were taken back, and what was in force
    /// before is not known.
    [[nodiscard]] std::optional<DeclarationInForce> at_start();
    /// The one with this fingerprint that a command has just applied or restored. Without a match, the
    /// caller gets the files on disk, whose fingerprint is another one; std::nullopt as for at_start().
    [[nodiscard]] std::optional<DeclarationInForce> with(const std::string& fingerprint);

  private:
    [[nodiscard]] DeclarationInForce kept(const KeptFiles& files) const;

    TryPort& tries_;
    Load load_;
    Parse parse_;
};

} // namespace keeper
