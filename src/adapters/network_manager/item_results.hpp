#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/network_manager/bus_error.hpp"
#include "base/result.hpp"

namespace keeper {

/// The results of items that run side by side; one that never ends counts as unanswered. Shared with the
/// calls under way, so that late ones find it alive.
struct ItemResults {
    explicit ItemResults(std::size_t count) : results(count) {}
    std::vector<std::optional<Result<void>>> results;

    [[nodiscard]] std::vector<Result<void>> collect(const std::string& unanswered) const {
        std::vector<Result<void>> all;
        all.reserve(results.size());
        for (const auto& result : results) {
            all.push_back(result ? *result : tl::unexpected(no_answer(unanswered)));
        }
        return all;
    }
};

} // namespace keeper
