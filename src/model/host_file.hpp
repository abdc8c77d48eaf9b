#pragma once

#include <string>

namespace keeper {

/// A text file of the host that somebody else wrote.
struct HostFile {
    std::string path;
    std::string text;
    friend bool operator==(const HostFile&, const HostFile&) = default;
};

} // namespace keeper
