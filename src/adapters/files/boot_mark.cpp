// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/boot_mark.hpp"

#include "adapters/files/files.hpp"
#include "adapters/kernel/host.hpp"

namespace keeper {

namespace {

constexpr std::size_t longest_boot_mark = 4096;

} // namespace

Result<std::string> BootMark::this_boot() const {
    if (!path_.empty()) {
        const auto mark = read_own_file(path_, longest_boot_mark);
        if (!mark) {
            return propagate(mark);
        }
        if (*mark && !(*mark)->empty()) {
            return (*mark)->substr(0, (*mark)->find('\n'));
        }
    }
    return boot_id();
}

Result<void> BootMark::leave(const std::string& boot) const {
    if (path_.empty()) {
        return {};
    }
    const auto mark = read_own_file(path_, longest_boot_mark);
    if (mark && *mark && !(*mark)->empty()) {
        return {};
    }
    if (auto made = make_directories(directory_of(path_)); !made) {
        return made;
    }
    const std::string network = name_network_ ? name_network_() : "";
    return replace_file(path_, boot + "\n" + (network.empty() ? "" : network + "\n"));
}

} // namespace keeper
