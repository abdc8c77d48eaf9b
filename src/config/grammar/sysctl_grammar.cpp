// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/grammar/grammar_parts.hpp"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/text/nearest.hpp"
#include "config/grammar/remarks.hpp"
#include "model/sysctl_table.hpp"

namespace keeper {

namespace {

constexpr std::size_t max_word = 15; // MPTCP_SCHED_NAME_MAX and MPTCP_PM_NAME_MAX are 16, with the final NUL

Form value_form(const SysctlSpec& sysctl) {
    switch (sysctl.type) {
    case SysctlType::boolean:
        return BooleanForm{.also_digits = true};
    case SysctlType::integer:
        return IntegerForm{
            .minimum = sysctl.minimum,
            .maximum = sysctl.maximum,
            .unit = std::string(sysctl.unit),
            .also_quoted = true};
    case SysctlType::name:
        break;
    }
    return TextForm{
        .pattern = Pattern("[A-Za-z0-9_-]{1,15}"),
        .max_length = max_word,
        .expected = "a name of at most 15 letters, digits, - and _"};
}

KeySpec key_of(const SysctlSpec& sysctl) {
    KeySpec key;
    key.name = sysctl.name;
    key.value = {
        .help = fmt::format("{} (since Linux {})", sysctl.help, sysctl.since),
        .form = value_form(sysctl),
        .nullable = true};
    if (sysctl.read_only) {
        key.refusal = fmt::format("net.mptcp.{} is read-only; remove it", sysctl.name);
    }
    return key;
}

/// The known sysctl that an unknown name most likely means.
std::optional<std::string> intended(std::string_view name) {
    std::vector<std::string> known;
    for (const SysctlSpec& sysctl : known_sysctls()) {
        known.emplace_back(sysctl.name);
    }
    // The out-of-tree kernel had net.mptcp.mptcp_enabled and similar names; many tutorials still have them.
    constexpr std::string_view out_of_tree = "mptcp_";
    if (name.starts_with(out_of_tree)) {
        const std::string_view rest = name.substr(out_of_tree.size());
        if (rest == "checksum") {
            return "checksum_enabled";
        }
        return nearest(rest, known);
    }
    return nearest(name, known);
}

} // namespace

Spec sysctl_spec() {
    MapForm map;
    map.key_prefix = "net.mptcp.";
    for (const SysctlSpec& sysctl : known_sysctls()) {
        map.keys.push_back(key_of(sysctl));
    }
    map.open = OpenKeys{
        .pattern = Pattern("[a-z0-9_]{1,64}"),
        .expected = "after net.mptcp. a sysctl name has only a to z, 0 to 9 and _",
        .value =
            {{.help = "a sysctl that this version does not know",
              .form =
                  TextForm{
                      .pattern = Pattern("-?(0|[1-9][0-9]{0,18})|[A-Za-z_][A-Za-z0-9_-]{0,14}"),
                      .max_length = 20,
                      .expected = "a decimal number or a word of letters, digits, - and _",
                      .also_number = true,
                      .remark = remark_on_sysctl_value},
              .nullable = true}},
        .noun = "sysctl",
        .meant = intended};
    return {"sysctls under net.mptcp", std::move(map)};
}

} // namespace keeper
