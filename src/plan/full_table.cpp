#include "base/text/printable.hpp"
#include "plan/planner.hpp"

/// Who gets no endpoint where the kernel's table is too small, and who holds its places.
namespace keeper::planner {

namespace {

/// The addresses of declared profiles that have no endpoint.
std::vector<std::string> left_out(const Input& input) {
    std::vector<std::string> result;
    for (const ManagedDevice& device : input.devices.or_empty()) {
        for (const Endpoint& endpoint : device.wanted) {
            if (device.rule != nullptr && find_endpoint(input.observed, endpoint.key) == nullptr) {
                result.push_back(to_string(endpoint.key) + " (" + printable(device.profile->name) + ")");
            }
        }
    }
    return result;
}

/// The endpoints that neither NetworkManager makes nor the configuration declares, which hold places in the
/// table; "" for none.
std::string other_holders(const Input& input) {
    std::string list;
    for (const Endpoint& endpoint : *input.observed.endpoints) {
        if (!endpoint.is_implicit() && find_maker(*input.devices, endpoint.key) == nullptr &&
            !input.desired.endpoints.contains(endpoint.key) &&
            !input.ownership.stand_ins.contains(endpoint.key)) {
            list += (list.empty() ? "" : ", ") + to_string(endpoint.key) + " (id " +
                    std::to_string(endpoint.id.value) + ")";
        }
    }
    return list.empty() ? ""
                        : "; other endpoints hold places: " + list +
                              ": `mptcp-keeper doctor` shows which "
                              "are of no use";
}

} // namespace

void warn_of_full_table(const Input& input, Plan& plan) {
    if (!input.devices || !input.observed.endpoints) {
        return;
    }
    const std::vector<std::string> missing = left_out(input);
    if (!exceeds_table(input) || missing.empty()) {
        return;
    }
    std::string list;
    for (const std::string& address : missing) {
        list += (list.empty() ? "" : ", ") + address;
    }
    const std::string choice = "; which of them get an endpoint is NetworkManager's choice; ";
    plan.warnings.push_back(
        "the endpoint table has no room for all addresses of the declared profiles" + choice +
        (is_full_for_network_manager(input) ? "left out: " : "without one so far: ") + list +
        other_holders(input));
}

} // namespace keeper::planner
