// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/premature_endpoints.hpp"

#include <algorithm>

namespace keeper {

void PrematureEndpoints::update(const std::vector<Link>& links, const std::vector<Endpoint>& endpoints) {
    usable_.clear();
    for (const Link& link : links) {
        for (const LinkAddress& address : link.addresses) {
            if (address.is_usable()) {
                usable_.insert(address.address);
            }
        }
    }
    for (const Endpoint& endpoint : endpoints) {
        if (!endpoint.is_implicit() && usable_.count(endpoint.key.address) == 0) {
            keys_.insert(endpoint.key);
        }
    }
    std::erase_if(keys_, [&](const SocketAddress& key) {
        return std::none_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.key == key;
        });
    });
}

void PrematureEndpoints::forget_tried() {
    std::erase_if(keys_, [&](const SocketAddress& key) { return usable_.count(key.address) != 0; });
}

} // namespace keeper
