// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/pending_try.hpp"

#include <nlohmann/json.hpp>

namespace keeper {

namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr int try_format = 1;

std::string text_of_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_of(const KeptFiles& kept) {
    Json files = Json::array();
    for (const ConfigSource& file : kept.files) {
        files.push_back({{"file", file.file}, {"text", file.text}});
    }
    return {
        {"fingerprint", kept.fingerprint},
        {"known", kept.is_known},
        {"files", std::move(files)},
        {"tried_file", kept.tried_file}};
}

/// Throws Json::exception.
KeptFiles kept_files_of(const Json& json) {
    KeptFiles kept;
    kept.fingerprint = json.at("fingerprint").get<std::string>();
    kept.is_known = json.at("known").get<bool>();
    kept.tried_file = json.at("tried_file").get<std::string>();
    for (const Json& file : json.at("files")) {
        kept.files.push_back(
            {.file = file.at("file").get<std::string>(), .text = file.at("text").get<std::string>()});
    }
    return kept;
}

Json json_of(const std::map<std::string, MptcpFlags>& live) {
    Json json = Json::object();
    for (const auto& [interface, flags] : live) {
        json[interface] = flags.raw();
    }
    return json;
}

/// Throws Json::exception.
std::map<std::string, MptcpFlags> live_flags_of(const Json& json) {
    std::map<std::string, MptcpFlags> live;
    for (const auto& [interface, flags] : json.items()) {
        live[interface] = MptcpFlags::from_raw(flags.get<std::uint32_t>());
    }
    return live;
}

std::int64_t seconds_of(system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

system_clock::time_point time_of(const Json& seconds) {
    return system_clock::time_point(std::chrono::seconds(seconds.get<std::int64_t>()));
}

/// Throws Json::exception.
Result<TryPhase> phase_of(const Json& json) {
    const auto name = json.get<std::string>();
    for (const TryPhase phase : {TryPhase::applying, TryPhase::pending, TryPhase::reverting}) {
        if (name == to_string(phase)) {
            return phase;
        }
    }
    return fail("unknown phase \"" + name + "\"");
}

/// `read` may throw Json::exception, which becomes an Error.
template <class Read>
auto parsed(const std::string& text, const Read& read) -> decltype(read(Json())) {
    try {
        return read(Json::parse(text));
    } catch (const Json::exception& error) {
        return fail(std::string("invalid JSON: ") + error.what());
    }
}

} // namespace

std::string_view to_string(TryPhase phase) {
    switch (phase) {
    case TryPhase::applying:
        return "applying";
    case TryPhase::pending:
        return "pending";
    case TryPhase::reverting:
        return "reverting";
    }
    return "";
}

std::string_view to_string(TryOutcome outcome) {
    switch (outcome) {
    case TryOutcome::confirmed:
        return "confirmed";
    case TryOutcome::reverted:
        return "reverted";
    }
    return "";
}

std::string pending_try_text(const PendingTry& pending, const std::string& kernel_release) {
    return text_of_json({
        {"format", try_format},
        {"number", pending.number},
        {"boot_id", pending.boot_id},
        {"phase", to_string(pending.phase)},
        {"deadline_ms", pending.deadline.count()},
        {"shown_deadline", seconds_of(pending.shown_deadline)},
        {"file", pending.file},
        {"candidate", json_of(pending.candidate)},
        {"previous", json_of(pending.previous)},
        {"state_boot_id", pending.record.boot_id},
        {"found", to_state_text(pending.found, kernel_release)},
        {"found_live", json_of(pending.found_live)},
        {"record", to_state_text(pending.record, kernel_release)},
        {"hook_prepared", pending.hook_prepared},
        {"hook_attached", pending.hook_attached},
    });
}

Result<PendingTry> parse_pending_try(const std::string& text, const std::string& kernel_release) {
    return parsed(text, [&](const Json& json) -> Result<PendingTry> {
        if (json.at("format").get<int>() != try_format) {
            return fail("it has format " + json.at("format").dump() + ", which this release does not know");
        }
        const auto phase = phase_of(json.at("phase"));
        if (!phase) {
            return propagate(phase);
        }
        const BootIdentity then{json.at("state_boot_id").get<std::string>(), kernel_release};
        auto found = from_state_text(json.at("found").get<std::string>(), then);
        auto record = from_state_text(json.at("record").get<std::string>(), then);
        if (!found || !record) {
            return fail(!found ? found.error() : record.error());
        }
        return PendingTry{
            .number = json.at("number").get<std::uint64_t>(),
            .boot_id = json.at("boot_id").get<std::string>(),
            .phase = *phase,
            .deadline = milliseconds(json.at("deadline_ms").get<std::int64_t>()),
            .shown_deadline = time_of(json.at("shown_deadline")),
            .file = json.at("file").get<std::string>(),
            .candidate = kept_files_of(json.at("candidate")),
            .previous = kept_files_of(json.at("previous")),
            .found = std::move(*found),
            .found_live = live_flags_of(json.at("found_live")),
            .record = std::move(*record),
            .hook_prepared = json.at("hook_prepared").get<std::string>(),
            .hook_attached = json.at("hook_attached").get<std::string>()};
    });
}

std::string shown_try_text(const ShownTry& shown, const std::string& boot_id) {
    return text_of_json(
        {{"deadline", seconds_of(shown.deadline)}, {"file", shown.file}, {"boot_id", boot_id}});
}

std::optional<ShownTry> parse_shown_try(const std::string& text, const std::string& boot_id) {
    const auto shown = parsed(text, [&](const Json& json) -> Result<std::optional<ShownTry>> {
        if (json.at("boot_id").get<std::string>() != boot_id) {
            return std::optional<ShownTry>();
        }
        return std::optional(
            ShownTry{.deadline = time_of(json.at("deadline")), .file = json.at("file").get<std::string>()});
    });
    return shown ? *shown : std::nullopt;
}

std::string kept_files_text(const KeptFiles& files) {
    return text_of_json(json_of(files));
}

Result<KeptFiles> parse_kept_files(const std::string& text) {
    return parsed(text, [](const Json& json) -> Result<KeptFiles> { return kept_files_of(json); });
}

} // namespace keeper
