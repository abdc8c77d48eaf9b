// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/run_scope.hpp"

#include <vector>

#include <fmt/format.h>

#include "base/text/path_name.hpp"
#include "base/text/printable.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

/// The parts of a path: its slices, the first unit that is not a slice, and what is below that unit.
struct DividedPath {
    std::string_view slice; ///< the innermost one; empty if there is none
    std::string_view unit;
    std::vector<std::string_view> rest;
};

DividedPath divide(const std::vector<std::string_view>& components) {
    DividedPath divided;
    auto next = components.begin();
    for (; next != components.end() && next->ends_with(".slice"); ++next) {
        divided.slice = *next;
    }
    if (next != components.end()) {
        divided.unit = *next++;
        divided.rest.assign(next, components.end());
    }
    return divided;
}

constexpr const char* no_systemd =
    "it acts in a scope of systemd, which is not the service manager here; run the "
    "program on a host with systemd, outside of containers";
constexpr const char* no_cgroup2 =
    "it requires cgroup v2, which systemd does not use on this host; boot it with "
    "systemd.unified_cgroup_hierarchy=1";

tl::unexpected<Error> no_service_manager(std::uint32_t user) {
    if (user == 0) {
        return fail(
            ErrorKind::unavailable,
            "it acts in a scope of systemd, which cannot be reached: there is neither /run/dbus/system_bus_socket nor "
            "/run/systemd/private; start dbus, or run it outside of containers");
    }
    return fail(
        ErrorKind::unavailable,
        fmt::format(
            "it acts in a scope of systemd, and user {0} has no service manager (/run/user/{0} has no bus); run it as "
            "root or from a login session, or run `loginctl enable-linger {0}` first",
            user));
}

tl::unexpected<Error> not_a_main_process(std::string_view slice, std::string_view unit) {
    return fail(fmt::format(
        "in a scope, the main process of {} would leave the limits of its unit; declare {} under applications.slices "
        "instead",
        printable(unit),
        slice.empty() ? "its slice" : printable(slice)));
}

} // namespace

std::optional<std::string_view> path_in_cgroup2(std::string_view cgroup) {
    std::optional<std::string_view> path;
    bool is_in_unit_of_version_1 = false;
    for (const std::string_view line : words_of(cgroup, "\n")) {
        const std::size_t at = line.find(":name=systemd:/");
        is_in_unit_of_version_1 = is_in_unit_of_version_1 || (at != line.npos && !line.ends_with(":/"));
        if (line.starts_with("0::/")) {
            path = line.substr(3);
        }
    }
    // The kernel lists version 2 even if systemd has its units in version 1 alone.
    return path == "/" && is_in_unit_of_version_1 ? std::nullopt : path;
}

Result<TransientScope>
run_scope(const ScopeSurroundings& surroundings, std::string_view unique, std::string_view program) {
    if (!surroundings.has_systemd) {
        return fail(ErrorKind::unavailable, no_systemd);
    }
    const auto path = path_in_cgroup2(surroundings.cgroup);
    if (!path) {
        return fail(ErrorKind::unsupported, no_cgroup2);
    }
    if (surroundings.manager_socket.empty()) {
        return no_service_manager(surroundings.user);
    }
    DividedPath place = divide(words_of(*path, "/"));
    if (surroundings.user != 0) {
        // A user's service manager has slices of its own below its unit, and none of the host's.
        const bool is_in_own = place.unit == "user@" + std::to_string(surroundings.user) + ".service";
        const DividedPath own = is_in_own ? divide(place.rest) : DividedPath{};
        if (surroundings.is_main_process) {
            return not_a_main_process(place.slice, is_in_own ? own.unit : place.unit);
        }
        place = own;
    } else if (surroundings.is_main_process) {
        return not_a_main_process(place.slice, place.unit);
    }
    return TransientScope{
        .socket = surroundings.manager_socket,
        .is_message_bus = !surroundings.manager_socket.ends_with("/systemd/private"),
        .name = "mptcp-keeper-run-" + std::string(unique) + ".scope",
        .slice = std::string(place.slice),
        .description = "TCP sockets of " + printable(base_name(program)) + " as MPTCP sockets"};
}

std::string why_scope_has_no_effect(std::string_view scope, std::string_view cgroup) {
    const std::string path(path_in_cgroup2(cgroup).value_or("/"));
    if (path.find(scope) == std::string::npos) {
        return "the service manager did not move this process to " + std::string(scope) +
               ", it is still in " + printable(path);
    }
    return "sockets in " + printable(path) +
           " remain TCP; a unit or slice of this path is excluded (applications.never), or this is a container";
}

} // namespace keeper
