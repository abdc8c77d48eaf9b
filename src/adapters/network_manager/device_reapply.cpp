// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/device_reapply.hpp"

#include <utility>

#include <fmt/format.h>
#include <nm-dbus-interface.h>

#include "adapters/network_manager/edit_item.hpp"
#include "adapters/network_manager/network_manager_run.hpp"
#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

/// NM_DEVICE_REAPPLY_FLAGS_PRESERVE_EXTERNAL_IP, which libnm's headers have since 1.42. An older
/// NetworkManager removes what other programs added; there, plans reapply only if the declaration demands it.
constexpr std::uint32_t preserve_external_ip = 0x1;

/// Reapplies one device's applied connection with other flags.
class DeviceReapply final : public EditItem<DeviceReapply, ReapplyRequest> {
  public:
    using EditItem::EditItem;

    void start() {
        context_ = fmt::format("cannot reapply on {}", request_.interface);
        toggle_ = request_.force_difference;
        if (!objects_.is_read()) {
            finish(fail(not_running()));
            return;
        }
        const std::string* const path = objects_.find_device(request_.interface);
        if (path == nullptr) {
            finish(fail(fmt::format("{}: NetworkManager has no such device", context_)));
            return;
        }
        path_ = *path;
        // Also if it fails: whether the device has changed, or is gone, is then unknown.
        objects_.changed.insert(path_);
        read();
    }

  private:
    friend EditItem;

    void read() {
        call(
            new_call(path_, nm::get_applied_connection, "u", 0U),
            [](DeviceReapply& self, sd_bus_message* reply) { self.write(reply); });
    }

    void write(sd_bus_message* applied) {
        const auto settings = read_settings(applied);
        std::uint64_t version_id = 0;
        if (!settings || sd_bus_message_read_basic(applied, 't', &version_id) <= 0) {
            finish(fail(unreadable_answer(context_)));
            return;
        }
        if (settings->uuid != request_.uuid) {
            finish(fail(fmt::format("{}: it now runs another profile", context_)));
            return;
        }
        const auto toggled = MptcpFlags{MptcpFlag::also_without_sysctl} ^ request_.flags;
        MessagePtr message = new_call(path_, nm::reapply);
        if (message && (sd_bus_message_rewind(applied, 1) < 0 ||
                        !copy_settings(message.get(), applied, toggle_ ? toggled : request_.flags) ||
                        sd_bus_message_append(message.get(), "tu", version_id, reapply_flags()) < 0)) {
            finish(fail(unreadable_answer(context_)));
            return;
        }
        call(std::move(message), [](DeviceReapply& self, sd_bus_message*) {
            if (std::exchange(self.toggle_, false)) {
                self.read();
            } else {
                self.finish({});
            }
        });
    }

    [[nodiscard]] std::uint32_t reapply_flags() const {
        return can_preserve_external_ip(objects_.version) ? preserve_external_ip : 0U;
    }

    std::string path_;
    bool toggle_ = false; ///< the next reapply only makes a difference; another one follows
};

} // namespace

std::vector<Result<void>> reapply_devices(
    SystemBus& bus, NmObjects& objects, const std::vector<ReapplyRequest>& requests, Deadline deadline) {
    return run_edits<DeviceReapply>(bus, objects, requests, "cannot reapply", deadline);
}

} // namespace keeper
