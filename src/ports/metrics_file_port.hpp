// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.hpp"

namespace keeper {

/// The file that node_exporter's textfile collector reads. Another program owns its directory, so nothing
/// there is trusted.
class MetricsFilePort {
  public:
    virtual ~MetricsFilePort() = default;
    /// Replaces the file; readers see the old or the new content. Fails without any change if the directory
    /// does not exist (ErrorKind::unavailable), if a user without privileges could change what is in it, or
    /// if something else than such a file has its name. The message says what to do.
    [[nodiscard]] virtual Result<void> replace(const std::string& path, const std::string& text) = 0;
    /// Removes a file that replace() wrote. Success if it does not exist.
    [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
};

} // namespace keeper
