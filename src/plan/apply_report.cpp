// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/apply_report.hpp"

namespace keeper {

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
    case Outcome::applied:
        return "applied";
    case Outcome::failed:
        return "failed";
    case Outcome::deferred:
        return "deferred";
    case Outcome::unsupported:
        return "unsupported";
    case Outcome::reverted:
        return "reverted";
    }
    return "";
}

} // namespace keeper
