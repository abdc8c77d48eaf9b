#include "adapters/network_manager/device_reapply.hpp"

#include <fmt/format.h>

#include "adapters/network_manager/item_results.hpp"
#include "adapters/network_manager/nm_methods.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"
#include "adapters/network_manager/settings_variant.hpp"

namespace keeper {

namespace {

/// NM_DEVICE_REAPPLY_FLAGS_PRESERVE_EXTERNAL_IP, which libnm's headers have since 1.42. An older
/// NetworkManager removes what others added; plans reapply there only where the declaration demands it.
constexpr std::uint32_t kPreserveExternalIp = 0x1;

/// The device by the name that a snapshot gave it.
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

/// Reapplies one device's applied connection with other flags. Keeps itself alive by the calls that it has
/// under way.
class DeviceReapply : public std::enable_shared_from_this<DeviceReapply> {
  public:
    DeviceReapply(
        NmSession& session,
        std::shared_ptr<Round> round,
        ReapplyRequest request,
        std::function<void(Result<void>)> finished)
        : session_(session), round_(std::move(round)), request_(std::move(request)),
          finished_(std::move(finished)), context_(fmt::format("cannot reapply on {}", request_.interface)),
          toggle_(request_.force_difference) {}

    void start() {
        NMDevice* device = find_device(session_.client(), request_.interface);
        if (device == nullptr) {
            finished_(fail(fmt::format("{}: NetworkManager has no such device", context_)));
            return;
        }
        path_ = nm_object_get_path(NM_OBJECT(device));
        read();
    }

  private:
    void read() {
        session_.call(
            *round_,
            path_,
            kGetAppliedConnection,
            g_variant_new("(u)", 0U),
            [self = shared_from_this()](Reply reply) {
                if (!reply) {
                    self->end(*reply.error());
                    return;
                }
                const VariantPtr applied(g_variant_get_child_value(reply->get(), 0));
                const VariantPtr version_id(g_variant_get_child_value(reply->get(), 1));
                self->write(applied.get(), g_variant_get_uint64(version_id.get()));
            });
    }

    void write(GVariant* applied, std::uint64_t version_id) {
        if (settings_string(applied, "connection", "uuid") != request_.uuid) {
            finished_(fail(fmt::format("{}: it runs another profile by now", context_)));
            return;
        }
        const auto toggled = MptcpFlags{MptcpFlag::also_without_sysctl} ^ request_.flags;
        const VariantPtr edited = with_mptcp_flags(applied, toggle_ ? toggled : request_.flags);
        session_.call(
            *round_,
            path_,
            kReapply,
            g_variant_new("(@a{sa{sv}}tu)", edited.get(), version_id, reapply_flags()),
            [self = shared_from_this()](Reply reply) {
                if (!reply) {
                    self->end(*reply.error());
                } else if (self->toggle_) {
                    self->toggle_ = false;
                    self->read();
                } else {
                    self->finished_({});
                }
            });
    }

    [[nodiscard]] std::uint32_t reapply_flags() const {
        const char* version = nm_client_get_version(session_.client());
        return can_preserve_external_ip(version != nullptr ? version : "") ? kPreserveExternalIp : 0U;
    }

    void end(const GError& error) {
        if (classify(error) == BusFailure::version_mismatch && !retried_) {
            retried_ = true;
            read();
            return;
        }
        finished_(tl::unexpected(to_error(context_, error)));
    }

    NmSession& session_;
    std::shared_ptr<Round> round_;
    ReapplyRequest request_;
    std::function<void(Result<void>)> finished_;
    std::string context_;
    std::string path_;
    bool toggle_; ///< the reapply that makes the difference comes first
    bool retried_ = false;
};

} // namespace

std::vector<Result<void>> reapply_devices(
    NmSession& session, const std::shared_ptr<Round>& round, const std::vector<ReapplyRequest>& requests) {
    const auto outcome = std::make_shared<ItemResults>(requests.size());
    const auto start = [&session, round, outcome, requests](std::size_t index, const auto& done) {
        std::make_shared<
            DeviceReapply>(session, round, requests[index], [outcome, index, done](Result<void> result) {
            outcome->results[index] = std::move(result);
            done();
        })->start();
    };
    (void)session.run(*round, requests.size(), start);
    return outcome->collect("cannot reapply");
}

} // namespace keeper
