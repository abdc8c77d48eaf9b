// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/settings_variant.hpp"

#include <cstring>

namespace keeper {

namespace {

constexpr const char* connection_setting = "connection";
constexpr const char* mptcp_flags_property = "mptcp-flags";

VariantPtr lookup(GVariant* settings, const char* setting) {
    return VariantPtr(g_variant_lookup_value(settings, setting, G_VARIANT_TYPE_VARDICT));
}

} // namespace

std::string settings_string(GVariant* settings, const char* setting, const char* property) {
    const VariantPtr properties = lookup(settings, setting);
    const char* value = nullptr;
    if (properties && g_variant_lookup(properties.get(), property, "&s", &value) != FALSE) {
        return value;
    }
    return {};
}

MptcpFlags settings_mptcp_flags(GVariant* settings) {
    const VariantPtr properties = lookup(settings, connection_setting);
    guint32 value = 0;
    if (properties) {
        g_variant_lookup(properties.get(), mptcp_flags_property, "u", &value);
    }
    return MptcpFlags::from_raw(value);
}

VariantPtr with_mptcp_flags(GVariant* settings, MptcpFlags flags) {
    GVariantBuilder copy;
    g_variant_builder_init(&copy, G_VARIANT_TYPE("a{sa{sv}}"));
    const gsize count = g_variant_n_children(settings);
    for (gsize i = 0; i < count; ++i) {
        const VariantPtr entry(g_variant_get_child_value(settings, i));
        const VariantPtr name(g_variant_get_child_value(entry.get(), 0));
        if (std::strcmp(g_variant_get_string(name.get(), nullptr), connection_setting) != 0) {
            g_variant_builder_add_value(&copy, entry.get());
            continue;
        }
        const VariantPtr properties(g_variant_get_child_value(entry.get(), 1));
        GVariantDict edited;
        g_variant_dict_init(&edited, properties.get());
        // NetworkManager omits properties that have their default.
        g_variant_dict_remove(&edited, mptcp_flags_property);
        if (!flags.empty()) {
            g_variant_dict_insert(&edited, mptcp_flags_property, "u", flags.raw());
        }
        g_variant_builder_add(&copy, "{s@a{sv}}", connection_setting, g_variant_dict_end(&edited));
    }
    return VariantPtr(g_variant_ref_sink(g_variant_builder_end(&copy)));
}

std::optional<std::string> ip_method(GVariant* settings, const char* setting) {
    if (!lookup(settings, setting)) {
        return std::nullopt;
    }
    const std::string method = settings_string(settings, setting, "method");
    return method.empty() ? "auto" : method;
}

} // namespace keeper
