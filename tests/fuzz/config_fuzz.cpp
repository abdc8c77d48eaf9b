// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as configuration files: a NUL and a line feed separate two files, so that merging is reached.
// Beside crashes it looks for what a user would see: places that do not exist, text that moves the cursor, a
// valid configuration that holds what the grammar refuses.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace {

void require(bool holds, const std::string& what) {
    if (!holds) {
        std::cerr << "violated: " << what << '\n';
        std::abort();
    }
}

bool is_harmless(const std::string& text) {
    return std::none_of(
        text.begin(), text.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; });
}

void check(const std::vector<keeper::Diagnostic>& diagnostics) {
    require(diagnostics.size() <= 101, "at most a hundred diagnostics and one that counts the others");
    for (const keeper::Diagnostic& diagnostic : diagnostics) {
        require(diagnostic.source.line >= 1 && diagnostic.source.column >= 1, "a place");
        require(!diagnostic.message.empty() && diagnostic.message.size() < 2000, "a message of some length");
        require(is_harmless(diagnostic.message), "a message without control characters");
        require(is_harmless(diagnostic.line_text), "a line without control characters");
    }
}

void check(const keeper::DesiredState& desired) {
    for (const auto& [name, value] : desired.sysctls) {
        require(name.find_first_of("./") == std::string::npos, "a sysctl below net.mptcp");
        require(is_harmless(value.value) && !value.value.empty(), "a sysctl's value");
    }
    for (const auto& [key, endpoint] : desired.endpoints) {
        require(!key.address.is_unspecified() && !key.address.is_multicast(), "a usable address");
        require(endpoint.absent || !endpoint.flags.empty(), "an endpoint's flags");
        require(
            !endpoint.interface || (!endpoint.interface->empty() && endpoint.interface->size() <= 15),
            "a name");
    }
    for (const keeper::ProfileRule& rule : desired.profiles) {
        require(!rule.match.empty(), "a match");
        require(!rule.flags || !refusal_of(*rule.flags), "flags that NetworkManager takes");
    }
    const auto interval = desired.reconcile.interval.value.count();
    require(interval >= 100 && interval <= 3'600'000, "an interval from 100 ms to 1 h");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    constexpr std::string_view separator("\0\n", 2);
    std::string_view rest(reinterpret_cast<const char*>(bytes), size);
    std::vector<keeper::ConfigText> files;
    for (bool is_last = false; !is_last;) {
        const std::size_t end = rest.find(separator);
        is_last = end == std::string_view::npos;
        files.push_back({"file" + std::to_string(files.size()), std::string(rest.substr(0, end))});
        rest.remove_prefix(is_last ? rest.size() : end + separator.size());
    }
    const keeper::LoadedConfig config = keeper::parse_config(files);
    check(config.errors);
    check(config.warnings);
    if (config.valid()) {
        check(config.desired);
    }
    return 0;
}
