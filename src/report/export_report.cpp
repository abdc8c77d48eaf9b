// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/export_report.hpp"

#include "base/text/printable.hpp"
#include "report/json.hpp"

namespace keeper {

std::string leftovers_text(const std::vector<Leftover>& leftovers) {
    if (leftovers.empty()) {
        return "# no other MPTCP configuration was found on this host\n";
    }
    std::string text =
        "# Files that mptcp-keeper replaces, and the commands that remove or disable them. First install a\n"
        "# configuration with the same settings: `mptcp-keeper export` writes one.\n";
    for (const Leftover& leftover : leftovers) {
        text += "\n# " + printable(leftover.file) + " " + leftover.reason + "\n";
        for (const std::string& command : leftover.commands) {
            text += printable(command) + "\n";
        }
    }
    return text;
}

std::string export_json(const std::string& configuration, const std::vector<Leftover>& leftovers) {
    Json list = Json::array();
    for (const Leftover& leftover : leftovers) {
        list.push_back(
            {{"file", leftover.file}, {"reason", leftover.reason}, {"commands", leftover.commands}});
    }
    return to_document({{"configuration", configuration}, {"leftovers", list}});
}

} // namespace keeper
