// SPDX-License-Identifier: LGPL-2.1-or-later
// Drives the NetworkManager adapter from a test: one command a line on standard input, one JSON object a
// line on standard output. One adapter object serves all commands.
//   snapshot
//   refresh [IFINDEX]...     reads only what has changed, and what these devices run
//   store UUID FLAGS [UUID FLAGS]...
//   reapply INTERFACE UUID FLAGS|FLAGS! [INTERFACE UUID FLAGS]...     "!" forces a difference
// FLAGS are the number of connection.mptcp-flags. The only argument is the time limit in milliseconds.
#include <chrono>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "adapters/network_manager/nm_profiles.hpp"

namespace {

using nlohmann::ordered_json;

const char* kind_name(keeper::ErrorKind kind) {
    switch (kind) {
    case keeper::ErrorKind::failed:
        return "failed";
    case keeper::ErrorKind::not_permitted:
        return "not_permitted";
    case keeper::ErrorKind::unavailable:
        return "unavailable";
    case keeper::ErrorKind::timed_out:
        return "timed_out";
    case keeper::ErrorKind::unsupported:
        return "unsupported";
    case keeper::ErrorKind::table_full:
        return "table_full";
    case keeper::ErrorKind::busy:
        return "busy";
    }
    return "";
}

const char* storage_name(keeper::ProfileStorage storage) {
    switch (storage) {
    case keeper::ProfileStorage::etc:
        return "etc";
    case keeper::ProfileStorage::run:
        return "run";
    case keeper::ProfileStorage::usr_lib:
        return "usr_lib";
    case keeper::ProfileStorage::memory:
        return "memory";
    case keeper::ProfileStorage::unknown:
        return "unknown";
    }
    return "";
}

ordered_json to_json(const keeper::Error& error) {
    return {{"kind", kind_name(error.kind)}, {"message", error.message}};
}

ordered_json to_json(const keeper::Profile& profile, const keeper::NetworkManagerState& host) {
    ordered_json activations = ordered_json::array();
    for (const keeper::ProfileActivation& activation : profile.activations) {
        activations.push_back(
            {{"interface", activation.interface},
             {"ifindex", activation.ifindex.value},
             {"live", activation.live.raw()},
             {"reapply_disturbs", activation.reapply_disturbs},
             {"default_flags", activation.default_flags.value_or(host.default_flags).raw()}});
    }
    return {
        {"uuid", profile.uuid},
        {"name", profile.name},
        {"type", profile.type},
        {"interface_name", profile.interface_name},
        {"storage", storage_name(profile.storage)},
        {"filename", profile.filename},
        {"stored", profile.stored.raw()},
        {"activations", activations},
        {"skip_reason", profile.skip_reason ? ordered_json(*profile.skip_reason) : ordered_json()}};
}

ordered_json to_json(const keeper::Result<keeper::NetworkManagerState>& state) {
    if (!state) {
        return {{"error", to_json(state.error())}};
    }
    ordered_json list = ordered_json::array();
    for (const keeper::Profile& profile : state->profiles) {
        list.push_back(to_json(profile, *state));
    }
    return {{"version", state->version}, {"default_flags", state->default_flags.raw()}, {"profiles", list}};
}

ordered_json to_json(const std::vector<keeper::Result<void>>& results) {
    ordered_json list = ordered_json::array();
    for (const auto& result : results) {
        list.push_back(result ? ordered_json() : to_json(result.error()));
    }
    return {{"results", list}};
}

keeper::MptcpFlags flags_from(const std::string& text) {
    return keeper::MptcpFlags::from_raw(static_cast<std::uint32_t>(std::stoul(text, nullptr, 0)));
}

ordered_json run(keeper::NmProfiles& profiles, const std::string& line) {
    std::istringstream words(line);
    std::string command;
    std::string interface;
    std::string uuid;
    std::string flags;
    words >> command;
    if (command == "snapshot") {
        return to_json(profiles.snapshot());
    }
    if (command == "refresh") {
        std::set<keeper::Ifindex> devices;
        for (std::int32_t ifindex = 0; words >> ifindex;) {
            devices.insert({ifindex});
        }
        return to_json(profiles.refresh(devices));
    }
    if (command == "store") {
        std::vector<keeper::StoreRequest> requests;
        while (words >> uuid >> flags) {
            requests.push_back({uuid, flags_from(flags)});
        }
        return to_json(profiles.store(requests));
    }
    if (command == "reapply") {
        std::vector<keeper::ReapplyRequest> requests;
        while (words >> interface >> uuid >> flags) {
            requests.push_back({interface, uuid, flags_from(flags), flags.back() == '!'});
        }
        return to_json(profiles.reapply(requests));
    }
    return {{"usage", "snapshot | refresh | store | reapply"}};
}

} // namespace

int main(int argc, char** argv) {
    keeper::NmProfiles::Options options;
    if (argc > 1) {
        options.time_limit = std::chrono::milliseconds(std::stol(argv[1]));
    }
    keeper::NmProfiles profiles(std::make_shared<keeper::NmConnection>(), options);
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto start = std::chrono::steady_clock::now();
        ordered_json answer = run(profiles, line);
        const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        answer["elapsed_ms"] = elapsed.count();
        answer["peak_rss_kb"] = usage.ru_maxrss;
        std::cout << answer.dump() << std::endl;
    }
}
