// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>

#include "base/text/join.hpp"
#include "report/config_report.hpp"
#include "support/config_support.hpp"
#include "support/dice.hpp"

// Random declarations, each written in two random ways: divided into files, in another order, with comments
// and with other spellings of the same values. The hash must not notice.
namespace keeper {
namespace {

using test::Dice;
using Texts = std::vector<std::string>;

void shuffle(Texts& texts, Dice& dice) {
    for (std::size_t left = texts.size(); left > 1; --left) {
        std::swap(texts[left - 1], texts[dice.below(static_cast<std::uint32_t>(left))]);
    }
}

/// One of the spellings of each value is chosen whenever it is written.
struct Spellings {
    Texts same;
    [[nodiscard]] const std::string& pick(Dice& dice) const { return dice.any_of(same); }
};

/// An item of a section: its keys with the spellings of their values, or its words.
struct Item {
    std::string section;                                            ///< "limits"
    std::vector<std::pair<std::string, Spellings>> keys = {};       ///< of a map
    std::vector<std::pair<std::string, Spellings>> overridden = {}; ///< what an earlier file may say instead
    [[nodiscard]] bool is_list_item() const { return section == "profiles" || section == "endpoints"; }
};

/// A list of words in any order, as a list or, for flags, as one string.
Spellings words(Texts list, Dice& dice, bool also_commas) {
    Spellings result;
    for (int i = 0; i < 3; ++i) {
        shuffle(list, dice);
        result.same.push_back("[" + joined(list, ", ") + "]");
        if (also_commas) {
            result.same.push_back("\"" + joined(list, ",") + "\"");
        }
    }
    if (list.size() == 1) {
        result.same.push_back(list[0]);
    }
    return result;
}

Spellings number(std::uint32_t value) {
    return {{std::to_string(value)}};
}

Item random_sysctl(Dice& dice) {
    switch (dice.below(3)) {
    case 0:
        return {"sysctl", {{"enabled", {{"true", "1", "\"1\""}}}}, {{"enabled", {{"false", "0"}}}}};
    case 1: {
        const std::string value = std::to_string(dice.below(3));
        return {
            "sysctl",
            {{"add_addr_timeout", {{value, "\"" + value + "\""}}}},
            {{"net.mptcp.add_addr_timeout", {{"77"}}}}};
    }
    default:
        return {
            "sysctl", {{"scheduler", {{"default", "'default'", "\"default\""}}}}, {{"scheduler", {{"x"}}}}};
    }
}

Item random_limit(Dice& dice) {
    const std::string name = dice.any_of<std::string>({"subflows", "add_addr_accepted"});
    return {"limits", {{name, number(dice.below(3))}}, {{name, {{"8", "null"}}}}};
}

Spellings random_match(Dice& dice) {
    Spellings result;
    const Texts names{"\"wan*\"", "home", "a b"};
    const Texts some(names.begin(), names.begin() + 1 + dice.below(3));
    const bool has_type = dice.coin();
    const bool has_uuid = dice.coin();
    for (int i = 0; i < 4; ++i) {
        Texts keys{"name: " + words(some, dice, false).pick(dice)};
        if (has_type) {
            keys.push_back(dice.any_of<std::string>({"type: wifi", "type: [802-11-wireless]"}));
        }
        if (has_uuid) {
            keys.push_back(dice.any_of<std::string>(
                {"uuid: 6f2ad1a6-8d0b-4e9c-9d0a-0b8d3f6a2c11",
                 "uuid: [6F2AD1A6-8D0B-4E9C-9D0A-0B8D3F6A2C11]"}));
        }
        shuffle(keys, dice);
        result.same.push_back("{" + joined(keys, ", ") + "}");
    }
    return result;
}

Item random_rule(Dice& dice) {
    Item item{"profiles", {{"match", random_match(dice)}}};
    const auto flags = dice.any_of<Texts>(
        {{"signal"},
         {"subflow", "backup"},
         {"signal", "subflow", "also-without-default-route"},
         {"default"}});
    item.keys.emplace_back("mptcp-flags", words(flags, dice, true));
    if (dice.coin()) {
        item.keys.emplace_back("except", random_match(dice));
    }
    if (dice.coin()) {
        item.keys.emplace_back("activation", Spellings{{dice.any_of<std::string>({"auto", "defer"})}});
    }
    return item;
}

Item random_endpoint(Dice& dice) {
    Item item{
        "endpoints",
        {{"address",
          dice.any_of<Spellings>(
              {{{"192.0.2.1"}},
               {{"192.0.2.2"}},
               {{"\"2001:db8::2\"", "\"2001:DB8:0:0::2\"", "'2001:0db8::0.0.0.2'"}}})}}};
    if (dice.below(4) == 0) {
        item.keys.emplace_back("state", Spellings{{"absent"}});
        return item;
    }
    item.keys.emplace_back(
        "flags",
        words(dice.any_of<Texts>({{"subflow"}, {"subflow", "backup"}, {"signal", "backup"}}), dice, true));
    if (dice.coin()) {
        item.keys.emplace_back("interface", Spellings{{"eth0", "\"eth0\""}});
    }
    item.overridden = {item.keys[0], {"flags", {{"[laminar, subflow]"}}}, {"interface", {{"eth9"}}}};
    return item;
}

Item random_application(Dice& dice) {
    const auto name = dice.any_of<std::string>({"units", "never"});
    const auto prefix = std::string(1, name[0]);
    return {"applications", {{name, words({prefix + "a.service", prefix + "b*.socket"}, dice, false)}}};
}

Item random_metrics(Dice& dice) {
    return dice.coin() ? Item{"metrics", {{"counters", {{"true"}}}}, {{"counters", {{"false", "null"}}}}}
                       : Item{
                             "metrics",
                             {{"textfile", {{"/run/a.prom", "\"/run/a.prom\"", "'/run/a.prom'"}}}},
                             {{"textfile", {{"/run/b.prom", "null"}}}}};
}

Item random_reconcile(Dice& dice) {
    return dice.coin()
               ? Item{"reconcile", {{"mode", {{dice.any_of<std::string>({"report", "manual"})}}}}}
               : Item{"reconcile", {{"interval", {{"2s", "2000ms", "2.0s"}}}}, {{"interval", {{"1h"}}}}};
}

/// At most one item per key that can be declared once; any number of rules.
std::vector<Item> random_declaration(Dice& dice) {
    std::vector<Item> items;
    std::vector<std::string> taken;
    for (int i = 0; i < 12; ++i) {
        constexpr std::array<Item (*)(Dice&), 7> kinds{
            random_sysctl,
            random_metrics,
            random_limit,
            random_rule,
            random_endpoint,
            random_application,
            random_reconcile};
        Item item = kinds[dice.below(kinds.size())](dice);
        const auto& [name, value] = item.keys[0];
        const std::string id = item.section + (item.section == "endpoints" ? value.same[0] : name);
        const bool is_taken = std::find(taken.begin(), taken.end(), id) != taken.end();
        if (item.section == "profiles" || !is_taken) {
            taken.push_back(id);
            items.push_back(std::move(item));
        }
    }
    return items;
}

/// The keys in any order as a flow mapping, without the braces.
std::string
written(const std::vector<std::pair<std::string, Spellings>>& keys, const std::string& prefix, Dice& dice) {
    Texts texts;
    for (const auto& [name, value] : keys) {
        const bool is_prefixed = !prefix.empty() && !name.starts_with(prefix) && dice.coin();
        texts.push_back((is_prefixed ? prefix : "") + name + ": " + value.pick(dice));
    }
    shuffle(texts, dice);
    return joined(texts, ", ");
}

struct File {
    std::map<std::string, Texts> sections; ///< items, in order
};

std::string text_of(const File& file, Dice& dice) {
    Texts parts;
    for (const auto& [section, items] : file.sections) {
        Texts shown = items;
        const bool is_list = section == "profiles" || section == "endpoints";
        if (section != "profiles") { // the order of rules has a meaning
            shuffle(shown, dice);
        }
        std::string part = section + ":" + (dice.coin() ? "  # a comment" : "") + "\n";
        for (const std::string& item : shown) {
            part += (dice.below(4) == 0 ? "  # another comment\n" : "");
            part += is_list ? "  - {" + item + "}\n" : "  " + item + "\n";
        }
        parts.push_back(part);
    }
    if (dice.coin()) {
        parts.emplace_back("version: 1\n");
    }
    shuffle(parts, dice);
    return joined(parts, dice.coin() ? "" : "\n");
}

/// The declaration as files. Some values are also in an earlier file, whose value is overridden.
Texts write(const std::vector<Item>& declaration, Dice& dice) {
    std::vector<File> files(2 + dice.below(3));
    std::size_t rule_file = 1;
    for (const Item& item : declaration) {
        const auto last = static_cast<std::uint32_t>(files.size() - 1);
        std::size_t file = 1 + dice.below(last);
        if (item.section == "profiles") {
            file = rule_file = std::max(rule_file, file);
        }
        const std::string prefix = item.section == "sysctl" ? "net.mptcp." : "";
        files[file].sections[item.section].push_back(written(item.keys, prefix, dice));
        if (!item.overridden.empty() && dice.coin()) {
            files[0].sections[item.section].push_back(written(item.overridden, prefix, dice));
        }
    }
    Texts texts;
    for (const File& file : files) {
        texts.push_back(text_of(file, dice));
    }
    return texts;
}

LoadedConfig read(const Texts& texts) {
    LoadedConfig config = parse(texts);
    EXPECT_EQ(printed(config.errors), Texts{}) << joined(texts, "\n---\n");
    return config;
}

TEST(ConfigHashProperty, DependsOnTheMeaningOnly) {
    std::map<std::string, std::string> texts_of_hashes;
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        Dice dice(seed);
        const std::vector<Item> declaration = random_declaration(dice);
        const Texts one = write(declaration, dice);
        const Texts other = write(declaration, dice);
        const LoadedConfig config = read(one);
        ASSERT_EQ(config.hash, read(other).hash) << "seed " << seed << "\n"
                                                 << joined(one, "\n---\n") << "\n=====\n"
                                                 << joined(other, "\n---\n");
        // The output of `config` is a configuration with the same meaning.
        const std::string merged = config_text(config, Colour::never);
        ASSERT_EQ(config.hash, read({merged}).hash) << "seed " << seed << "\n" << merged;
        texts_of_hashes.emplace(config.hash, merged);
    }
    EXPECT_GT(texts_of_hashes.size(), 750U) << "the declarations differ";
}

} // namespace
} // namespace keeper
