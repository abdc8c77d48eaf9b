// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/json.hpp"

#include "base/text/printable.hpp"
#include "config/config_hash.hpp"

namespace keeper {

std::string to_document(const Json& json) {
    return printable_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Json config_summary_json(
    const std::string& hash, const std::string& loaded_hash, const std::vector<std::string>& files) {
    return {
        {"version", config_version},
        {"hash", text_or_null(hash)},
        {"loaded_hash", text_or_null(loaded_hash)},
        {"files", files}};
}

std::string json_line(const Json& json) {
    return printable_json(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

} // namespace keeper
