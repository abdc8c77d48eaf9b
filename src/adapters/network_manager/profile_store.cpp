#include "adapters/network_manager/profile_store.hpp"

#include <fmt/format.h>

#include "adapters/network_manager/item_results.hpp"
#include "adapters/network_manager/nm_methods.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"
#include "adapters/network_manager/settings_variant.hpp"

namespace keeper {

namespace {

/// From this on Update2 takes the version that an edit is based on.
constexpr NmVersion kFirstWithVersionId{1, 44};

/// Stores the flags of one profile: reads its settings, changes the one property, writes all back. Keeps
/// itself alive by the calls that it has under way.
class ProfileStore : public std::enable_shared_from_this<ProfileStore> {
  public:
    ProfileStore(
        NmSession& session,
        std::shared_ptr<Round> round,
        StoreRequest request,
        std::function<void(Result<void>)> finished)
        : session_(session), round_(std::move(round)), request_(std::move(request)),
          finished_(std::move(finished)) {}

    void start() {
        NMRemoteConnection* connection =
            nm_client_get_connection_by_uuid(session_.client(), request_.uuid.c_str());
        if (connection == nullptr) {
            finished_(fail(fmt::format("cannot change profile {}: it is gone", request_.uuid)));
            return;
        }
        connection_ = share(connection);
        const char* name = nm_connection_get_id(NM_CONNECTION(connection));
        context_ = fmt::format("cannot change profile \"{}\"", name != nullptr ? name : request_.uuid);
        read();
    }

  private:
    [[nodiscard]] std::string path() const { return nm_object_get_path(NM_OBJECT(connection_.get())); }

    /// The version is read before the settings: a change in between then makes the write fail, not vanish.
    void read() {
        const char* version = nm_client_get_version(session_.client());
        if (parse_nm_version(version != nullptr ? version : "") < kFirstWithVersionId) {
            read_settings(std::nullopt);
            return;
        }
        session_.call(
            *round_,
            path(),
            kGetProperty,
            g_variant_new("(ss)", kSettingsConnectionInterface, "VersionId"),
            [self = shared_from_this()](Reply reply) {
                if (!reply) {
                    self->end(*reply.error());
                    return;
                }
                const VariantPtr boxed(g_variant_get_child_value(reply->get(), 0));
                const VariantPtr version_id(g_variant_get_variant(boxed.get()));
                const bool is_number = g_variant_is_of_type(version_id.get(), G_VARIANT_TYPE_UINT64) != FALSE;
                self->read_settings(
                    is_number ? std::optional(g_variant_get_uint64(version_id.get())) : std::nullopt);
            });
    }

    void read_settings(std::optional<std::uint64_t> version_id) {
        session_.call(
            *round_, path(), kGetSettings, nullptr, [self = shared_from_this(), version_id](Reply reply) {
                if (!reply) {
                    self->end(*reply.error());
                    return;
                }
                const VariantPtr settings(g_variant_get_child_value(reply->get(), 0));
                self->write(settings.get(), version_id);
            });
    }

    void write(GVariant* settings, std::optional<std::uint64_t> version_id) {
        const VariantPtr edited = with_mptcp_flags(settings, request_.flags);
        GVariantDict arguments;
        g_variant_dict_init(&arguments, nullptr);
        if (version_id) {
            g_variant_dict_insert(&arguments, "version-id", "t", *version_id);
        }
        nm_remote_connection_update2(
            connection_.get(),
            edited.get(),
            NM_SETTINGS_UPDATE2_FLAG_NONE, // the profile stays where it is stored
            g_variant_dict_end(&arguments),
            round_->cancellable(),
            on_completion,
            keep([self = shared_from_this()](GObject* source, GAsyncResult* result) {
                GErrorSlot error;
                const VariantPtr answer(
                    nm_remote_connection_update2_finish(NM_REMOTE_CONNECTION(source), result, error.out()));
                if (answer) {
                    self->finished_({});
                } else {
                    self->end(*error.take());
                }
            }));
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
    StoreRequest request_;
    std::function<void(Result<void>)> finished_;
    GObjectPtr<NMRemoteConnection> connection_;
    std::string context_;
    bool retried_ = false;
};

} // namespace

std::vector<Result<void>> store_profiles(
    NmSession& session, const std::shared_ptr<Round>& round, const std::vector<StoreRequest>& requests) {
    const auto outcome = std::make_shared<ItemResults>(requests.size());
    const auto start = [&session, round, outcome, requests](std::size_t index, const auto& done) {
        std::make_shared<
            ProfileStore>(session, round, requests[index], [outcome, index, done](Result<void> result) {
            outcome->results[index] = std::move(result);
            done();
        })->start();
    };
    (void)session.run(*round, requests.size(), start);
    return outcome->collect("cannot change the profile");
}

} // namespace keeper
