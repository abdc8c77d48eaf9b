// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>

#include "ports/declaration_mark_port.hpp"

namespace keeper {

/// The mark as a file that only root can access (mode 0600) in /run, which a reboot clears.
class DeclarationMarkFile final : public DeclarationMarkPort {
  public:
    explicit DeclarationMarkFile(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] Result<DeclarationMark> load() override;
    [[nodiscard]] Result<void> save(const DeclarationMark& mark) override;

  private:
    std::string path_;
};

} // namespace keeper
