// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/process_texts.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/text/join.hpp"
#include "base/text/lines.hpp"
#include "base/text/shell_word.hpp"

namespace keeper {

namespace {

/// Whether this is the name of a unit of a type that has processes.
bool is_unit(std::string_view name) {
    constexpr std::array<std::string_view, 5> kinds{".service", ".scope", ".socket", ".mount", ".swap"};
    return std::any_of(
        kinds.begin(), kinds.end(), [&](std::string_view kind) { return name.ends_with(kind); });
}

/// The path in systemd's hierarchy; "" if the line belongs to another hierarchy.
std::string_view path_of_units(std::string_view line) {
    const bool is_systemds = line.starts_with("0::") || line.find(":name=systemd:") != line.npos;
    return is_systemds ? line.substr(std::min(line.find('/'), line.size())) : "";
}

/// The result of `find` for the last line for which it is not empty: cgroup version 2 comes last.
template <class Find>
std::string last_found(std::string_view cgroup, Find find) {
    std::string unit;
    while (!cgroup.empty()) {
        if (const std::string_view found = find(path_of_units(take_line(cgroup))); !found.empty()) {
            unit = found;
        }
    }
    return unit;
}

std::string_view innermost_unit(std::string_view path) {
    std::string_view unit;
    while (!path.empty()) {
        if (const std::string_view name = take_field(path, '/'); is_unit(name)) {
            unit = name;
        }
    }
    return unit;
}

/// The first unit of the path, below slices only.
std::string_view outermost_unit(std::string_view path) {
    while (!path.empty()) {
        const std::string_view name = take_field(path, '/');
        if (is_unit(name)) {
            return name;
        }
        if (!name.empty() && !name.ends_with(".slice")) {
            return ""; // a control group that systemd did not create
        }
    }
    return "";
}

/// The path below which the service manager with that control group has its units.
std::string top_of_units(std::string_view init_cgroup) {
    return last_found(init_cgroup, [](std::string_view path) {
        constexpr std::string_view own_unit = "/init.scope";
        path.remove_suffix(path.ends_with(own_unit) ? own_unit.size() : 0);
        return path == "/" ? "" : path;
    });
}

} // namespace

std::string unit_of_cgroup(std::string_view cgroup) {
    return last_found(cgroup, innermost_unit);
}

std::string system_unit_of_cgroup(std::string_view cgroup, std::string_view init_cgroup) {
    const std::string top = top_of_units(init_cgroup);
    return last_found(cgroup, [&](std::string_view path) {
        const std::string_view below = path.substr(std::min(top.size(), path.size()));
        const bool is_below = path.starts_with(top) && (below.empty() || below.front() == '/');
        return outermost_unit(is_below ? below : path);
    });
}

std::string_view variable_of(std::string_view environment, std::string_view name) {
    while (!environment.empty()) {
        const std::string_view entry = take_field(environment, '\0');
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

std::string shell_command(std::string_view command_line) {
    std::vector<std::string> words;
    while (!command_line.empty()) {
        words.push_back(shell_word(take_field(command_line, '\0')));
    }
    return joined(words, " ");
}

} // namespace keeper
