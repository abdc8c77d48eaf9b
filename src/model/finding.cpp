// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/finding.hpp"

#include <algorithm>

namespace keeper {

std::string_view to_string(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    case Severity::info:
        return "info";
    }
    return "";
}

std::string_view to_string(LostAt where) {
    switch (where) {
    case LostAt::nowhere:
        return "nowhere";
    case LostAt::this_host:
        return "this host";
    case LostAt::path:
        return "the path";
    case LostAt::peer:
        return "the peer";
    case LostAt::peer_or_path:
        return "the peer or the path";
    case LostAt::unknown:
        return "unknown";
    }
    return "";
}

bool Diagnosis::healthy() const {
    return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::info;
    });
}

} // namespace keeper
