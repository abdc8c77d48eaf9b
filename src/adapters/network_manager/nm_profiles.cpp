// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_profiles.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include <malloc.h>

#include "adapters/network_manager/device_reapply.hpp"
#include "adapters/network_manager/network_manager_conf.hpp"
#include "adapters/network_manager/network_manager_run.hpp"
#include "adapters/network_manager/nm_reader.hpp"
#include "adapters/network_manager/profile_store.hpp"

namespace keeper {

namespace {

NetworkManagerConf read_conf(const std::string& root, std::string version) {
    std::vector<NetworkManagerConf::Text> texts;
    for (const ConfFile& file : network_manager_conf_files(root)) {
        std::ifstream stream(file.path, std::ios::binary);
        texts.push_back(
            {std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()),
             file.is_main});
    }
    return NetworkManagerConf::read(texts, std::move(version));
}

} // namespace

NmProfiles::NmProfiles(std::shared_ptr<NmConnection> connection)
    : NmProfiles(std::move(connection), Options{}) {}

NmProfiles::NmProfiles(std::shared_ptr<NmConnection> connection, Options options)
    : connection_(std::move(connection)), options_(std::move(options)) {}

void NmProfiles::start_round() {
    round_end_ = std::chrono::steady_clock::now() + options_.time_limit;
}

Deadline NmProfiles::deadline() const {
    return round_end_.value_or(std::chrono::steady_clock::now() + options_.time_limit);
}

NetworkManagerState NmProfiles::state() const {
    const NmObjects& objects = connection_->objects();
    return state_of(objects, read_conf(options_.conf_root, objects.version));
}

Result<void> NmProfiles::make_ready(Deadline end) {
    (void)connection_->bus().process(); // signals that have arrived: NetworkManager may have been restarted
    if (auto opened = connection_->open(); !opened) {
        return opened;
    }
    return connection_->objects().is_read() ? Result<void>()
                                            : read_objects(connection_->bus(), connection_->objects(), end);
}

Result<NetworkManagerState> NmProfiles::snapshot() {
    return read_everything(deadline());
}

Result<NetworkManagerState> NmProfiles::read_everything(Deadline end) {
    connection_->objects().forget();
    if (auto ready = make_ready(end); !ready) {
        return propagate(ready);
    }
    return state();
}

Result<NetworkManagerState> NmProfiles::refresh(const std::set<Ifindex>& devices) {
    const Deadline end = deadline();
    NmObjects& objects = connection_->objects();
    const bool is_kept = objects.is_read() && !objects.is_outdated;
    if (objects.is_outdated) {
        objects.forget();
    }
    if (auto ready = make_ready(end); !ready) {
        return propagate(ready);
    }
    if (!is_kept) {
        return state();
    }
    std::set<std::string> paths;
    for (const std::string& path : objects.active_devices()) {
        const auto device = objects.devices.find(path);
        if (device == objects.devices.end()) {
            continue;
        }
        if (devices.count(device->second.ifindex) != 0) {
            paths.insert(path);
        }
        // NetworkManager does not announce that an interface was renamed.
        if (present_ifindex(device->second.interface) != device->second.ifindex) {
            objects.changed.insert(path);
        }
    }
    if (auto read = read_changed_objects(connection_->bus(), objects, paths, end); !read) {
        if (read.error().kind == ErrorKind::unavailable) {
            objects.forget();
        }
        return propagate(read);
    }
    // It may have turned out that NetworkManager was restarted.
    return objects.is_read() && !objects.is_outdated ? state() : read_everything(end);
}

bool NmProfiles::has_run_since_boot() {
    return network_manager_has_run();
}

void NmProfiles::release() {
    // Returns the memory that a host with many profiles needed temporarily.
    ::malloc_trim(0);
}

/// If NetworkManager cannot be reached, each request fails with the reason.
template <class Request, class CarryOut>
std::vector<Result<void>>
NmProfiles::carry_out(const std::vector<Request>& requests, const CarryOut& carry_out) {
    if (requests.empty()) {
        return {};
    }
    const Deadline end = deadline();
    const Result<void> ready = make_ready(end);
    return ready ? carry_out(connection_->bus(), connection_->objects(), requests, end)
                 : std::vector<Result<void>>(requests.size(), ready);
}

std::vector<Result<void>> NmProfiles::store(const std::vector<StoreRequest>& requests) {
    return carry_out(requests, store_profiles);
}

std::vector<Result<void>> NmProfiles::reapply(const std::vector<ReapplyRequest>& requests) {
    return carry_out(requests, reapply_devices);
}

} // namespace keeper
