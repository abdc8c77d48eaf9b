// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/profile_store.hpp"

#include <fmt/format.h>

#include "adapters/network_manager/edit_item.hpp"
#include "adapters/network_manager/nm_methods.hpp"
#include "adapters/network_manager/nm_snapshot.hpp"
#include "adapters/network_manager/settings_variant.hpp"

namespace keeper {

namespace {

/// Since this release, Update2 accepts the version that an edit is based on.
constexpr NmVersion first_with_version_id{1, 44};

/// Stores the flags of one profile: reads its settings, changes the one property, writes all of them back.
class ProfileStore final : public EditItem<ProfileStore, StoreRequest> {
  public:
    using EditItem::EditItem;

    void start() {
        NMRemoteConnection* connection =
            nm_client_get_connection_by_uuid(session_.client(), request_.uuid.c_str());
        if (connection == nullptr) {
            finished_(fail(fmt::format("cannot change profile {}: it no longer exists", request_.uuid)));
            return;
        }
        connection_ = add_reference(connection);
        const char* name = nm_connection_get_id(NM_CONNECTION(connection));
        context_ = fmt::format("cannot change profile \"{}\"", name != nullptr ? name : request_.uuid);
        read();
    }

  private:
    friend EditItem;

    [[nodiscard]] std::string path() const { return nm_object_get_path(NM_OBJECT(connection_.get())); }

    /// The version is read before the settings, so that a change in between makes the write fail instead of
    /// being overwritten.
    void read() {
        if (parse_nm_version(session_.version()) < first_with_version_id) {
            read_settings(std::nullopt);
            return;
        }
        call(
            path(),
            get_property_method,
            g_variant_new("(ss)", settings_connection_interface, "VersionId"),
            [](ProfileStore& self, GVariant* reply) {
                const VariantPtr boxed(g_variant_get_child_value(reply, 0));
                const VariantPtr version_id(g_variant_get_variant(boxed.get()));
                const bool is_number = g_variant_is_of_type(version_id.get(), G_VARIANT_TYPE_UINT64) != FALSE;
                self.read_settings(
                    is_number ? std::optional(g_variant_get_uint64(version_id.get())) : std::nullopt);
            });
    }

    void read_settings(std::optional<std::uint64_t> version_id) {
        call(path(), get_settings_method, nullptr, [version_id](ProfileStore& self, GVariant* reply) {
            const VariantPtr settings(g_variant_get_child_value(reply, 0));
            self.write(settings.get(), version_id);
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
            to_user_data([self = shared_from_this()](GObject* source, GAsyncResult* result) {
                GErrorSlot error;
                const VariantPtr answer(
                    nm_remote_connection_update2_finish(NM_REMOTE_CONNECTION(source), result, error.out()));
                if (answer) {
                    self->finished_({});
                } else {
                    self->handle_error(*error.take());
                }
            }));
    }

    GObjectPtr<NMRemoteConnection> connection_;
};

} // namespace

std::vector<Result<void>> store_profiles(
    NmSession& session, const std::shared_ptr<Round>& round, const std::vector<StoreRequest>& requests) {
    return run_edits<ProfileStore>(session, round, requests, "cannot change the profile");
}

} // namespace keeper
