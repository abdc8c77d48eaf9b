#include "adapters/network_manager/network_manager_conf.hpp"

#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include "adapters/network_manager/glib_ptr.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr const char* kConnection = "connection";
constexpr const char* kMptcpFlags = "connection.mptcp-flags";

std::optional<std::string> value_of(GKeyFile* file, const char* section, const char* key) {
    const CharPtr value(g_key_file_get_string(file, section, key, nullptr));
    return value ? std::optional<std::string>(value.get()) : std::nullopt;
}

bool is_switched_off(GKeyFile* file) {
    const std::string enable = value_of(file, ".config", "enable").value_or("true");
    return enable == "false" || enable == "no" || enable == "off" || enable == "0";
}

/// The section's flags where it holds for every device; NetworkManager takes decimal numbers alone and
/// ignores what is no number.
std::optional<MptcpFlags> flags_of(GKeyFile* file, const char* section) {
    if (g_key_file_has_key(file, section, "match-device", nullptr) != FALSE) {
        return std::nullopt;
    }
    const std::string text = value_of(file, section, kMptcpFlags).value_or("");
    std::uint32_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return MptcpFlags::from_raw(number);
}

/// The first of the file's sections that sets the flags; [connection] itself comes last, wherever it stands.
std::optional<MptcpFlags> flags_of_file(const std::string& text) {
    const KeyFilePtr file(g_key_file_new());
    if (g_key_file_load_from_data(file.get(), text.data(), text.size(), G_KEY_FILE_NONE, nullptr) == FALSE ||
        is_switched_off(file.get())) {
        return std::nullopt;
    }
    const CharListPtr sections(g_key_file_get_groups(file.get(), nullptr));
    for (char** section = sections.get(); *section != nullptr; ++section) {
        const std::string_view name = *section;
        if (name.starts_with(kConnection) && name != kConnection) {
            if (const auto flags = flags_of(file.get(), *section)) {
                return flags;
            }
        }
    }
    return flags_of(file.get(), kConnection);
}

} // namespace

std::vector<std::string> network_manager_conf_files(const std::string& root) {
    std::vector<std::string> files;
    std::map<std::string, int> last_folder; // by name, the folder that shadows the others
    const char* const folders[] = {
        "/usr/lib/NetworkManager/conf.d", "/run/NetworkManager/conf.d", "/etc/NetworkManager/conf.d"};
    std::map<std::string, std::string> found[3];
    for (int i = 0; i < 3; ++i) {
        std::error_code ignored; // a folder that is not there has no files
        for (const fs::directory_entry& entry : fs::directory_iterator(root + folders[i], ignored)) {
            if (entry.path().extension() == ".conf") {
                found[i][entry.path().filename()] = entry.path();
                last_folder[entry.path().filename()] = i;
            }
        }
    }
    for (int i = 0; i < 3; ++i) {
        if (i == 2) {
            files.push_back(root + "/etc/NetworkManager/NetworkManager.conf");
        }
        for (const auto& [name, path] : found[i]) {
            if (last_folder[name] == i) {
                files.push_back(path);
            }
        }
    }
    return files;
}

MptcpFlags configured_default_flags(const std::vector<std::string>& texts) {
    for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
        if (const auto flags = flags_of_file(*text)) {
            return *flags;
        }
    }
    return {};
}

MptcpFlags effective_default_flags(MptcpFlags configured, const std::string& version) {
    if (configured.empty()) {
        const MptcpFlags built_in{MptcpFlag::enabled, MptcpFlag::subflow};
        return parse_nm_version(version) >= NmVersion{1, 56} ? built_in.with(MptcpFlag::laminar) : built_in;
    }
    // As NetworkManager puts it right: disabled stands alone, everything else is enabled too, and signal
    // drives fullmesh out.
    if (configured.has(MptcpFlag::disabled)) {
        return {MptcpFlag::disabled};
    }
    const MptcpFlags enabled = configured.with(MptcpFlag::enabled);
    return enabled.has(MptcpFlag::signal) ? enabled.without(MptcpFlag::fullmesh) : enabled;
}

} // namespace keeper
