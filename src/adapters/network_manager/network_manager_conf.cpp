// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/network_manager_conf.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

#include "adapters/files/directory.hpp"
#include "adapters/network_manager/glib_ptr.hpp"
#include "adapters/network_manager/nm_objects.hpp"

namespace keeper {

namespace {

constexpr const char* connection_section = "connection";
constexpr const char* mptcp_flags_key = "connection.mptcp-flags";

std::optional<std::string> text_of(GKeyFile* file, const char* section, const char* key) {
    const CharPtr value(g_key_file_get_string(file, section, key, nullptr));
    return value ? std::optional<std::string>(value.get()) : std::nullopt;
}

/// Without unescaping, since lists have their own escape sequences.
std::optional<std::string> raw_text_of(GKeyFile* file, const char* section, const char* key) {
    const CharPtr value(g_key_file_get_value(file, section, key, nullptr));
    return value ? std::optional<std::string>(value.get()) : std::nullopt;
}

std::string stripped(const std::string& text) {
    CharPtr copy(g_strdup(text.c_str()));
    return g_strstrip(copy.get());
}

std::optional<bool> parse_boolean(const std::string& text) {
    const std::string word = stripped(text);
    for (const char* yes : {"true", "yes", "on", "1"}) {
        if (g_ascii_strcasecmp(word.c_str(), yes) == 0) {
            return true;
        }
    }
    for (const char* no : {"false", "no", "off", "0"}) {
        if (g_ascii_strcasecmp(word.c_str(), no) == 0) {
            return false;
        }
    }
    return std::nullopt;
}

/// The text as a number; 0, which NetworkManager treats as "not set", if it is not a non-negative number.
std::int64_t parse_number(const std::string& text) {
    const std::string word = stripped(text);
    char* end = nullptr;
    errno = 0;
    const std::int64_t number = g_ascii_strtoll(word.c_str(), &end, 0);
    return word.empty() || errno != 0 || *end != '\0' || number < 0 ? 0 : number;
}

bool is_switched_off(GKeyFile* file, const std::string& version) {
    const auto enable = raw_text_of(file, ".config", "enable");
    if (!enable) {
        return false;
    }
    if (const auto word = parse_boolean(*enable)) {
        return !*word;
    }
    return !matches_version(split_match_specs(*enable), version);
}

} // namespace

std::vector<ConfFile> network_manager_conf_files(const std::string& root) {
    std::vector<ConfFile> files;
    std::map<std::string, int> last_folder; // by file name: the folder that shadows the others
    const char* const folders[] = {
        "/usr/lib/NetworkManager/conf.d", "/run/NetworkManager/conf.d", "/etc/NetworkManager/conf.d"};
    std::map<std::string, std::string> found[3];
    for (int i = 0; i < 3; ++i) {
        const std::string folder = root + folders[i];
        for (const std::string& name : list_directory(folder).names) { // none if there is no such folder
            if (name.ends_with(".conf")) {
                found[i][name] = folder + "/" + name;
                last_folder[name] = i;
            }
        }
    }
    for (int i = 0; i < 3; ++i) {
        if (i == 2) {
            files.push_back({root + "/etc/NetworkManager/NetworkManager.conf", true});
        }
        for (const auto& [name, path] : found[i]) {
            if (last_folder[name] == i) {
                files.push_back({path, false});
            }
        }
    }
    return files;
}

NetworkManagerConf NetworkManagerConf::read(const std::vector<Text>& texts, std::string version) {
    NetworkManagerConf conf;
    conf.version_ = std::move(version);
    // Collected in reverse: later files, and later sections of a file, are appended.
    std::vector<Section> backwards;
    for (const Text& text : texts) {
        const KeyFilePtr file(g_key_file_new());
        if (g_key_file_load_from_data(
                file.get(), text.text.data(), text.text.size(), G_KEY_FILE_NONE, nullptr) == FALSE ||
            (!text.is_main && is_switched_off(file.get(), conf.version_))) {
            continue;
        }
        conf.dhcp_plugin_ = text_of(file.get(), "main", "dhcp").value_or(conf.dhcp_plugin_);
        gsize count = 0;
        const CharListPtr names(g_key_file_get_groups(file.get(), &count));
        for (gsize i = count; i-- > 0;) {
            const char* const name = names.get()[i];
            if (!std::string_view(name).starts_with(connection_section)) {
                continue;
            }
            auto section = std::find_if(
                backwards.begin(), backwards.end(), [&](const Section& known) { return known.name == name; });
            if (section == backwards.end()) {
                section = backwards.insert(section, Section{.name = name, .flags = {}, .match_device = {}});
            }
            if (auto flags = text_of(file.get(), name, mptcp_flags_key)) {
                section->flags = std::move(flags);
            }
            if (const auto devices = raw_text_of(file.get(), name, "match-device")) {
                section->match_device = split_match_specs(*devices);
            }
            if (const auto stop = text_of(file.get(), name, "stop-match")) {
                section->stop_match = parse_boolean(*stop).value_or(false);
            }
        }
    }
    conf.sections_.assign(backwards.rbegin(), backwards.rend());
    std::stable_partition(conf.sections_.begin(), conf.sections_.end(), [](const Section& section) {
        return section.name != connection_section;
    });
    return conf;
}

MptcpFlags NetworkManagerConf::default_flags(const DeviceIdentity* device) const {
    for (const Section& section : sections_) {
        if (!section.flags && !section.stop_match) {
            continue;
        }
        if (!section.match_device || (device != nullptr && matches_device(*section.match_device, *device))) {
            return effective_default_flags(parse_number(section.flags.value_or("")), version_);
        }
    }
    return effective_default_flags(0, version_);
}

MptcpFlags effective_default_flags(std::int64_t number, const std::string& version) {
    const bool knows_laminar = parse_nm_version(version) >= NmVersion{1, 56};
    if (number == 0) {
        const MptcpFlags built_in{MptcpFlag::enabled, MptcpFlag::subflow};
        return knows_laminar ? built_in.with(MptcpFlag::laminar) : built_in;
    }
    const std::uint32_t known_bits = knows_laminar ? 0x1ffU : 0xffU;
    // NetworkManager keeps the lower 32 bits.
    const auto flags = MptcpFlags::from_raw(static_cast<std::uint32_t>(number) & known_bits);
    if (flags.has(MptcpFlag::disabled)) {
        return {MptcpFlag::disabled};
    }
    const MptcpFlags enabled = flags.with(MptcpFlag::enabled);
    return enabled.has(MptcpFlag::signal) ? enabled.without(MptcpFlag::fullmesh) : enabled;
}

} // namespace keeper
