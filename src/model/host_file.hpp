#pragma once

#include <string>
#include <vector>

namespace keeper {

/// A text file of the host that somebody else wrote.
struct HostFile {
    std::string path; ///< its real one: no part of it is a link
    std::string text;
    std::vector<std::string> links = {}; ///< under which it was found, where that was not its own path
    friend bool operator==(const HostFile&, const HostFile&) = default;
};

} // namespace keeper
