#include "report/plan_warnings.hpp"

#include <algorithm>

namespace keeper {

bool is_in_sync(Standing standing) {
    switch (standing) {
    case Standing::deferred:
    case Standing::unsupported:
        return true;
    case Standing::actionable:
    case Standing::blocked:
        return false;
    }
    return false;
}

std::string title_of(const Change& change) {
    switch (change.resource) {
    case Resource::sysctl:
        return change.key;
    case Resource::limit:
        return "limit " + change.key;
    case Resource::endpoint:
        return "endpoint " + change.key;
    case Resource::profile:
        return "profile " + (change.name.empty() ? change.key : change.name);
    case Resource::unit:
        return "unit " + change.key;
    }
    return change.key;
}

std::vector<std::string> warnings_of(const Plan& plan) {
    std::vector<std::string> result = plan.warnings;
    for (const Change& change : plan.changes) {
        if (change.standing == Standing::actionable) {
            continue;
        }
        const std::string warning = title_of(change) + ": " + change.note;
        if (std::find(result.begin(), result.end(), warning) == result.end()) {
            result.push_back(warning);
        }
    }
    return result;
}

} // namespace keeper
