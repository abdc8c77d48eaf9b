#include "adapters/network_manager/nm_profiles.hpp"

#include <fstream>
#include <iterator>

#include <malloc.h>

#include "adapters/network_manager/device_reapply.hpp"
#include "adapters/network_manager/network_manager_conf.hpp"
#include "adapters/network_manager/nm_session.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"
#include "adapters/network_manager/profile_store.hpp"

namespace keeper {

namespace {

std::vector<std::string> read_texts(const std::vector<std::string>& files) {
    std::vector<std::string> texts;
    for (const std::string& file : files) {
        std::ifstream stream(file, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return texts;
}

std::shared_ptr<Round> begin(std::chrono::milliseconds time_limit) {
    return std::make_shared<Round>(std::chrono::steady_clock::now() + time_limit);
}

/// Makes the session ready and carries out the requests, or gives each of them the reason why not.
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

Result<NetworkManagerState> NmProfiles::snapshot() {
    const auto round = begin(options_.time_limit);
    if (const Result<void> fresh = session_->refresh(*round); !fresh) {
        return tl::unexpected(fresh.error());
    }
    Result<NetworkManagerState> state = read_state(*session_, round);
    if (state) {
        const auto texts = read_texts(network_manager_conf_files(options_.conf_root));
        state->default_flags = effective_default_flags(configured_default_flags(texts), state->version);
    }
    return state;
}

void NmProfiles::release() {
    session_ = std::make_unique<NmSession>();
    // What a host with many profiles needed for a moment is not kept for good.
    ::malloc_trim(0);
}

std::vector<Result<void>> NmProfiles::store(const std::vector<StoreRequest>& requests) {
    return with_session(*session_, begin(options_.time_limit), requests, store_profiles);
}

std::vector<Result<void>> NmProfiles::reapply(const std::vector<ReapplyRequest>& requests) {
    return with_session(*session_, begin(options_.time_limit), requests, reapply_devices);
}

} // namespace keeper
