// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace keeper {

/// A text file of another program or of the administrator.
struct HostFile {
    std::string path; ///< its real path, with all links resolved
    std::string text;
    std::vector<std::string> links = {}; ///< the links by which it was found, if any
    friend bool operator==(const HostFile&, const HostFile&) = default;
};

} // namespace keeper
