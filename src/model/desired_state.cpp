// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/desired_state.hpp"

namespace keeper {

std::string_view to_string(Activation activation) {
    switch (activation) {
    case Activation::automatic:
        return "auto";
    case Activation::reapply:
        return "reapply";
    case Activation::defer:
        return "defer";
    }
    return "";
}

std::string_view to_string(ReconcileMode mode) {
    switch (mode) {
    case ReconcileMode::enforce:
        return "enforce";
    case ReconcileMode::report:
        return "report";
    case ReconcileMode::manual:
        return "manual";
    }
    return "";
}

bool declares_anything(const DesiredState& desired) {
    return !desired.sysctls.empty() || desired.subflows || desired.add_addr_accepted ||
           !desired.profiles.empty() || !desired.endpoints.empty() || !desired.units.empty() ||
           !desired.never.empty() || declares_program_hook(desired);
}

bool declares_program_hook(const DesiredState& desired) {
    return !desired.slices.empty() || (desired.all_programs && desired.all_programs->value);
}

std::optional<Declared<bool>> declared_enabled(const DesiredState& desired) {
    const auto found = desired.sysctls.find("enabled");
    return found == desired.sysctls.end()
               ? std::nullopt
               : std::optional(Declared<bool>{found->second.value != "0", found->second.source});
}

} // namespace keeper
