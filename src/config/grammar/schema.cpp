// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/config.hpp"

#include <nlohmann/json.hpp>

#include "base/text/join.hpp"
#include "config/grammar/grammar.hpp"

namespace keeper {

namespace {

using Json = nlohmann::ordered_json;

std::string whole(const std::string& pattern) {
    return "^(" + pattern + ")$";
}

/// Generates the schema of a form; `pointer` is its position in the document, for references within it.
class SchemaWriter {
  public:
    explicit SchemaWriter(std::string pointer) : pointer_(std::move(pointer)) {}

    [[nodiscard]] static Json write(const Spec& spec, const std::string& pointer) {
        Json schema{{"description", spec.help}};
        schema.update(std::visit(SchemaWriter(pointer), spec.form));
        if (spec.nullable) {
            allow_null(schema);
        }
        return schema;
    }

    Json operator()(const BooleanForm& form) const {
        return form.also_digits ? Json{{"enum", {true, false, 0, 1, "0", "1"}}} : Json{{"type", "boolean"}};
    }

    Json operator()(const IntegerForm& form) const {
        Json number{{"type", "integer"}, {"minimum", form.minimum}, {"maximum", form.maximum}};
        if (!form.also_quoted) {
            return number;
        }
        Json digits{{"type", "string"}, {"pattern", "^(0|[1-9][0-9]*)$"}};
        return {{"anyOf", {std::move(number), std::move(digits)}}};
    }

    Json operator()(const TextForm& form) const {
        const Json type = form.also_number ? Json{"string", "number"} : Json("string");
        return {{"type", type}, {"pattern", whole(form.pattern.text())}, {"maxLength", form.max_length}};
    }

    Json operator()(const ChoiceForm& form) const { return {{"enum", form.names}}; }

    Json operator()(const WordsForm& form) const {
        const std::string word = "\\s*(" + joined(form.names, "|") + ")\\s*";
        const Json list{
            {"type", "array"}, {"items", {{"enum", form.names}}}, {"minItems", 1}, {"uniqueItems", true}};
        const Json text{{"type", "string"}, {"pattern", whole(word + "(," + word + ")*")}};
        return {{"anyOf", {list, text}}};
    }

    Json operator()(const ListForm& form) const {
        const Spec& item = form.item.front();
        const std::string pointer = form.also_single ? pointer_ + "/anyOf/0" : pointer_;
        Json list{{"type", "array"}, {"items", write(item, pointer + "/items")}};
        if (!form.may_be_empty) {
            list["minItems"] = 1;
        }
        if (!form.also_single) {
            return list;
        }
        return {{"anyOf", {std::move(list), write(item, pointer_ + "/anyOf/1")}}};
    }

    Json operator()(const MapForm& form) const {
        Json schema{{"type", "object"}};
        Json& properties = schema["properties"] = Json::object();
        std::vector<std::string> required;
        for (const KeySpec& key : form.keys) {
            if (!key.refusal.empty()) {
                continue;
            }
            const std::string pointer = pointer_ + "/properties/" + key.name;
            properties[key.name] = write(key.value, pointer);
            if (!form.key_prefix.empty()) {
                properties[form.key_prefix + key.name] = {{"$ref", pointer}};
            }
            if (key.is_required) {
                required.push_back(key.name);
            }
        }
        if (form.open) {
            schema["patternProperties"] = open_keys(form);
        }
        schema["additionalProperties"] = false;
        if (!required.empty()) {
            schema["required"] = required;
        }
        if (!form.may_be_empty) {
            schema["minProperties"] = 1;
        }
        return schema;
    }

  private:
    /// Adds null as a value; keywords other than type only apply to values of their type.
    static void allow_null(Json& schema) {
        if (schema.contains("type")) {
            Json& type = schema["type"];
            type = type.is_array() ? type : Json::array({type});
            type.push_back("null");
        } else if (schema.contains("enum")) {
            schema["enum"].push_back(nullptr);
        } else {
            schema["anyOf"].push_back({{"type", "null"}});
        }
    }

    /// Keys that match the pattern and are not known.
    [[nodiscard]] Json open_keys(const MapForm& form) const {
        std::vector<std::string> known;
        for (const KeySpec& key : form.keys) {
            known.push_back(key.name); // refused ones too: they are not open
        }
        std::string prefix;
        for (const char letter : form.key_prefix) {
            prefix += letter == '.' ? "\\." : std::string(1, letter);
        }
        const std::string pattern =
            "^(" + prefix + ")?(?!(" + joined(known, "|") + ")$)(" + form.open->pattern.text() + ")$";
        return {{pattern, write(form.open->value.front(), pointer_)}};
    }

    std::string pointer_;
};

} // namespace

std::string config_schema() {
    const Spec& grammar = config_grammar();
    Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "mptcp-keeper"}};
    schema.update(SchemaWriter::write(grammar, "#"));
    return schema.dump(2) + "\n";
}

} // namespace keeper
