#include "export/export.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text/printable.hpp"
#include "config/config.hpp"
#include "export/export_items.hpp"
#include "plan/plan.hpp"
#include "plan/plan_warnings.hpp"

namespace keeper {

namespace {

using export_items::Item;
using export_items::Items;

constexpr const char* file_name = "this file"; // of the text while it is being checked

/// The text, and which line belongs to which item.
struct Rendering {
    std::string text;
    std::map<int, Item*> item_at;
};

class Writer {
  public:
    void line(const std::string& text) {
        rendering_.text += text + "\n";
        ++number_;
    }
    void mark(Item& item) { rendering_.item_at[number_ + 1] = &item; }
    [[nodiscard]] Rendering take() { return std::move(rendering_); }

  private:
    Rendering rendering_;
    int number_ = 0;
};

void write_item(Item& item, const std::string& indent, Writer& writer) {
    const std::string hash = item.left_out.empty() ? "" : "# ";
    for (const std::string& place : item.found_at) {
        writer.line(indent + "# " + printable(place));
    }
    if (!item.left_out.empty()) {
        writer.line(indent + "# left out: " + printable(item.left_out));
    }
    for (const std::string& yaml : item.yaml) {
        writer.mark(item);
        writer.line(indent + hash + yaml);
    }
}

void write_section(const std::string& section, Items& items, Writer& writer) {
    std::vector<Item*> members;
    for (Item& item : items) {
        if (item.section == section) {
            members.push_back(&item);
        }
    }
    if (members.empty()) {
        return;
    }
    const bool is_empty =
        std::all_of(members.begin(), members.end(), [](const Item* item) { return !item->left_out.empty(); });
    writer.line("");
    writer.line((is_empty ? "# " : "") + section + ":");
    if (section == "applications") {
        writer.line(is_empty ? "  # units:" : "  units:");
    }
    for (Item* item : members) {
        write_item(*item, section == "applications" ? "    " : "  ", writer);
    }
}

Rendering render(Items& items) {
    Writer writer;
    writer.line(
        "# This host's Multipath TCP, written by `mptcp-keeper export`. The comment above a value says");
    writer.line(
        "# where it was found. What is not here is as the kernel and NetworkManager have it by default.");
    for (const char* section : {"sysctl", "limits", "profiles", "endpoints", "applications"}) {
        write_section(section, items, writer);
    }
    return writer.take();
}

/// Takes out what the grammar refuses, each item judged by itself.
void refuse_what_is_invalid(Items& items) {
    for (Item& item : items) {
        Items alone{item};
        const LoadedConfig config = parse_config({{file_name, render(alone).text}});
        if (item.left_out.empty() && !config.valid()) {
            item.left_out = config.errors.front().message;
        }
    }
}

/// Takes out what a plan would change; whether there was any.
bool take_out_changes(const Rendering& rendering, const ExportFacts& facts) {
    const LoadedConfig config = parse_config({{file_name, rendering.text}});
    bool is_changed = false;
    for (const Diagnostic& error : config.errors) {
        const auto item = rendering.item_at.find(error.source.line);
        if (item != rendering.item_at.end() && item->second->left_out.empty()) {
            item->second->left_out = error.message;
            is_changed = true;
        }
    }
    if (!config.valid() || facts.observed == nullptr) {
        return is_changed;
    }
    std::map<std::string, Item*> item_of;
    for (const auto& [line, item] : rendering.item_at) {
        item_of[to_string(Source{file_name, line, 1})] = item;
    }
    // A unit that is MPTCP by other means stays what it is: that its drop-in is still to be written is no
    // reason to leave it out.
    Scope scope;
    scope.kinds.erase(Kind::applications);
    for (const Change& change : make_plan(config.desired, *facts.observed, facts.ownership, scope).changes) {
        const auto item = item_of.find(change.source);
        if (is_in_sync(change.standing) || item == item_of.end() || !item->second->left_out.empty()) {
            continue;
        }
        item->second->left_out = "apply would change " + title_of(change) +
                                 (change.note.empty() ? "" : " (" + change.note + ")") +
                                 ": it is not as its own settings say";
        is_changed = true;
    }
    return is_changed;
}

} // namespace

std::string export_yaml(const ExportFacts& facts) {
    Items items;
    export_items::add_sysctls(facts, items);
    export_items::add_limits(facts, items);
    export_items::add_profiles(facts, items);
    export_items::add_endpoints(facts, items);
    export_items::add_units(facts, items);
    refuse_what_is_invalid(items);
    Rendering rendering = render(items);
    // What is taken out can change what the rest comes to; every round takes out at least one.
    while (take_out_changes(rendering, facts)) {
        rendering = render(items);
    }
    return rendering.text;
}

} // namespace keeper
