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

/// The path in the hierarchy that systemd keeps its units in; "" where this line is of another.
std::string_view path_of_units(std::string_view line) {
    const bool is_systemds = line.starts_with("0::") || line.find(":name=systemd:") != line.npos;
    return is_systemds ? line.substr(std::min(line.find('/'), line.size())) : "";
}

/// The first that the function finds, in the last line that has one: version 2 comes last.
template <class Find>
std::string last_found(std::string_view cgroup, Find find) {
    std::string unit;
    while (!cgroup.empty()) {
        if (const std::string_view found = find(path_of_units(take(cgroup, '\n'))); !found.empty()) {
            unit = found;
        }
    }
    return unit;
}

std::string_view innermost_unit(std::string_view path) {
    std::string_view unit;
    while (!path.empty()) {
        if (const std::string_view name = take(path, '/'); is_unit(name)) {
            unit = name;
        }
    }
    return unit;
}

/// Below slices, or right at the top.
std::string_view outermost_unit(std::string_view path) {
    while (!path.empty()) {
        const std::string_view name = take(path, '/');
        if (is_unit(name)) {
            return name;
        }
        if (!name.empty() && !name.ends_with(".slice")) {
            return ""; // made by something else, whatever is below
        }
    }
    return "";
}

/// Where the units of the service manager begin, whose own place that is.
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

std::string shell_command(std::string_view command_line) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";
    std::string text;
    while (!command_line.empty()) {
        const std::string_view word = command_line.substr(0, command_line.find('\0'));
        command_line.remove_prefix(std::min(word.size() + 1, command_line.size()));
        text += text.empty() ? "" : " ";
        if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) {
            text += word;
            continue;
        }
        text += '\'';
        for (const char character : word) {
            text += character == '\'' ? std::string("'\\''") : std::string(1, character);
        }
        text += '\'';
    }
    return text;
}

} // namespace keeper
