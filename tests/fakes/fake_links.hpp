// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ports/link_port.hpp"

namespace keeper::fake {

/// Interfaces that a test sets, in any order.
class FakeLinks : public LinkPort {
  public:
    std::vector<Link> present;
    std::optional<Error> failure; ///< if set, links() fails with it
    int reads = 0;
    int rp_filter_reads = 0;
    std::map<std::string, int> rp_filter; ///< of any interface

    [[nodiscard]] Result<std::vector<Link>> links() override {
        ++reads;
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        std::vector<Link> sorted = present;
        std::stable_sort(sorted.begin(), sorted.end(), [](const Link& left, const Link& right) {
            return left.ifindex < right.ifindex;
        });
        return sorted;
    }

    [[nodiscard]] std::map<std::string, int> rp_filters(const std::vector<std::string>& names) override {
        ++rp_filter_reads;
        std::map<std::string, int> values;
        for (const auto& [name, value] : rp_filter) {
            if (std::find(names.begin(), names.end(), name) != names.end()) {
                values.emplace(name, value);
            }
        }
        return values;
    }
};

} // namespace keeper::fake
