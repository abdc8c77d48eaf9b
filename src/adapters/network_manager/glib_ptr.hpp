// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include <glib.h>

namespace keeper {

/// Frees GLib's handles; one deleter for all types.
struct GlibDeleter {
    void operator()(GKeyFile* value) const { g_key_file_unref(value); }
    void operator()(char* value) const { g_free(value); }
    void operator()(char** value) const { g_strfreev(value); }
};

using KeyFilePtr = std::unique_ptr<GKeyFile, GlibDeleter>;
using CharPtr = std::unique_ptr<char, GlibDeleter>;
using CharListPtr = std::unique_ptr<char*, GlibDeleter>;

} // namespace keeper
