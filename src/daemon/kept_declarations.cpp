// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/kept_declarations.hpp"

#include <utility>

namespace keeper {

namespace {

bool holds(const KeptFiles& kept, const std::string& fingerprint) {
    return kept.is_known && kept.fingerprint == fingerprint;
}

} // namespace

DeclarationInForce KeptDeclarations::kept(const KeptFiles& files) const {
    return {.config = parse_(files.files), .tried_file = files.tried_file, .deadline = {}, .remark = {}};
}

std::optional<DeclarationInForce> KeptDeclarations::at_start() {
    const auto pending = tries_.load();
    if (pending && *pending && (*pending)->phase != TryPhase::reverting) {
        DeclarationInForce candidate = kept((*pending)->candidate);
        candidate.tried_file = (*pending)->file;
        candidate.deadline = (*pending)->deadline;
        candidate.remark = "a try is pending";
        return candidate;
    }
    if (pending && *pending) {
        return with((*pending)->previous.fingerprint);
    }
    DeclarationInForce on_disk{.config = load_(), .tried_file = {}, .deadline = {}, .remark = {}};
    const auto rejected = tries_.rejected();
    if (!rejected || *rejected != on_disk.config.fingerprint) {
        return on_disk;
    }
    const auto returned_to = tries_.returned_to();
    if (!returned_to) {
        return std::nullopt;
    }
    DeclarationInForce previous = kept(*returned_to);
    previous.remark = "the files on disk were tried and taken back, so the earlier ones stay in force until "
                      "`mptcp-keeper apply` or `systemctl reload mptcp-keeper`";
    return previous;
}

std::optional<DeclarationInForce> KeptDeclarations::with(const std::string& fingerprint) {
    const auto pending = tries_.load();
    const bool is_pending = pending && *pending;
    if (is_pending && (*pending)->phase != TryPhase::reverting && holds((*pending)->candidate, fingerprint)) {
        DeclarationInForce candidate = kept((*pending)->candidate);
        candidate.tried_file = (*pending)->file;
        candidate.deadline = (*pending)->deadline;
        return candidate;
    }
    if (is_pending && holds((*pending)->previous, fingerprint)) {
        return kept((*pending)->previous);
    }
    if (const auto files = tries_.returned_to(); files && holds(*files, fingerprint)) {
        return kept(*files);
    }
    DeclarationInForce on_disk{.config = load_(), .tried_file = {}, .deadline = {}, .remark = {}};
    const bool was_taken_back =
        (is_pending && (*pending)->phase == TryPhase::reverting && (*pending)->file.empty() &&
         (*pending)->candidate.fingerprint == on_disk.config.fingerprint) ||
        tries_.rejected() == on_disk.config.fingerprint;
    return was_taken_back ? std::nullopt : std::optional(std::move(on_disk));
}

} // namespace keeper
