// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/drop_in_files.hpp"

#include <filesystem>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_drop_in = 64 * 1024;
constexpr std::string_view suffix = ".d";

std::string folder_of(const std::string& folder, const std::string& unit) {
    return folder + "/" + unit + std::string(suffix);
}

} // namespace

Result<void> write_drop_ins(const std::string& folder, const DropInTexts& texts) {
    Result<void> all;
    for (const auto& [unit, text] : texts) {
        auto written = make_directories(folder_of(folder, unit));
        if (written) {
            written = replace_file(folder_of(folder, unit) + "/" + drop_in_name, text);
        }
        if (!written && all) {
            all = std::move(written);
        }
    }
    return all;
}

DropInTexts read_drop_ins(const std::string& folder) {
    DropInTexts texts;
    for (const std::string& name : list_directory(folder).names) {
        if (!name.ends_with(suffix)) {
            continue;
        }
        const auto text = read_bounded(folder + "/" + name + "/" + drop_in_name, largest_drop_in);
        if (text && *text) {
            texts.emplace(name.substr(0, name.size() - suffix.size()), **text);
        }
    }
    return texts;
}

void remove_drop_ins(const std::string& folder) {
    std::error_code error; // a missing file is not an error
    for (const auto& [unit, text] : read_drop_ins(folder)) {
        fs::remove(folder_of(folder, unit) + "/" + drop_in_name, error);
        fs::remove(folder_of(folder, unit), error);
    }
}

} // namespace keeper
