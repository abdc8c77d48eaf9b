#pragma once

#include <string>

#include "plan/plan.hpp"

namespace keeper {

/// Knows who else changes MPTCP settings.
class Rivals {
  public:
    virtual ~Rivals() = default;
    /// The program or file that likely changed that item, as words in a sentence ("mptcpd (pid 812)");
    /// "another program" where nothing is found.
    [[nodiscard]] virtual std::string likely_rival(const Change& change) = 0;
};

} // namespace keeper
