#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plan/plan.hpp"
#include "report/wall_time.hpp"

namespace keeper {

/// A repair of the daemon, as it tells the other commands of it.
struct PublishedRepair {
    std::uint64_t number = 0; ///< the daemon counts from 1 on since its start; 0: an older daemon's, not told
    std::optional<WallTime> time;
    Resource resource = Resource::sysctl;
    std::string key;
    std::string name; ///< connection.id, profiles only
    Value before;
    Value after;
    std::string source; ///< "FILE:LINE"
    friend bool operator==(const PublishedRepair&, const PublishedRepair&) = default;
};

/// One JSON object without a line feed, as the daemon's record and the `status` document have it.
[[nodiscard]] std::string repair_json(const PublishedRepair& repair);
/// Reads back what repair_json() wrote; nothing for any other text.
[[nodiscard]] std::optional<PublishedRepair> parse_repair(const std::string& text);

} // namespace keeper
