#include "report/json.hpp"

#include "base/text/printable.hpp"

namespace keeper {

namespace {

struct ValueToJson {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(std::uint32_t number) const { return number; }
    Json operator()(const EndpointValue& endpoint) const {
        return {
            {"interface", text_or_null(endpoint.interface)},
            {"flags", names(endpoint.flags)},
            {"id", endpoint.id.value == 0 ? Json(nullptr) : Json(endpoint.id.value)}};
    }
    Json operator()(MptcpFlags flags) const { return names(flags); }
};

} // namespace

Json json_of(const Value& value) {
    return std::visit(ValueToJson{}, value);
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

std::string to_document(const Json& json) {
    return printable_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string to_text(const Json& json) {
    return printable_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string to_line(const std::string& document) {
    return document.empty() ? "" : to_text(Json::parse(document)) + "\n";
}

} // namespace keeper
