#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"

namespace keeper {

/// How long to wait for a lock that another process holds.
struct LockPatience {
    std::chrono::milliseconds limit{60'000};
    std::chrono::milliseconds before_notice{1'000};
};

/// Takes an exclusive flock(2) on the file, made with its directory (0755) where missing. The descriptor is
/// closed on exec; the lock is held as long as it is open, and no longer, however the process ends.
///
/// While another process holds it, this waits: `notice` is called once after `before_notice`; after `limit`
/// it gives up with ErrorKind::busy.
[[nodiscard]] Result<UniqueFd>
take_lock(const std::string& path, const LockPatience& patience, const std::function<void()>& notice);

} // namespace keeper
