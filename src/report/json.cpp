// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/json.hpp"

#include "base/text/printable.hpp"

namespace keeper {

std::string to_document(const Json& json) {
    return printable_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string json_line(const Json& json) {
    return printable_json(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

} // namespace keeper
