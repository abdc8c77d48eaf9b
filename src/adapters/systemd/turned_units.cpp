// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/turned_units.hpp"

#include <unistd.h>

#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "applications/environment_file.hpp"
#include "applications/turned_record.hpp"
#include "applications/unit_failures.hpp"

namespace keeper {

namespace {

constexpr mode_t readable_by_all = 0644;

std::string path_in(std::string_view folder, const std::string& unit) {
    return std::string(folder) + "/" + unit;
}

/// The files of a folder by name.
std::map<std::string, std::string> read_folder(std::string_view folder) {
    constexpr std::size_t longest = 4096;
    std::map<std::string, std::string> texts;
    for (const std::string& unit : list_directory(std::string(folder)).names) {
        const auto text = read_bounded(path_in(folder, unit), longest);
        if (is_unit_name(unit) && text && *text) {
            texts.emplace(unit, **text);
        }
    }
    return texts;
}

Result<void> write_record(std::string_view folder, const std::string& unit, const std::string& text) {
    if (!is_unit_name(unit)) {
        return fail(unit + " is not a valid unit name");
    }
    if (auto made = make_directories(std::string(folder)); !made) {
        return made;
    }
    return replace_run_file(path_in(folder, unit), text, readable_by_all);
}

} // namespace

std::map<std::string, TurnedUnit> read_turned_units() {
    std::map<std::string, TurnedUnit> units;
    for (const auto& [unit, text] : read_folder(turned_units_folder)) {
        if (const auto turned = parse_turned_unit(text)) {
            units.emplace(unit, *turned);
        }
    }
    return units;
}

void record_turned(const std::string& unit, const TurnedUnit& turned) {
    // Without the record a failure is reported without its likely cause.
    static_cast<void>(write_record(turned_units_folder, unit, to_text(turned)));
}

void forget_turned(const std::string& unit) {
    ::unlink(path_in(turned_units_folder, unit).c_str());
}

std::map<std::string, std::string> read_taken_back_units() {
    return read_folder(taken_back_folder);
}

Result<void> record_taken_back(const std::string& unit, const std::string& reason) {
    return write_record(taken_back_folder, unit, reason);
}

void forget_taken_back(const std::string& unit) {
    ::unlink(path_in(taken_back_folder, unit).c_str());
}

} // namespace keeper
