// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "adapters/files/boot_mark.hpp"
#include "ports/try_port.hpp"

namespace keeper {

/// The try in /run/mptcp-keeper:
///   try.record  all of it; root only, since it contains configuration files
///   try         the part that every user may read; exists exactly while a try is pending
///   try.reserve space for the revert
///   try.last    the number and the outcome of the last one
///   loaded      the files that the daemon has loaded; root only
///   returned-to the files to which the last try returned; root only
///   rejected    the fingerprint of files on disk that were taken back
class TryFiles final : public TryPort {
  public:
    TryFiles(std::string folder, BootMark boot_mark)
        : folder_(std::move(folder)), boot_mark_(std::move(boot_mark)) {}

    [[nodiscard]] Result<std::string> boot() override;
    [[nodiscard]] Result<std::optional<PendingTry>> load() override;
    [[nodiscard]] Result<void> save(const PendingTry& pending) override;
    [[nodiscard]] Result<void> finish(std::uint64_t number, TryOutcome outcome) override;
    void discard() override;
    [[nodiscard]] std::string location() override { return path("try"); }
    [[nodiscard]] std::optional<TryOutcome> outcome_of(std::uint64_t number) override;
    [[nodiscard]] std::optional<ShownTry> shown() override;
    [[nodiscard]] Result<void> keep_loaded(const KeptFiles& files) override;
    [[nodiscard]] std::optional<KeptFiles> loaded() override;
    [[nodiscard]] std::optional<KeptFiles> returned_to() override;
    [[nodiscard]] Result<void> keep_returned_to(const KeptFiles& files) override;
    [[nodiscard]] std::optional<std::string> rejected() override;
    [[nodiscard]] Result<void> reject(const std::string& fingerprint) override;
    void forget_reverted() override;

  private:
    [[nodiscard]] std::string path(const char* name) const { return folder_ + "/" + name; }
    void remove(const char* name) const;
    [[nodiscard]] Result<void> reserve_space(const PendingTry& pending);
    [[nodiscard]] std::optional<KeptFiles> read_kept(const char* name) const;

    std::string folder_;
    BootMark boot_mark_;
    std::optional<std::string> boot_;
};

} // namespace keeper
