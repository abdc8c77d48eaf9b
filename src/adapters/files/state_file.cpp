// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/state_file.hpp"

#include "adapters/files/files.hpp"
#include "adapters/kernel/host.hpp"

namespace keeper {

namespace {

/// Far more than the keeper writes: a hundred thousand profiles take about 20 MiB. Guards against files that
/// are not the keeper's.
constexpr std::size_t size_limit = 64 * 1024 * 1024;

} // namespace

Result<Ownership> StateFile::load() {
    const auto identity = boot_identity();
    if (!identity) {
        return propagate(identity);
    }
    const auto text = read_file();
    if (!text) {
        return propagate(text);
    }
    if (!*text) {
        Ownership nothing;
        nothing.boot_id = identity->boot_id;
        return nothing;
    }
    auto ownership = from_state_text(**text, *identity);
    if (!ownership) {
        return fail(
            path_ + " cannot be parsed: " + ownership.error().message +
            "; move it away to start over (reset can then no longer restore the settings from before mptcp-keeper)");
    }
    return ownership;
}

Result<void> StateFile::save(const Ownership& ownership) {
    const auto identity = boot_identity();
    if (!identity) {
        return propagate(identity);
    }
    const auto present = read_file();
    if (!present) {
        return propagate(present);
    }
    const std::string text = to_state_text(ownership, identity->kernel_release);
    const bool nothing_to_remember = ownership.empty() && ownership.kernel == KernelBounds{} && !*present;
    if (nothing_to_remember || (*present && **present == text)) {
        return {};
    }
    if (auto marked = boot_mark_.leave(identity->boot_id); !marked) {
        return marked;
    }
    return write_file(text);
}

Result<BootIdentity> StateFile::boot_identity() {
    if (!identity_) {
        auto id = boot_mark_.this_boot();
        if (!id) {
            return propagate(id);
        }
        identity_ = BootIdentity{std::move(*id), kernel_release()};
    }
    return *identity_;
}

Result<std::optional<std::string>> StateFile::read_file() const {
    return read_own_file(path_, size_limit);
}

Result<void> StateFile::write_file(const std::string& text) const {
    if (auto made = make_directories(directory_of(path_)); !made) {
        return made;
    }
    return replace_file(path_, text);
}

} // namespace keeper
