// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/config_source.hpp"
#include "model/ownership_text.hpp"

namespace keeper {

/// The text of configuration files, so that they can be loaded again after the files have changed.
struct KeptFiles {
    std::string fingerprint;         ///< LoadedConfig::fingerprint
    bool is_known = false;           ///< false: only the fingerprint is known, or nothing at all
    std::vector<ConfigSource> files; ///< may be empty: a host without files declares nothing
    std::string tried_file = {};     ///< they are those of a try with this file; empty: those on disk
    friend bool operator==(const KeptFiles&, const KeptFiles&) = default;
};

/// What happens with a try at present.
enum class TryPhase {
    applying,  ///< the candidate is being applied, or the command was killed while it was
    pending,   ///< it is applied and verified, and waits for `confirm`
    reverting, ///< the host is being restored; the candidate is no longer in force
};
[[nodiscard]] std::string_view to_string(TryPhase phase);

/// A configuration that is applied until a deadline, and what restores the host then. Stored before the first
/// write, so that whatever happens to the command, another process can restore the host.
struct PendingTry {
    std::uint64_t number = 0; ///< of the DeclarationMark; identifies the try within a boot
    std::string boot_id;      ///< after a reboot the files on disk apply
    TryPhase phase = TryPhase::applying;
    std::chrono::milliseconds deadline{0};                ///< of CLOCK_BOOTTIME, which also counts suspend
    std::chrono::system_clock::time_point shown_deadline; ///< the same as time of day, for messages only
    std::string file; ///< absolute path of the candidate, or "-"; empty: the files on disk
    KeptFiles candidate;
    /// What the daemon enforced before. Without a fingerprint, no daemon ran.
    KeptFiles previous;
    /// The settings of the host before the try, in the form of a record whose baselines they are. Source
    /// names in it are for messages.
    Ownership found;
    std::map<std::string, MptcpFlags> found_live; ///< the flags that devices ran, by interface
    Ownership record;                             ///< what the keeper had changed before the try
    std::string hook_prepared;                    ///< ObservedProgramHook::prepared before the try
    std::string hook_attached; ///< ObservedProgramHook::request before the try; empty: none was attached
    friend bool operator==(const PendingTry&, const PendingTry&) = default;
};

/// A JSON document.
[[nodiscard]] std::string pending_try_text(const PendingTry& pending, const std::string& kernel_release);
/// Fails for a text that pending_try_text() could not have written.
[[nodiscard]] Result<PendingTry>
parse_pending_try(const std::string& text, const std::string& kernel_release);

/// The part of a try that every user may read.
struct ShownTry {
    std::chrono::system_clock::time_point deadline;
    std::string file; ///< as in PendingTry
    friend bool operator==(const ShownTry&, const ShownTry&) = default;
};
[[nodiscard]] std::string shown_try_text(const ShownTry& shown, const std::string& boot_id);
/// std::nullopt if the text is not such a document, or that of another boot.
[[nodiscard]] std::optional<ShownTry> parse_shown_try(const std::string& text, const std::string& boot_id);

/// How the last try ended.
enum class TryOutcome { confirmed, reverted };
[[nodiscard]] std::string_view to_string(TryOutcome outcome);

[[nodiscard]] std::string kept_files_text(const KeptFiles& files);
[[nodiscard]] Result<KeptFiles> parse_kept_files(const std::string& text);

} // namespace keeper
