// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/yaml/yaml_document.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/text/utf8.hpp"
#include "config/yaml/text_check.hpp"

namespace keeper {

namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";

/// Thrown out of yaml-cpp's callbacks, the only way to stop it; never leaves this file.
struct Refused {
    YamlRefusal refusal;
};

[[noreturn]] void refuse(Place place, std::string message) {
    throw Refused{{place, std::move(message)}};
}

/// Converts yaml-cpp's marks (counting from 0, columns in bytes) to positions.
class Places {
  public:
    explicit Places(std::string_view text) : text_(text) {
        for (std::size_t start = 0; start <= text.size();) {
            line_starts_.push_back(start);
            const std::size_t end = text.find('\n', start);
            start = end == std::string_view::npos ? text.size() + 1 : end + 1;
        }
    }

    [[nodiscard]] Place at(const YAML::Mark& mark) const {
        if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= line_starts_.size()) {
            return {};
        }
        const std::string_view line = text_.substr(line_starts_[static_cast<std::size_t>(mark.line)]);
        const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
        return {mark.line + 1, static_cast<int>(count_characters(line.substr(0, column)) + 1)};
    }

    /// The text from the mark to the end.
    [[nodiscard]] std::string_view rest(const YAML::Mark& mark) const {
        const std::string_view line = this->line(mark);
        const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
        return line.substr(std::min(column, line.size()));
    }

    /// The text from the start of the mark's line to the end.
    [[nodiscard]] std::string_view line(const YAML::Mark& mark) const {
        if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= line_starts_.size()) {
            return {};
        }
        return text_.substr(line_starts_[static_cast<std::size_t>(mark.line)]);
    }

  private:
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
};

bool is_null_word(std::string_view rest) {
    if (rest.starts_with('~')) {
        return true;
    }
    const std::string_view word = rest.substr(0, 4);
    return word == "null" || word == "Null" || word == "NULL";
}

/// Builds the tree from yaml-cpp's events and refuses unsupported YAML at once.
class TreeBuilder final : public YAML::EventHandler {
  public:
    explicit TreeBuilder(const Places& places) : places_(places) {}

    [[nodiscard]] YamlNode take() { return std::move(root_); }

    /// The start of the innermost collection that is still open.
    [[nodiscard]] std::optional<Place> open_collection() const {
        return frames_.empty() ? std::nullopt : std::optional(frames_.back().node.place);
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) {
            // yaml-cpp stops at text that it cannot place and starts a second document there.
            const std::string_view rest = places_.rest(mark);
            const Utf8Character next = rest.empty() ? Utf8Character{} : next_character(rest);
            refuse(
                places_.at(mark),
                rest.empty() || std::isalnum(static_cast<unsigned char>(rest.front())) != 0 ||
                        rest.starts_with("---")
                    ? "second document: a file may contain only one; move it to another file"
                    : "not valid YAML: unexpected " + in_quotes(rest.substr(0, next.length)));
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        YamlNode node;
        node.is_written = is_null_word(places_.rest(mark));
        node.place = node.is_written ? places_.at(mark) : place_of_absent_value(mark);
        add(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(
            places_.at(mark),
            "aliases are not supported; write the value out, and quote a glob that starts with *");
    }

    void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark, 1); }

    void
    OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value)
        override {
        refuse_anchor(mark, anchor);
        // yaml-cpp gives quoted scalars the tag "!", as it does for a tag that is written out.
        refuse_tag(mark, tag != "?" && (tag != "!" || places_.rest(mark).starts_with('!')));
        YamlNode node;
        node.kind = NodeKind::scalar;
        node.place = places_.at(mark);
        node.text = value;
        node.is_quoted = tag == "!";
        add(std::move(node));
    }

    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, NodeKind::sequence);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, NodeKind::map);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Key {
        std::string text;
        Place place;
    };
    /// A collection that is still open.
    struct Frame {
        YamlNode node;
        std::optional<Key> key; ///< whose value comes next
        std::unordered_map<std::string, int> lines_by_key;
    };

    /// yaml-cpp marks a missing value where the next token starts; its key or its list is a better position.
    [[nodiscard]] Place place_of_absent_value(const YAML::Mark& mark) const {
        if (frames_.empty()) {
            return places_.at(mark);
        }
        const Frame& frame = frames_.back();
        return frame.key ? frame.key->place : frame.node.place;
    }

    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
        if (anchor != 0) {
            refuse(
                places_.at(mark), "anchors (&name) are not supported; write the value out where it is used");
        }
    }

    void refuse_tag(const YAML::Mark& mark, bool has_tag) const {
        if (has_tag) {
            refuse(places_.at(mark), "tags (!name) are not supported; remove the tag, or quote the text");
        }
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, NodeKind kind) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag != "?" && !tag.empty());
        if (frames_.size() == yaml_limits::max_depth) {
            refuse(places_.at(mark), fmt::format("nested deeper than {} levels", yaml_limits::max_depth));
        }
        if (expects_key()) {
            refuse(places_.at(mark), "a list or map cannot be a key; close the bracket, or quote the word");
        }
        Frame frame;
        frame.node.kind = kind;
        frame.node.place = places_.at(mark);
        count(frame.node);
        frames_.push_back(std::move(frame));
    }

    void close() {
        YamlNode node = std::move(frames_.back().node);
        frames_.pop_back();
        place(std::move(node));
    }

    void add(YamlNode node) {
        if (expects_key()) {
            set_key(node);
            return;
        }
        count(node);
        place(std::move(node));
    }

    [[nodiscard]] bool expects_key() const {
        return !frames_.empty() && frames_.back().node.kind == NodeKind::map && !frames_.back().key;
    }

    void set_key(const YamlNode& node) {
        if (node.kind != NodeKind::scalar) {
            refuse(node.place, "missing key before the colon");
        }
        Frame& frame = frames_.back();
        const auto [other, is_new] = frame.lines_by_key.emplace(node.text, node.place.line);
        if (!is_new) {
            refuse(
                node.place,
                fmt::format(
                    "the key {} is already on line {}; keep one of them",
                    in_quotes(node.text),
                    other->second));
        }
        frame.key = Key{node.text, node.place};
    }

    void count(const YamlNode& node) {
        if (++nodes_ > yaml_limits::max_nodes) {
            refuse(
                node.place,
                fmt::format(
                    "the file has more than {} values; split it into drop-ins", yaml_limits::max_nodes));
        }
    }

    void place(YamlNode node) {
        if (frames_.empty()) {
            root_ = std::move(node);
            return;
        }
        Frame& frame = frames_.back();
        if (frame.node.kind == NodeKind::map) {
            frame.node.members.push_back({std::move(frame.key->text), frame.key->place, std::move(node)});
            frame.key.reset();
        } else {
            frame.node.items.push_back(std::move(node));
        }
    }

    const Places& places_;
    std::vector<Frame> frames_;
    YamlNode root_;
    std::size_t nodes_ = 0;
    int documents_ = 0;
};

