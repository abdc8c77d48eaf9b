#pragma once

#include <optional>
#include <vector>

#include "ports/link_port.hpp"

namespace keeper::fake {

/// Interfaces that a test lays down.
class FakeLinks : public LinkPort {
  public:
    std::vector<Link> present;
    std::optional<Error> failure; ///< what links() answers instead, while set
    int reads = 0;

    [[nodiscard]] Result<std::vector<Link>> links() override {
        ++reads;
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        return present;
    }
};

} // namespace keeper::fake
