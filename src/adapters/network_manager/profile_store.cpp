// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/profile_store.hpp"

#include <fmt/format.h>

#include "adapters/network_manager/bus_reader.hpp"
#include "adapters/network_manager/edit_item.hpp"
#include "adapters/network_manager/network_manager_run.hpp"
#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

/// Since this release, Update2 accepts the version that an edit is based on.
constexpr NmVersion first_with_version_id{1, 44};

/// Stores the flags of one profile: reads its settings, changes the one property, writes all of them back.
class ProfileStore final : public EditItem<ProfileStore, StoreRequest> {
  public:
    using EditItem::EditItem;

    void start() {
        context_ = fmt::format("cannot change profile {}", request_.uuid);
        if (!objects_.is_read()) {
            finish(fail(not_running()));
            return;
        }
        const std::string* const path = objects_.find_profile(request_.uuid);
        if (path == nullptr) {
            finish(fail(fmt::format("{}: it no longer exists", context_)));
            return;
        }
        path_ = *path;
        context_ = fmt::format("cannot change profile \"{}\"", objects_.profiles.at(path_).settings->id);
        // Also if it fails: whether the profile has changed, or is gone, is then unknown.
        objects_.changed.insert(path_);
        read();
    }

  private:
    friend EditItem;

    /// The version is read before the settings, so that a change in between makes the write fail instead of
    /// being overwritten. NetworkManager answers in order.
    void read() {
        version_id_.reset();
        if (parse_nm_version(objects_.version) >= first_with_version_id) {
            call(
                new_call(path_, nm::get_property, "ss", nm::profile_interface, "VersionId"),
                [](ProfileStore& self, sd_bus_message* reply) {
                    self.version_id_ = BusReader(reply).long_variant();
                });
        }
        call(new_call(path_, nm::get_settings), [](ProfileStore& self, sd_bus_message* reply) {
            self.write(reply);
        });
    }

    void write(sd_bus_message* settings) {
        if (is_finished()) {
            return; // the version could not be read
        }
        MessagePtr message = new_call(path_, nm::update2);
        if (message && !append_arguments(message.get(), settings)) {
            finish(fail(unreadable_answer(context_)));
            return;
        }
        call(std::move(message), [](ProfileStore& self, sd_bus_message*) { self.finish({}); });
    }

    /// Settings, flags (0: the profile stays where it is stored) and arguments of Update2.
    [[nodiscard]] bool append_arguments(sd_bus_message* message, sd_bus_message* settings) const {
        if (!copy_settings(message, settings, request_.flags) ||
            sd_bus_message_append(message, "u", 0U) < 0 ||
            sd_bus_message_open_container(message, 'a', "{sv}") < 0) {
            return false;
        }
        return (!version_id_ ||
                sd_bus_message_append(message, "{sv}", "version-id", "t", *version_id_) >= 0) &&
               sd_bus_message_close_container(message) >= 0;
    }

    std::string path_;
    std::optional<std::uint64_t> version_id_;
};

} // namespace

std::vector<Result<void>> store_profiles(
    SystemBus& bus, NmObjects& objects, const std::vector<StoreRequest>& requests, Deadline deadline) {
    return run_edits<ProfileStore>(bus, objects, requests, "cannot change the profile", deadline);
}

} // namespace keeper
