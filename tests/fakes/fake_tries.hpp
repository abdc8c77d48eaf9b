// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "fakes/failure_injection.hpp"
#include "ports/try_port.hpp"

namespace keeper::fake {

/// The stored try in memory, as the text that a file would have. Writes are "save try", "finish try",
/// "discard try", "keep loaded" and "reject".
class FakeTries : public TryPort, public FailureInjection {
  public:
    std::string boot_now = "boot-1";
    std::string stored; ///< pending_try_text(); empty: none
    std::map<std::uint64_t, TryOutcome> outcomes;
    std::optional<KeptFiles> loaded_files;
    std::optional<KeptFiles> returned_files;
    std::optional<std::string> rejected_files;
    static constexpr const char* release = "6.18.0-test";

    [[nodiscard]] Result<std::string> boot() override { return boot_now; }
    [[nodiscard]] Result<std::optional<PendingTry>> load() override {
        if (stored.empty()) {
            return std::optional<PendingTry>();
        }
        auto pending = parse_pending_try(stored, release);
        if (!pending) {
            return propagate(pending);
        }
        return pending->boot_id == boot_now ? std::optional(std::move(*pending)) : std::nullopt;
    }
    [[nodiscard]] Result<void> save(const PendingTry& pending) override {
        auto allowed = record("save try");
        if (allowed) {
            stored = pending_try_text(pending, release);
        }
        return allowed;
    }
    [[nodiscard]] Result<void> finish(std::uint64_t number, TryOutcome outcome) override {
        auto allowed = record("finish try");
        if (allowed) {
            outcomes[number] = outcome;
            stored.clear();
        }
        return allowed;
    }
    void discard() override {
        (void)record("discard try");
        stored.clear();
    }
    [[nodiscard]] std::string location() override { return "/run/mptcp-keeper/try"; }
    [[nodiscard]] std::optional<TryOutcome> outcome_of(std::uint64_t number) override {
        const auto found = outcomes.find(number);
        return found == outcomes.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::optional<ShownTry> shown() override {
        const auto pending = load();
        if (!pending || !*pending) {
            return std::nullopt;
        }
        return ShownTry{.deadline = (*pending)->shown_deadline, .file = (*pending)->file};
    }
    [[nodiscard]] Result<void> keep_loaded(const KeptFiles& files) override {
        loaded_files = files;
        return {};
    }
    [[nodiscard]] std::optional<KeptFiles> loaded() override { return loaded_files; }
    [[nodiscard]] std::optional<KeptFiles> returned_to() override { return returned_files; }
    [[nodiscard]] Result<void> keep_returned_to(const KeptFiles& files) override {
        auto allowed = record("keep returned-to");
        if (allowed) {
            returned_files = files;
        }
        return allowed;
    }
    [[nodiscard]] std::optional<std::string> rejected() override { return rejected_files; }
    [[nodiscard]] Result<void> reject(const std::string& fingerprint) override {
        auto allowed = record("reject");
        if (allowed) {
            rejected_files = fingerprint;
        }
        return allowed;
    }
    void forget_reverted() override {
        rejected_files.reset();
        returned_files.reset();
    }
};

/// Counts the processes that hold the clock. A test lets them act.
class FakeTryClock : public TryClockPort {
  public:
    int started = 0;
    std::optional<Error> failure;
    [[nodiscard]] Result<void> start() override {
        if (failure) {
            return tl::unexpected<Error>(*failure);
        }
        ++started;
        return {};
    }
};

} // namespace keeper::fake
