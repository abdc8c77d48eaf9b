// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_profiles.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>

#include <malloc.h>
#include <unistd.h>

#include "adapters/network_manager/device_reapply.hpp"
#include "adapters/network_manager/network_manager_conf.hpp"
#include "adapters/network_manager/nm_session.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"
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

/// Makes the session ready and carries out the requests; if that fails, each of them fails with the reason.
template <class Request, class CarryOut>
std::vector<Result<void>> with_session(
    NmSession& session,
    const std::shared_ptr<Round>& round,
    const std::vector<Request>& requests,
    const CarryOut& carry_out) {
    if (requests.empty()) {
        return {};
    }
    const Result<void> ready = session.ready(*round);
    return ready ? carry_out(session, round, requests) : std::vector<Result<void>>(requests.size(), ready);
}

} // namespace

NmProfiles::NmProfiles() : NmProfiles(Options{}) {}

NmProfiles::NmProfiles(Options options)
    : options_(std::move(options)), session_(std::make_unique<NmSession>()) {}

NmProfiles::~NmProfiles() = default;

void NmProfiles::start_round() {
    round_end_ = std::chrono::steady_clock::now() + options_.time_limit;
}

std::shared_ptr<Round> NmProfiles::begin_call() const {
    return std::make_shared<Round>(
        round_end_.value_or(std::chrono::steady_clock::now() + options_.time_limit));
}

Result<NetworkManagerState> NmProfiles::snapshot() {
    const auto round = begin_call();
    if (const Result<void> fresh = session_->refresh(*round); !fresh) {
        return propagate(fresh);
    }
    return read_state(*session_, round, read_conf(options_.conf_root, session_->version()));
}

bool NmProfiles::has_run_since_boot() {
    return ::access("/run/NetworkManager", F_OK) == 0 || errno != ENOENT;
}

void NmProfiles::release() {
    session_ = std::make_unique<NmSession>();
    // Returns the memory that a host with many profiles needed temporarily.
    ::malloc_trim(0);
}

std::vector<Result<void>> NmProfiles::store(const std::vector<StoreRequest>& requests) {
    return with_session(*session_, begin_call(), requests, store_profiles);
}

std::vector<Result<void>> NmProfiles::reapply(const std::vector<ReapplyRequest>& requests) {
    return with_session(*session_, begin_call(), requests, reapply_devices);
}

} // namespace keeper
