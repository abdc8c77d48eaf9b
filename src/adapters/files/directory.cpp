// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace keeper {

DirectoryReader::DirectoryReader(const std::string& path) : directory_(::opendir(path.c_str())) {
    if (!directory_) {
        error_ = errno;
    }
}

const char* DirectoryReader::next() {
    while (directory_) {
        errno = 0; // the only way to distinguish the end from a failure: readdir(3)
        const dirent* entry = ::readdir(directory_.get());
        if (entry == nullptr) {
            error_ = errno;
            return nullptr;
        }
        const char* const name = static_cast<const char*>(entry->d_name);
        if (std::string_view(name) != "." && std::string_view(name) != "..") {
            return name;
        }
    }
    return nullptr;
}

int DirectoryReader::fd() const {
    return directory_ ? ::dirfd(directory_.get()) : -1;
}

DirectoryListing list_directory(const std::string& path, std::size_t limit) {
    DirectoryListing listing;
    DirectoryReader directory(path);
    while (listing.names.size() < limit) {
        const char* const name = directory.next();
        if (name == nullptr) {
            break;
        }
        listing.names.emplace_back(name);
    }
    listing.error = directory.error();
    std::sort(listing.names.begin(), listing.names.end());
    return listing;
}

} // namespace keeper
