#include "host_config/leftovers.hpp"
#include "base/text/text.hpp"
#include "doctor/rules/rules.hpp"

namespace keeper::rules {

Findings recipe(const Facts& facts) {
    const bool declared =
        facts.desired && (!facts.desired->sysctls.empty() || facts.desired->subflows ||
                          facts.desired->add_addr_accepted || !facts.desired->endpoints.empty() ||
                          !facts.desired->profiles.empty() || !facts.desired->units.empty());
    Findings findings;
    for (const Leftover& leftover : recipe_leftovers(facts.mechanism_files, "")) {
        const std::string consequence =
            !leftover.is_exported ? ""
            : declared            ? "; the configuration and this file both decide"
                                  : "; `mptcp-keeper export` makes a configuration that replaces it";
        findings.push_back(
            {FindingCode::recipe_leftover,
             declared ? Severity::warning : Severity::info,
             leftover.file,
             leftover.reason + consequence,
             joined(leftover.commands, "\n")});
    }
    return findings;
}

} // namespace keeper::rules