YamlRefusal syntax_refusal(const Places& places, const TreeBuilder& builder, const YAML::Exception& failure) {
    std::string message = "not valid YAML: " + failure.msg;
    const std::string_view line = places.line(failure.mark);
    const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
    if (indent.find('\t') != std::string_view::npos) {
        message += "; indent with spaces, not tabs";
    }
    const std::string_view rest = places.rest(failure.mark);
    const std::size_t column = line.size() - rest.size();
    if (rest.starts_with('*') || (column > 0 && line[column - 1] == '*')) {
        message += "; quote a glob that starts with *";
    }
    // A collection that is never closed is best reported where it opens.
    const bool is_unclosed = rest.empty() && failure.msg.ends_with("not found");
    const auto open = is_unclosed ? builder.open_collection() : std::nullopt;
    return {open.value_or(places.at(failure.mark)), std::move(message)};
}

} // namespace

const YamlMember* YamlNode::find(std::string_view key) const {
    const auto found = std::find_if(
        members.begin(), members.end(), [&](const YamlMember& member) { return member.key == key; });
    return found == members.end() ? nullptr : &*found;
}

const YamlNode* YamlNode::find_valid(std::string_view key) const {
    const YamlMember* member = find(key);
    return member != nullptr && member->value.is_valid ? &member->value : nullptr;
}

tl::expected<YamlNode, YamlRefusal> read_yaml(std::string_view text) {
    if (text.starts_with(utf8_mark)) {
        text.remove_prefix(utf8_mark.size());
    }
    if (auto refusal = refusal_of_text(text)) {
        return tl::unexpected(std::move(*refusal));
    }
    const Places places(text);
    TreeBuilder builder(places);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        if (parser.HandleNextDocument(builder)) {
            // The builder knows where a second document starts and refuses it.
            parser.HandleNextDocument(builder);
        }
        return builder.take();
    } catch (Refused& refused) {
        return tl::unexpected(std::move(refused.refusal));
    } catch (const YAML::Exception& failure) {
        return tl::unexpected(syntax_refusal(places, builder, failure));
    } catch (const std::exception& failure) {
        return tl::unexpected(YamlRefusal{whole_file, std::string("cannot be parsed: ") + failure.what()});
    }
}

} // namespace keeper
