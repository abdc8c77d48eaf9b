// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/change.hpp"

#include <type_traits>

namespace keeper {

std::string_view to_string(Resource resource) {
    switch (resource) {
    case Resource::sysctl:
        return "sysctl";
    case Resource::limit:
        return "limit";
    case Resource::endpoint:
        return "endpoint";
    case Resource::profile:
        return "profile";
    case Resource::unit:
        return "unit";
    case Resource::program_hook:
        return "program-hook";
    }
    return "";
}

std::optional<Resource> parse_resource(std::string_view name) {
    for (const Resource resource : all_resources) {
        if (name == to_string(resource)) {
            return resource;
        }
    }
    return std::nullopt;
}

std::string title_of(Resource resource, const std::string& key, const std::string& name) {
    const std::string& shown = name.empty() ? key : name;
    return resource == Resource::sysctl ? shown : std::string(to_string(resource)) + " " + shown;
}

std::string title_of(const Change& change) {
    return title_of(change.resource, change.key, change.name);
}

bool is_same_item(const Change& one, const Change& other) {
    return one.resource == other.resource && one.key == other.key;
}

bool is_in_sync(Actionability actionability) {
    switch (actionability) {
    case Actionability::deferred:
    case Actionability::unsupported:
        return true;
    case Actionability::actionable:
    case Actionability::blocked:
        return false;
    }
    return false;
}

std::string_view to_string(Impact impact) {
    switch (impact) {
    case Impact::none:
        return "none";
    case Impact::subflows_rebuilt:
        return "subflows-rebuilt";
    case Impact::connections_may_close:
        return "connections-may-close";
    }
    return "";
}

std::optional<EndpointAction> endpoint_action(const Change& change) {
    return std::visit(
        [](const auto& action) -> std::optional<EndpointAction> {
            if constexpr (std::is_constructible_v<EndpointAction, decltype(action)>) {
                return action;
            } else {
                return std::nullopt;
            }
        },
        change.action);
}

} // namespace keeper
