// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/endpoint_order.hpp"

#include <algorithm>

namespace keeper {

namespace {

const ReplaceEndpoint* replacement(const EndpointAction& action) {
    return std::get_if<ReplaceEndpoint>(&action);
}

/// The id that the action requests; 0 if it accepts any id or adds nothing.
EndpointId asked_id(const EndpointAction& action) {
    if (const auto* added = std::get_if<AddEndpoint>(&action)) {
        return added->endpoint.id;
    }
    const auto* replaced = replacement(action);
    return replaced == nullptr ? EndpointId{} : replaced->to.id;
}

bool adds(const EndpointAction& action) {
    return std::holds_alternative<AddEndpoint>(action) || replacement(action) != nullptr;
}

/// Orders the actions one by one.
class Ordering {
  public:
    explicit Ordering(const std::vector<EndpointAction>& actions)
        : actions_(actions), holds_(actions.size()), is_removed_(actions.size(), false) {
        for (std::size_t i = 0; i < actions.size(); ++i) {
            if (const auto* replaced = replacement(actions[i])) {
                holds_[i] = replaced->from.id;
            }
        }
    }

    [[nodiscard]] std::vector<EndpointStep> take() {
        std::vector<std::size_t> pinned;
        std::vector<std::size_t> unpinned;
        for (std::size_t i = 0; i < actions_.size(); ++i) {
            if (!adds(actions_[i])) {
                steps_.push_back({i, EndpointStep::What::whole});
            } else {
                (asked_id(actions_[i]) == EndpointId{} ? unpinned : pinned).push_back(i);
            }
        }
        while (!pinned.empty()) {
            const auto free = std::find_if(
                pinned.begin(), pinned.end(), [&](std::size_t i) { return holder(i) == actions_.size(); });
            if (free == pinned.end()) {
                // There is a cycle, or an endpoint without a pin has the id.
                const std::size_t in_the_way = holder(pinned.front());
                steps_.push_back({in_the_way, EndpointStep::What::first_remove});
                is_removed_[in_the_way] = true;
                holds_[in_the_way] = {};
                continue;
            }
            carry_out(*free);
            pinned.erase(free);
        }
        for (const std::size_t i : unpinned) {
            carry_out(i);
        }
        return std::move(steps_);
    }

  private:
    /// Another action whose endpoint still has the id that this one requests; actions_.size() for none.
    [[nodiscard]] std::size_t holder(std::size_t asking) const {
        for (std::size_t i = 0; i < actions_.size(); ++i) {
            if (i != asking && holds_[i] == asked_id(actions_[asking])) {
                return i;
            }
        }
        return actions_.size();
    }

    void carry_out(std::size_t i) {
        steps_.push_back({i, is_removed_[i] ? EndpointStep::What::then_add : EndpointStep::What::whole});
        holds_[i] = {};
    }

    const std::vector<EndpointAction>& actions_;
    std::vector<EndpointId> holds_; ///< the id that the action's removal frees; 0 once it is free
    std::vector<bool> is_removed_;
    std::vector<EndpointStep> steps_;
};

} // namespace

std::vector<EndpointStep> order_of(const std::vector<EndpointAction>& actions) {
    return Ordering(actions).take();
}

} // namespace keeper
