// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/resource_sections.hpp"

#include <algorithm>

namespace keeper {

const std::set<Section>& sections_of(Resource resource) {
    static const std::set<Section> sysctl{Section::sysctl};
    static const std::set<Section> limits{Section::limits};
    static const std::set<Section> endpoints{Section::endpoints, Section::profiles};
    static const std::set<Section> program_hook{Section::program_hook};
    static const std::set<Section> none;
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
    case Resource::program_hook:
        return program_hook;
    }
    return none;
}

bool covers(const Scope& scope, Resource resource) {
    const std::set<Section>& sections = sections_of(resource);
    return std::any_of(sections.begin(), sections.end(), [&](Section section) { return scope.has(section); });
}

bool decides(const Scope& scope, Resource resource) {
    return resource == Resource::profile ? scope.has(Section::profiles) : covers(scope, resource);
}

bool lacks_profiles(const ApplyReport& report) {
    return std::any_of(report.changes.begin(), report.changes.end(), [](const AppliedChange& item) {
        return item.change.resource == Resource::profile && item.change.key == all_profiles;
    });
}

} // namespace keeper
