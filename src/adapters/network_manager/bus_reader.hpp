// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <systemd/sd-bus.h>

namespace keeper {

/// Reads the values of a message one after another. Something other than what is asked for makes the reader
/// fail for good: callers check ok() at the end.
class BusReader {
  public:
    explicit BusReader(sd_bus_message* message) : message_(message) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] sd_bus_message* message() const { return message_; }

    /// Calls visit(key) for each entry of a dictionary with strings or object paths as keys. It must read the
    /// entry's value, or skip_value() it.
    template <class Visit>
    void for_each_entry(const char* entry_type, const Visit& visit) {
        const char key_type = entry_type[0];
        check(sd_bus_message_enter_container(message_, 'a', (std::string("{") + entry_type + "}").c_str()));
        while (ok_ && enter('e', entry_type)) {
            const char* key = nullptr;
            check(sd_bus_message_read_basic(message_, key_type, static_cast<void*>(&key)));
            if (ok_) {
                visit(key);
            }
            check(sd_bus_message_exit_container(message_));
        }
        if (ok_) {
            check(sd_bus_message_exit_container(message_));
        }
    }
    /// for_each_entry() of a{sv}, whose values are read with the functions for variants.
    template <class Visit>
    void for_each_property(const Visit& visit) {
        for_each_entry("sv", visit);
    }

    void skip(const char* type) { check(sd_bus_message_skip(message_, type)); }
    void skip_variant() { skip("v"); }

    // The value of a variant; an empty one if the variant has another type.
    [[nodiscard]] std::string text_variant() { return variant_text("s"); }
    [[nodiscard]] std::string path_variant() { return variant_text("o"); }
    [[nodiscard]] std::optional<std::uint32_t> number_variant();
    [[nodiscard]] std::optional<std::uint64_t> long_variant();
    [[nodiscard]] bool bool_variant();
    [[nodiscard]] std::vector<std::string> paths_variant();

  private:
    /// The variant has that type and was entered; otherwise it was skipped.
    [[nodiscard]] bool enter_variant(const char* type);
    [[nodiscard]] std::string variant_text(const char* type);
    template <class T>
    [[nodiscard]] std::optional<T> basic_variant(const char* type);
    /// False at the end of the array, too.
    [[nodiscard]] bool enter(char kind, const char* type);
    void check(int result) { ok_ = ok_ && result >= 0; }

    sd_bus_message* message_;
    bool ok_ = true;
};

} // namespace keeper
