// SPDX-License-Identifier: LGPL-2.1-or-later
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

constexpr const char* file_name = "this file"; // in messages about the exported text

/// The text, and the item that each line belongs to.
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

/// Whether all items of the list are commented out.
bool is_left_out(const std::vector<Item*>& members, const std::string& list) {
    return std::all_of(members.begin(), members.end(), [&](const Item* item) {
        return item->list != list || !item->left_out.empty();
    });
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
    std::string list;
    for (Item* item : members) {
        if (item->list != list && !item->list.empty()) {
            writer.line((is_left_out(members, item->list) ? "  # " : "  ") + item->list + ":");
        }
        list = item->list;
        write_item(*item, list.empty() ? "  " : "    ", writer);
    }
}

Rendering render(Items& items) {
    Writer writer;
    writer.line(schema_modeline);
    writer.line(
        "# The Multipath TCP configuration of this host, written by `mptcp-keeper export`. Comments show");
    writer.line("# where each value was found. Settings that are not listed have their default values.");
    for (const char* section : {"sysctl", "limits", "profiles", "endpoints", "applications"}) {
        write_section(section, items, writer);
    }
    return writer.take();
}

/// Comments out the items that are invalid on their own.
void leave_out_invalid_items(Items& items) {
    const auto enabled = std::find_if(items.begin(), items.end(), [](const Item& item) {
        return item.section == "sysctl" && item.yaml.front().starts_with("enabled:");
    });
    for (Item& item : items) {
        Items alone{item};
        if (item.section == "applications" && enabled != items.end()) {
            alone.push_back(*enabled); // what it requires
        }
        const LoadedConfig config = parse_config({{file_name, render(alone).text}});
        if (item.left_out.empty() && !config.valid()) {
            item.left_out = config.errors.front().message;
        }
    }
}

/// Comments out the items that a plan would change. Returns whether there were any.
bool leave_out_changes(const Rendering& rendering, const ExportFacts& facts) {
    const LoadedConfig config = parse_config({{file_name, rendering.text}});
    bool found_any = false;
    for (const Diagnostic& error : config.errors) {
        const auto item = rendering.item_at.find(error.source.line);
        if (item != rendering.item_at.end() && item->second->left_out.empty()) {
            item->second->left_out = error.message;
            found_any = true;
        }
    }
    if (!config.valid() || facts.observed == nullptr) {
        return found_any;
    }
    std::map<std::string, Item*> item_of;
    for (const auto& [line, item] : rendering.item_at) {
        item_of[to_string(Source{file_name, line, 1})] = item;
    }
    // A unit that another file makes MPTCP stays MPTCP; that its drop-in is not written yet is no reason to
    // leave it out.
    Scope scope;
    scope.sections.erase(Section::units);
    scope.sections.erase(Section::program_hook);
    for (const Change& change : make_plan(config.desired, *facts.observed, facts.ownership, scope).changes) {
        const auto item = item_of.find(change.source);
        if (is_in_sync(change.actionability) || item == item_of.end() || !item->second->left_out.empty()) {
            continue;
        }
        item->second->left_out = "apply would change " + title_of(change) +
                                 (change.note.empty() ? "" : " (" + change.note + ")") +
                                 ": its current state differs from these settings";
        found_any = true;
    }
    return found_any;
}

} // namespace

std::string export_yaml(const ExportFacts& facts) {
    Items items;
    export_items::add_sysctls(facts, items);
    export_items::add_limits(facts, items);
    export_items::add_profiles(facts, items);
    export_items::add_endpoints(facts, items);
    export_items::add_applications(facts, items);
    leave_out_invalid_items(items);
    Rendering rendering = render(items);
    // Leaving an item out can change the plan of the others; every round leaves out at least one.
    while (leave_out_changes(rendering, facts)) {
        rendering = render(items);
    }
    return rendering.text;
}

} // namespace keeper
