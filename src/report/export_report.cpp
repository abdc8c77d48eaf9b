#include "report/export_report.hpp"

#include "base/text/printable.hpp"
#include "report/json.hpp"

namespace keeper {

std::string leftovers_text(const std::vector<Leftover>& leftovers) {
    if (leftovers.empty()) {
        return "# nothing on this host is made superfluous by mptcp-keeper\n";
    }
    std::string text =
        "# Files that mptcp-keeper makes superfluous once its configuration says what they do\n"
        "# (`mptcp-keeper export` writes one that does: put it in place first), and the commands that\n"
        "# retire them.\n";
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
