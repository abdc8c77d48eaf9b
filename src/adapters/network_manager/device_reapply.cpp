// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/device_reapply.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/network_manager/edit_item.hpp"
#include "adapters/network_manager/nm_methods.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"
#include "adapters/network_manager/settings_variant.hpp"

namespace keeper {

namespace {

/// NM_DEVICE_REAPPLY_FLAGS_PRESERVE_EXTERNAL_IP, which libnm's headers have since 1.42. An older
/// NetworkManager removes what other programs added; there, plans reapply only if the declaration demands it.
constexpr std::uint32_t preserve_external_ip = 0x1;

/// The device with that name in a snapshot.
NMDevice* find_device(NMClient* client, const std::string& interface) {
    const GPtrArray* devices = nm_client_get_devices(client);
    for (guint i = 0; i < devices->len; ++i) {
        auto* device = static_cast<NMDevice*>(devices->pdata[i]);
        const char* name = nm_device_get_ip_iface(device);
        name = name != nullptr ? name : nm_device_get_iface(device);
        if (name != nullptr && interface == name) {
            return device;
        }
    }
    return nullptr;
}

/// Reapplies one device's applied connection with other flags.
class DeviceReapply final : public EditItem<DeviceReapply, ReapplyRequest> {
  public:
    using EditItem::EditItem;

    void start() {
        context_ = fmt::format("cannot reapply on {}", request_.interface);
        toggle_ = request_.force_difference;
        NMDevice* device = find_device(session_.client(), request_.interface);
        if (device == nullptr) {
            finished_(fail(fmt::format("{}: NetworkManager has no such device", context_)));
            return;
        }
        path_ = nm_object_get_path(NM_OBJECT(device));
        read();
    }

  private:
    friend EditItem;

    void read() {
        call(
            path_,
            get_applied_connection_method,
            g_variant_new("(u)", 0U),
            [](DeviceReapply& self, GVariant* reply) {
                const VariantPtr applied(g_variant_get_child_value(reply, 0));
                const VariantPtr version_id(g_variant_get_child_value(reply, 1));
                self.write(applied.get(), g_variant_get_uint64(version_id.get()));
            });
    }

    void write(GVariant* applied, std::uint64_t version_id) {
        if (settings_string(applied, "connection", "uuid") != request_.uuid) {
            finished_(fail(fmt::format("{}: it now runs another profile", context_)));
            return;
        }
        const auto toggled = MptcpFlags{MptcpFlag::also_without_sysctl} ^ request_.flags;
        const VariantPtr edited = with_mptcp_flags(applied, toggle_ ? toggled : request_.flags);
        call(
            path_,
            reapply_method,
            g_variant_new("(@a{sa{sv}}tu)", edited.get(), version_id, reapply_flags()),
            [](DeviceReapply& self, GVariant*) {
                if (std::exchange(self.toggle_, false)) {
                    self.read();
                } else {
                    self.finished_({});
                }
            });
    }

    [[nodiscard]] std::uint32_t reapply_flags() const {
        return can_preserve_external_ip(session_.version()) ? preserve_external_ip : 0U;
    }

    std::string path_;
    bool toggle_ = false; ///< the next reapply only makes a difference; another one follows
};

} // namespace

std::vector<Result<void>> reapply_devices(
    NmSession& session, const std::shared_ptr<Round>& round, const std::vector<ReapplyRequest>& requests) {
    return run_edits<DeviceReapply>(session, round, requests, "cannot reapply");
}

} // namespace keeper
