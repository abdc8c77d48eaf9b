// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace keeper::test {

/// Random choices from a seed. The same seed gives the same choices on every platform, unlike the standard's
/// distributions, which are therefore not used.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : generator_(seed) {}
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(generator_() % bound); }
    bool coin() { return below(2) == 0; }
    template <class T>
    const T& any_of(const std::vector<T>& choices) {
        return choices[below(static_cast<std::uint32_t>(choices.size()))];
    }

  private:
    std::mt19937 generator_;
};

} // namespace keeper::test
