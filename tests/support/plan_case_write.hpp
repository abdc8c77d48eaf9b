// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "support/plan_case.hpp"

/// A plan as a case's plan.json shows it.
namespace keeper::test {

inline Json value_json(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return *text;
    }
    if (const auto* number = std::get_if<std::uint32_t>(&value)) {
        return *number;
    }
    if (const auto* flags = std::get_if<MptcpFlags>(&value)) {
        return to_string(*flags);
    }
    if (const auto* one = std::get_if<EndpointValue>(&value)) {
        return Json{{"interface", one->interface}, {"flags", names(one->flags)}, {"id", one->id.value}};
    }
    return nullptr;
}

inline std::string short_form(const Endpoint& one) {
    std::string text = to_string(one.key);
    for (const std::string& name : names(one.flags)) {
        text += " " + name;
    }
    return text + " ifindex " + std::to_string(one.ifindex.value) + " id " + std::to_string(one.id.value);
}

inline std::string short_form(const EndpointAction& action) {
    if (const auto* added = std::get_if<AddEndpoint>(&action)) {
        return "add " + short_form(added->endpoint);
    }
    if (const auto* removed = std::get_if<RemoveEndpoint>(&action)) {
        return "remove " + short_form(removed->endpoint);
    }
    if (const auto* replaced = std::get_if<ReplaceEndpoint>(&action)) {
        return "replace " + short_form(replaced->from) + " by " + short_form(replaced->to);
    }
    return "set-flags " + short_form(std::get<SetEndpointFlags>(action).to);
}

inline Json action_json(const Change& change) {
    if (const auto* sysctl = std::get_if<SetSysctl>(&change.action)) {
        return Json::array({"write " + sysctl->name + " " + sysctl->value});
    }
    if (std::holds_alternative<SetLimit>(change.action)) {
        return Json::array({"set-limits " + change.key});
    }
    Json steps = Json::array();
    if (const auto endpoint = endpoint_action(change)) {
        steps.push_back(short_form(*endpoint));
    } else if (const auto* profile = std::get_if<ChangeProfile>(&change.action)) {
        if (profile->store) {
            steps.push_back("store " + to_string(profile->stored));
        }
        for (const LiveDevice& device : profile->devices) {
            for (const EndpointAction& action : device.endpoints) {
                steps.push_back(short_form(action));
            }
            if (device.reapply) {
                steps.push_back(
                    "reapply " + device.interface + " " + to_string(device.flags) +
                    (device.force_difference ? " with a forced difference" : ""));
            }
        }
    }
    return steps;
}

[[nodiscard]] inline Json plan_as_json(const Plan& plan) {
    static const char* const standings[] = {"actionable", "deferred", "unsupported", "blocked"};
    Json changes = Json::array();
    for (const Change& change : plan.changes) {
        Json one{{"resource", to_string(change.resource)}, {"key", change.key}};
        if (!change.name.empty()) {
            one["name"] = change.name;
        }
        one["before"] = value_json(change.before);
        one["after"] = value_json(change.after);
        one["source"] = change.source;
        one["impact"] = to_string(change.impact);
        one["connections_affected"] = change.connections_affected;
        one["actionability"] = standings[static_cast<int>(change.actionability)];
        one["note"] = change.note;
        one["action"] = action_json(change);
        if (change.for_network_manager) {
            one["for_network_manager"] = true;
        }
        changes.push_back(std::move(one));
    }
    return {{"in_sync", plan.in_sync()}, {"changes", changes}, {"warnings", plan.warnings}};
}

} // namespace keeper::test
