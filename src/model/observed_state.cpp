#include "model/observed_state.hpp"

#include <algorithm>

namespace keeper {

namespace {

template <class Items, class Predicate>
auto find_or_null(const Items& items, Predicate predicate) -> decltype(&*items.begin()) {
    const auto found = std::find_if(items.begin(), items.end(), predicate);
    return found == items.end() ? nullptr : &*found;
}

} // namespace

const Link* find_link(const ObservedState& state, const std::string& name) {
    return find_or_null(state.links, [&](const Link& link) { return link.name == name; });
}

const Link* find_link(const ObservedState& state, Ifindex ifindex) {
    return find_or_null(state.links, [&](const Link& link) { return link.ifindex == ifindex; });
}

const Endpoint* find_endpoint(const ObservedState& state, const EndpointKey& key) {
    return find_or_null(state.endpoints, [&](const Endpoint& endpoint) { return endpoint.key == key; });
}

} // namespace keeper
