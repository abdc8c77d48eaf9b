// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/bus_reader.hpp"

#include <cstring>

namespace keeper {

bool BusReader::enter(char kind, const char* type) {
    const int entered = sd_bus_message_enter_container(message_, kind, type);
    check(entered);
    return entered > 0;
}

bool BusReader::enter_variant(const char* type) {
    char kind = 0;
    const char* contents = nullptr;
    check(sd_bus_message_peek_type(message_, &kind, &contents));
    if (!ok_ || kind != 'v' || contents == nullptr || std::strcmp(contents, type) != 0) {
        skip_variant();
        return false;
    }
    return enter('v', type);
}

std::string BusReader::variant_text(const char* type) {
    if (!enter_variant(type)) {
        return {};
    }
    const char* text = nullptr;
    check(sd_bus_message_read_basic(message_, type[0], static_cast<void*>(&text)));
    std::string value = ok_ && text != nullptr ? text : "";
    check(sd_bus_message_exit_container(message_));
    return value;
}

template <class T>
std::optional<T> BusReader::basic_variant(const char* type) {
    if (!enter_variant(type)) {
        return std::nullopt;
    }
    T value{};
    check(sd_bus_message_read_basic(message_, type[0], &value));
    check(sd_bus_message_exit_container(message_));
    return value;
}

std::optional<std::uint32_t> BusReader::number_variant() {
    return basic_variant<std::uint32_t>("u");
}

std::optional<std::uint64_t> BusReader::long_variant() {
    return basic_variant<std::uint64_t>("t");
}

bool BusReader::bool_variant() {
    return basic_variant<int>("b").value_or(0) != 0;
}

std::vector<std::string> BusReader::paths_variant() {
    std::vector<std::string> paths;
    if (!enter_variant("ao")) {
        return paths;
    }
    check(sd_bus_message_enter_container(message_, 'a', "o"));
    const char* path = nullptr;
    while (ok_) {
        const int read = sd_bus_message_read_basic(message_, 'o', static_cast<void*>(&path));
        check(read);
        if (read <= 0) {
            break;
        }
        paths.emplace_back(path);
    }
    check(sd_bus_message_exit_container(message_));
    check(sd_bus_message_exit_container(message_));
    return paths;
}

} // namespace keeper
