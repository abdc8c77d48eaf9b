// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/hook_request.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "applications/environment_file.hpp"
#include "base/text/lines.hpp"

namespace keeper {

namespace {

constexpr std::string_view first_line_of_request = "mptcp-keeper-program-hook 1";

std::vector<std::string> sorted_once(std::vector<std::string> names) {
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
}

bool add_request_line(HookRequest& request, std::string_view line) {
    constexpr std::string_view slice = "slice ";
    constexpr std::string_view exclude = "exclude ";
    if (line == "all") {
        request.all = true;
        return true;
    }
    if (line.starts_with(slice) && is_slice_name(line.substr(slice.size()))) {
        request.slices.emplace_back(line.substr(slice.size()));
        return true;
    }
    if (line.starts_with(exclude) && is_hook_glob(line.substr(exclude.size()))) {
        request.excluded.emplace_back(line.substr(exclude.size()));
        return true;
    }
    return false;
}

} // namespace

std::string to_text(const HookRequest& request) {
    std::string text = std::string(first_line_of_request) + "\n";
    if (request.all) {
        text += "all\n";
    }
    for (const std::string& name : sorted_once(request.slices)) {
        text += "slice " + name + "\n";
    }
    for (const std::string& glob : sorted_once(request.excluded)) {
        text += "exclude " + glob + "\n";
    }
    return text;
}

bool is_slice_name(std::string_view name) {
    return is_unit_name(name) && name.ends_with(".slice") && name.size() <= 255;
}

bool is_hook_glob(std::string_view glob) {
    return !glob.empty() && glob.size() <= longest_hook_glob && std::ranges::all_of(glob, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > ' ' && byte != 0x7f && byte != '/';
    });
}

std::optional<HookRequest> parse_hook_request(std::string_view text) {
    if (!text.ends_with('\n') || take_line(text) != first_line_of_request) {
        return std::nullopt;
    }
    HookRequest request;
    while (!text.empty()) {
        if (!add_request_line(request, take_line(text))) {
            return std::nullopt;
        }
    }
    request.slices = sorted_once(std::move(request.slices));
    request.excluded = sorted_once(std::move(request.excluded));
    return request;
}

int exact_probe(std::string_view text) {
    // FNV-1a (RFC 9923): no secret, only different for different requests
    std::uint32_t hash = 2166136261U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return static_cast<int>(0x40000000U | (hash & 0x3fffffffU));
}

} // namespace keeper
