#include "engine/resource_kinds.hpp"

#include <algorithm>

namespace keeper {

const std::set<Kind>& kinds_of(Resource resource) {
    static const std::set<Kind> sysctl{Kind::sysctl};
    static const std::set<Kind> limits{Kind::limits};
    static const std::set<Kind> endpoints{Kind::endpoints, Kind::profiles};
    static const std::set<Kind> none;
    switch (resource) {
    case Resource::sysctl:
        return sysctl;
    case Resource::limit:
        return limits;
    case Resource::endpoint:
    case Resource::profile:
        return endpoints;
    case Resource::unit:
        return none;
    }
    return none;
}

bool covers(const Scope& scope, Resource resource) {
    const std::set<Kind>& kinds = kinds_of(resource);
    return std::any_of(kinds.begin(), kinds.end(), [&](Kind kind) { return scope.has(kind); });
}

bool decides(const Scope& scope, Resource resource) {
    return resource == Resource::profile ? scope.has(Kind::profiles) : covers(scope, resource);
}

bool names_no_profile(const ApplyReport& report) {
    return std::any_of(report.changes.begin(), report.changes.end(), [](const AppliedChange& item) {
        return item.change.resource == Resource::profile && item.change.key == all_profiles;
    });
}

} // namespace keeper
