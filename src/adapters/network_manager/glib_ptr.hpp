// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <utility>

#include <gio/gio.h>

namespace keeper {

/// Frees GLib's handles; one deleter for all types.
struct GlibDeleter {
    void operator()(GVariant* value) const { g_variant_unref(value); }
    void operator()(GVariantIter* value) const { g_variant_iter_free(value); }
    void operator()(GError* value) const { g_error_free(value); }
    void operator()(GMainContext* value) const { g_main_context_unref(value); }
    void operator()(GKeyFile* value) const { g_key_file_unref(value); }
    void operator()(char* value) const { g_free(value); }
    void operator()(char** value) const { g_strfreev(value); }
    /// Destroys first, since a source that its context still holds must not fire again.
    void operator()(GSource* value) const {
        g_source_destroy(value);
        g_source_unref(value);
    }
};
struct GObjectDeleter {
    void operator()(gpointer object) const { g_object_unref(object); }
};

using VariantPtr = std::unique_ptr<GVariant, GlibDeleter>;
using VariantIterPtr = std::unique_ptr<GVariantIter, GlibDeleter>;
using GErrorPtr = std::unique_ptr<GError, GlibDeleter>;
using MainContextPtr = std::unique_ptr<GMainContext, GlibDeleter>;
using SourcePtr = std::unique_ptr<GSource, GlibDeleter>;
using KeyFilePtr = std::unique_ptr<GKeyFile, GlibDeleter>;
using CharPtr = std::unique_ptr<char, GlibDeleter>;
using CharListPtr = std::unique_ptr<char*, GlibDeleter>;

/// Owns one reference to a GObject.
template <class T>
using GObjectPtr = std::unique_ptr<T, GObjectDeleter>;

/// Takes an additional reference to an object.
template <class T>
[[nodiscard]] GObjectPtr<T> add_reference(T* object) {
    return GObjectPtr<T>(static_cast<T*>(g_object_ref(object)));
}

/// Receives the GError of one call: pass out() as the call's GError**, then take().
class GErrorSlot {
  public:
    GErrorSlot() = default;
    GErrorSlot(const GErrorSlot&) = delete;
    GErrorSlot& operator=(const GErrorSlot&) = delete;
    ~GErrorSlot() { g_clear_error(&error_); }

    [[nodiscard]] GError** out() { return &error_; }
    [[nodiscard]] GErrorPtr take() { return GErrorPtr(std::exchange(error_, nullptr)); }

  private:
    GError* error_ = nullptr;
};

} // namespace keeper
