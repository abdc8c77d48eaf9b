// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/try_files.hpp"

#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/kernel/host.hpp"

namespace keeper {

namespace {

/// The configuration twice, and the settings of a host with a hundred thousand profiles.
constexpr std::size_t largest_record = 64 * 1024 * 1024;
/// The group is root, or that of an unprivileged daemon (docs/security.md).
constexpr mode_t only_daemon = S_IRUSR | S_IWUSR | S_IRGRP;
constexpr mode_t all_read = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

constexpr const char* record_name = "try.record";
constexpr const char* shown_name = "try";
constexpr const char* reserve_name = "try.reserve";
constexpr const char* outcome_name = "try.last";
constexpr const char* loaded_name = "loaded";
constexpr const char* returned_to_name = "returned-to";
constexpr const char* rejected_name = "rejected";
constexpr std::size_t longest_fingerprint = 4096;

/// The user of an unprivileged daemon may add files to the folder, but what root restores must be root's
/// (docs/security.md). The sticky bit keeps that user from replacing root's files.
bool is_trusted(const std::string& path) {
    struct stat status {};
    return ::geteuid() != 0 || ::lstat(path.c_str(), &status) != 0 || status.st_uid == 0;
}

} // namespace

void TryFiles::remove(const char* name) const {
    (void)::unlink(path(name).c_str()); // success if it does not exist
}

std::optional<KeptFiles> TryFiles::read_kept(const char* name) const {
    const auto text = read_own_file(path(name), largest_record);
    auto files = text && *text ? parse_kept_files(**text) : fail("");
    return files ? std::optional(std::move(*files)) : std::nullopt;
}

Result<std::string> TryFiles::boot() {
    if (!boot_) {
        auto id = boot_mark_.this_boot();
        if (!id) {
            return id;
        }
        boot_ = std::move(*id);
    }
    return *boot_;
}

Result<std::optional<PendingTry>> TryFiles::load() {
    // Its existence is what counts: a record alone is one that was being written or removed.
    const auto shown = read_own_file(path(shown_name), largest_record);
    if (!shown) {
        return propagate(shown);
    }
    if (!*shown) {
        return std::optional<PendingTry>();
    }
    if (!is_trusted(path(shown_name)) || !is_trusted(path(record_name))) {
        return fail(
            "another user than root has created " + path(shown_name) + " or " + path(record_name) +
            ": remove them");
    }
    const auto now = boot();
    const auto text = read_own_file(path(record_name), largest_record);
    if (!now || !text) {
        return fail(!now ? now.error() : text.error());
    }
    if (!*text) {
        remove(shown_name); // the record was removed by hand
        return std::optional<PendingTry>();
    }
    auto pending = parse_pending_try(**text, kernel_release());
    if (!pending) {
        return fail(
            path(record_name) + " cannot be read: " + pending.error().message +
            "; to give the try up and keep the present settings, remove " + path(shown_name));
    }
    if (pending->boot_id != *now) {
        discard(); // /run has outlived a boot
        return std::optional<PendingTry>();
    }
    return std::optional(std::move(*pending));
}

Result<void> TryFiles::save(const PendingTry& pending) {
    if (auto made = make_directories(folder_); !made) {
        return made;
    }
    if (auto marked = boot_mark_.leave(pending.boot_id); !marked) {
        return marked;
    }
    if (auto reserved = reserve_space(pending); !reserved) {
        return reserved;
    }
    if (auto saved =
            replace_run_file(path(record_name), pending_try_text(pending, kernel_release()), only_daemon);
        !saved) {
        return saved;
    }
    const ShownTry shown{.deadline = pending.shown_deadline, .file = pending.file};
    return replace_run_file(path(shown_name), shown_try_text(shown, pending.boot_id), all_read);
}

/// Reverting needs space for the record of its phase and a few small files, also if /run is full by then.
Result<void> TryFiles::reserve_space(const PendingTry& pending) {
    if (pending.phase == TryPhase::reverting) {
        remove(reserve_name);
        return {};
    }
    constexpr std::size_t small_files = 64 * 1024;
    const std::size_t record = pending_try_text(pending, kernel_release()).size();
    const std::size_t kept = kept_files_text(pending.previous).size();
    return replace_run_file(path(reserve_name), std::string(record + kept + small_files, '\n'), only_daemon);
}

Result<void> TryFiles::finish(std::uint64_t number, TryOutcome outcome) {
    auto saved = replace_run_file(
        path(outcome_name), std::to_string(number) + " " + std::string(to_string(outcome)) + "\n", all_read);
    if (!saved) {
        return saved;
    }
    discard();
    return {};
}

void TryFiles::discard() {
    remove(shown_name);
    remove(record_name);
    remove(reserve_name);
}

std::optional<TryOutcome> TryFiles::outcome_of(std::uint64_t number) {
    constexpr std::size_t largest_outcome = 256;
    const auto text = read_own_file(path(outcome_name), largest_outcome);
    if (!text || !*text) {
        return std::nullopt;
    }
    std::istringstream stream(**text);
    std::uint64_t last = 0;
    std::string name;
    if (!(stream >> last >> name) || last != number) {
        return std::nullopt;
    }
    for (const TryOutcome outcome : {TryOutcome::confirmed, TryOutcome::reverted}) {
        if (name == to_string(outcome)) {
            return outcome;
        }
    }
    return std::nullopt;
}

std::optional<ShownTry> TryFiles::shown() {
    constexpr std::size_t largest_shown = 64 * 1024;
    const auto text = read_own_file(path(shown_name), largest_shown);
    const auto now = boot();
    return text && *text && now ? parse_shown_try(**text, *now) : std::nullopt;
}

Result<void> TryFiles::keep_loaded(const KeptFiles& files) {
    return replace_run_file(path(loaded_name), kept_files_text(files), only_daemon);
}

std::optional<KeptFiles> TryFiles::loaded() {
    return read_kept(loaded_name);
}

std::optional<KeptFiles> TryFiles::returned_to() {
    return read_kept(returned_to_name);
}

Result<void> TryFiles::keep_returned_to(const KeptFiles& files) {
    return replace_run_file(path(returned_to_name), kept_files_text(files), only_daemon);
}

std::optional<std::string> TryFiles::rejected() {
    auto text = read_own_file(path(rejected_name), longest_fingerprint);
    if (!text || !*text) {
        return std::nullopt;
    }
    return (*text)->substr(0, (*text)->find('\n'));
}

Result<void> TryFiles::reject(const std::string& fingerprint) {
    return replace_run_file(path(rejected_name), fingerprint + "\n", all_read);
}

void TryFiles::forget_reverted() {
    remove(rejected_name);
    remove(returned_to_name);
}

} // namespace keeper
