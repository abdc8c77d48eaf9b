// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hook/kernel_symbol.hpp"

#include <charconv>
#include <string>

namespace keeper {

Result<std::uint64_t> kernel_symbol(std::istream& kallsyms, std::string_view name) {
    // "ffffffff81000000 b name", and a tab and "[module]" after the names of a module
    for (std::string line; std::getline(kallsyms, line);) {
        const std::size_t end = line.find(' ');
        if (end == std::string::npos || line.size() != end + 3 + name.size() || !line.ends_with(name)) {
            continue;
        }
        std::uint64_t address = 0;
        const auto read = std::from_chars(line.data(), line.data() + end, address, 16);
        if (read.ec == std::errc() && read.ptr == line.data() + end && address != 0) {
            return address;
        }
        return fail(
            "the kernel hides the address of " + std::string(name) +
            " in /proc/kallsyms: the sysctl kernel.kptr_restrict must be 0 or 1, and the loader needs CAP_SYSLOG");
    }
    return fail(
        "the kernel does not list " + std::string(name) +
        " in /proc/kallsyms (CONFIG_KALLSYMS_ALL, CONFIG_MPTCP)");
}

} // namespace keeper
