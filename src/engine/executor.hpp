#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/engine.hpp"

namespace keeper {

/// What came of carrying out changes.
struct Execution {
    std::vector<AppliedChange> changes; ///< in the order of the plan
    bool reapplied = false;             ///< NetworkManager was asked to reapply: it follows in its own time
    bool restarted = false;             ///< units were: their programs may need a moment to be up
    bool lost_network_manager = false;  ///< it went away in the middle: worth another round once it is back
    std::optional<std::uint32_t> endpoint_capacity; ///< the kernel refused one more than that
    std::optional<std::uint32_t> limit_maximum;     ///< the kernel refused a limit above that
};

/// Carries changes out through the ports, each on its own: one that fails does not stop the others. Limits
/// go in one request; profiles are stored first, all at once, and their devices reapplied after. Units come
/// last, after one daemon-reload for all.
class Executor {
  public:
    explicit Executor(const Ports& ports) : ports_(ports) {}

    enum class OnFailure {
        go_on,
        stop, ///< what comes after the first failure is not tried, and counts as reverted
    };
    /// What is written in one go.
    enum class Batch { none, one_sysctl, limits, endpoints, profiles, units };
    /// Deferred, unsupported and blocked items are passed on as what they are.
    [[nodiscard]] Execution execute(const std::vector<Change>& changes, OnFailure on_failure);

  private:
    static void leave_untried(AppliedChange& change);
    /// Tells in the change what was carried out where that is not all or nothing.
    [[nodiscard]] Result<void> write_endpoint(const EndpointAction& action, AppliedChange& change);
    [[nodiscard]] Result<void> add(const Endpoint& endpoint, AppliedChange& change);
    [[nodiscard]] Result<void> remove(const Endpoint& endpoint);
    [[nodiscard]] Result<void> set_flags(const Endpoint& from, const Endpoint& to);
    /// The endpoint with that key as the kernel has it now: its id may be another than when it was observed,
    /// and the kernel deletes by id alone.
    [[nodiscard]] Result<std::optional<Endpoint>> find(const EndpointKey& key);

    /// What comes of a replacement once the old endpoint is removed: the new one, or the old one again.
    [[nodiscard]] Result<void> add_replacement(const ReplaceEndpoint& replaced, AppliedChange& change);
    /// Gives what is replaced the ids that it has now, which decide about the order.
    void with_current_ids(std::vector<EndpointAction>& actions);

    [[nodiscard]] bool must_stop(const Execution& execution) const;
    void write_batch(Batch kind, std::vector<AppliedChange*>& changes, Execution& execution);
    void write_sysctl(AppliedChange& change, Execution& execution);
    void change_endpoints(std::vector<AppliedChange*>& changes, Execution& execution);
    void write_limits(std::vector<AppliedChange*>& changes, Execution& execution);
    void store_profiles(std::vector<AppliedChange*>& changes, Execution& execution);
    void write_endpoints(const LiveDevice& device, AppliedChange& change, Execution& execution);
    void bring_devices_in_line(std::vector<AppliedChange*>& changes, Execution& execution);
    void change_units(std::vector<AppliedChange*>& changes, Execution& execution);
    void settle(AppliedChange& change, const Result<void>& result, Execution& execution);
    /// After a refusal for lack of room: how many endpoints the table holds.
    void learn_capacity(Execution& execution);

    Ports ports_;
    OnFailure on_failure_ = OnFailure::go_on;
    std::size_t endpoints_before_ = 0; ///< how many there were before the write that is under way
};

} // namespace keeper
