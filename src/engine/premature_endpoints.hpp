#pragma once

#include <set>
#include <vector>

#include "model/observed_state.hpp"

namespace keeper {

/// Endpoints that are in the kernel before their address is usable. The kernel tries an endpoint once, when
/// it is added; for the connections that live then, one that came too early must be given anew.
class PrematureEndpoints {
  public:
    /// Takes note of what is there now; what is no longer there is forgotten.
    void look(const std::vector<Link>& links, const std::vector<Endpoint>& endpoints);
    /// A plan was made and carried out for what the last look saw: those whose address was usable then are
    /// through, whether a connection lacked them or not.
    void judged();

    [[nodiscard]] const std::set<EndpointKey>& keys() const { return keys_; }

  private:
    std::set<EndpointKey> keys_;
    std::set<IpAddress> usable_; ///< at the last look
};

} // namespace keeper
