#include "applications/process_texts.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace keeper {

namespace {

/// Takes the text up to a separator off the front, and the separator with it.
std::string_view take(std::string_view& rest, char separator) {
    const std::string_view front = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(front.size() + 1, rest.size()));
    return front;
}

/// Of the kinds of units that hold processes.
bool is_unit(std::string_view name) {
    constexpr std::array<std::string_view, 5> kinds{".service", ".scope", ".socket", ".mount", ".swap"};
    return std::any_of(
        kinds.begin(), kinds.end(), [&](std::string_view kind) { return name.ends_with(kind); });
}

} // namespace

std::string unit_of_cgroup(std::string_view cgroup) {
    std::string unit;
    while (!cgroup.empty()) {
        const std::string_view line = take(cgroup, '\n');
        const bool is_systemds = line.starts_with("0::") || line.find(":name=systemd:") != line.npos;
        std::string_view path = is_systemds ? line.substr(std::min(line.find('/'), line.size())) : "";
        while (!path.empty()) {
            if (const std::string_view name = take(path, '/'); is_unit(name)) {
                unit = name;
            }
        }
    }
    return unit;
}

std::string_view variable_of(std::string_view environment, std::string_view name) {
    while (!environment.empty()) {
        const std::string_view entry = take(environment, '\0');
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with("=")) {
            return entry.substr(name.size() + 1);
        }
    }
    return {};
}

bool is_secure_start(std::string_view auxiliary_vector) {
    constexpr unsigned long at_secure = 23; // AT_SECURE of linux/auxvec.h
    std::array<unsigned long, 2> pair{};
    for (; auxiliary_vector.size() >= sizeof(pair); auxiliary_vector.remove_prefix(sizeof(pair))) {
        std::memcpy(pair.data(), auxiliary_vector.data(), sizeof(pair));
        if (pair[0] == at_secure) {
            return pair[1] != 0;
        }
    }
    return false;
}

bool has_loader_mapped(std::string_view maps) {
    constexpr std::array<std::string_view, 4> loaders{"/ld-linux", "/ld-musl", "/ld.so", "/ld64"};
    return std::any_of(loaders.begin(), loaders.end(), [&](std::string_view loader) {
        return maps.find(loader) != maps.npos;
    });
}

bool has_preload_mapped(std::string_view maps) {
    return maps.find("/libmptcpwrap.so") != maps.npos;
}

} // namespace keeper
