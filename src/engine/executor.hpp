// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/engine.hpp"

namespace keeper {

/// The result of carrying out changes.
struct Execution {
    std::vector<AppliedChange> changes; ///< in the order of the plan
    bool reapplied = false;             ///< NetworkManager was asked to reapply, which it completes later
    bool restarted = false;             ///< units were restarted: their programs may need a moment to start
    bool lost_network_manager = false;  ///< it stopped during a call: try again once it is back
    std::optional<std::uint32_t> endpoint_capacity; ///< the kernel refused one more than that
    std::optional<std::uint32_t> limit_maximum;     ///< the kernel refused a limit above that
};

/// Carries out changes through the ports. Changes are independent: one that fails does not stop the others.
/// Both limits are set in one request; all profiles are stored first and their devices reapplied afterwards.
/// Units come last, after a single daemon-reload.
class Executor {
  public:
    explicit Executor(const Ports& ports) : ports_(ports) {}

    enum class OnFailure {
        go_on,
        stop, ///< the changes after the first failure are not tried, and count as reverted
    };
    /// Changes that are written together.
    enum class Batch { none, one_sysctl, limits, endpoints, profiles, units, program_hook };
    /// Deferred, unsupported and blocked changes are not carried out and reported as such.
    [[nodiscard]] Execution execute(const std::vector<Change>& changes, OnFailure on_failure);

  private:
    static void mark_untried(AppliedChange& change);
    /// Records in `change.done` what was carried out if that is only a part.
    [[nodiscard]] Result<void> write_endpoint(const EndpointAction& action, AppliedChange& change);
    [[nodiscard]] Result<void> add_endpoint(const Endpoint& endpoint, AppliedChange& change);
    [[nodiscard]] Result<void> remove_endpoint(const Endpoint& endpoint);
    [[nodiscard]] Result<void> set_endpoint_flags(const Endpoint& from, const Endpoint& to);
    /// The endpoint with that key as the kernel has it now: its id may have changed since it was observed,
    /// and the kernel deletes by id alone.
    [[nodiscard]] Result<std::optional<Endpoint>> find_endpoint(const SocketAddress& key);

    /// Completes a replacement after the old endpoint is removed: adds the new one, or else the old one
    /// again.
    [[nodiscard]] Result<void> add_replacement(const ReplaceEndpoint& replaced, AppliedChange& change);
    /// Updates the ids of endpoints to be replaced, which determine the order.
    void update_ids(std::vector<EndpointAction>& actions);

    [[nodiscard]] bool must_stop(const Execution& execution) const;
    void write_batch(Batch kind, std::vector<AppliedChange*>& changes, Execution& execution);
    void write_sysctl(AppliedChange& change, Execution& execution);
    void change_endpoints(std::vector<AppliedChange*>& changes, Execution& execution);
    void write_limits(std::vector<AppliedChange*>& changes, Execution& execution);
    void store_profiles(std::vector<AppliedChange*>& changes, Execution& execution);
    void write_endpoints(const LiveDevice& device, AppliedChange& change, Execution& execution);
    void update_devices(std::vector<AppliedChange*>& changes, Execution& execution);
    void change_program_hook(std::vector<AppliedChange*>& changes, Execution& execution);
    void change_units(std::vector<AppliedChange*>& changes, Execution& execution);
    void record_result(AppliedChange& change, const Result<void>& result, Execution& execution);
    /// Records how many endpoints the table holds, after the kernel refused one because it is full.
    void learn_capacity(Execution& execution);

    Ports ports_;
    OnFailure on_failure_ = OnFailure::go_on;
    std::size_t endpoints_before_ = 0; ///< how many there were before the current write
};

} // namespace keeper
