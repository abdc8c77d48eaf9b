// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "plan/plan.hpp"

namespace keeper {

/// Finds the other programs that change MPTCP settings.
class Rivals {
  public:
    virtual ~Rivals() = default;
    /// The program or file that likely changed that item, as part of a sentence ("mptcpd (pid 812)");
    /// "another program" if none is found.
    [[nodiscard]] virtual std::string likely_rival(const Change& change) = 0;
};

} // namespace keeper
