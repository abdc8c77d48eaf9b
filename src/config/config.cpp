// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/config.hpp"

#include <array>

#include <fmt/format.h>

#include "config/config_hash.hpp"
#include "config/grammar/grammar.hpp"
#include "config/grammar/validate.hpp"
#include "config/sections/doubts.hpp"
#include "config/sections/sections.hpp"
#include "config/yaml/yaml_document.hpp"

namespace keeper {

namespace {

struct SectionMerger {
    std::string_view key;
    void (*merge)(const YamlNode&, DesiredState&, FileReport&);
};

constexpr std::array<SectionMerger, 7> section_mergers{{
    {"sysctl", merge_sysctl},
    {"limits", merge_limits},
    {"profiles", merge_profiles},
    {"endpoints", merge_endpoints},
    {"applications", merge_applications},
    {"metrics", merge_metrics},
    {"reconcile", merge_reconcile},
}};

void merge_file(const ConfigSource& file, DesiredState& desired, FileReport& report) {
    if (!file.failure.empty()) {
        report.error(whole_file, file.failure);
        return;
    }
    auto document = read_yaml(file.text);
    if (!document) {
        report.error(document.error().place, document.error().message);
        return;
    }
    validate(*document, config_grammar(), "the file", report);
    for (const SectionMerger& section : section_mergers) {
        const YamlMember* member = document->find(section.key);
        if (member == nullptr || !member->value.is_valid) {
            continue;
        }
        const DesiredState before = member->value.is_written ? DesiredState{} : desired;
        section.merge(member->value, desired, report);
        if (!member->value.is_written && !(before == desired)) {
            report.warning(
                member->place,
                fmt::format(
                    "{} is empty and discards earlier declarations; write null to make that explicit",
                    section.key));
        }
    }
}

/// FNV-1a, 64 bits, over names and content, each followed by its length. It distinguishes versions; it is not
/// a cryptographic hash.
std::string fingerprint_of(const std::vector<ConfigSource>& files) {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&](std::string_view text) {
        for (const char byte : fmt::format("{}:{}", text, text.size())) {
            hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
        }
    };
    for (const ConfigSource& file : files) {
        add(file.file);
        add(file.text);
        add(file.failure);
    }
    return fmt::format("{:016x}", hash);
}

} // namespace

LoadedConfig parse_sources(const std::vector<ConfigSource>& files, const std::string& root) {
    LoadedConfig config;
    config.fingerprint = fingerprint_of(files);
    Diagnostics diagnostics(files);
    std::size_t total = 0;
    for (std::size_t index = 0; index < files.size(); ++index) {
        FileReport report(diagnostics, index);
        config.files.push_back(files[index].file);
        total += files[index].text.size();
        if (index == config_limits::max_files) {
            report.error(
                whole_file, fmt::format("more than {} configuration files", config_limits::max_files));
            break;
        }
        if (total > config_limits::max_total_bytes) {
            report.error(
                whole_file,
                fmt::format(
                    "the configuration files are larger than {} MiB in total",
                    config_limits::max_total_bytes / 1024 / 1024));
            break;
        }
        merge_file(files[index], config.desired, report);
    }
    report_conflicts(config.desired, diagnostics);
    if (!files.empty() && !diagnostics.has_errors() && !declares_anything(config.desired) &&
        !config.desired.metrics.textfile) {
        diagnostics.warning(0, whole_file, "the configuration declares nothing; nothing will be done");
    }
    if (!diagnostics.has_errors()) {
        config.sources = files;
    }
    std::move(diagnostics).move_into(config);
    if (config.valid()) {
        config.hash = config_hash(config.desired);
    }
    for (Diagnostic& doubt : doubts(config.desired, files)) {
        config.warnings.push_back(std::move(doubt));
    }
    if (files.empty()) {
        config.warnings.push_back(
            {.source = {.file = root + std::string(main_config_file), .line = 1, .column = 1},
             .message = "no configuration file found; nothing will be done"});
    }
    return config;
}

LoadedConfig parse_config(const std::vector<ConfigText>& files) {
    std::vector<ConfigSource> sources;
    sources.reserve(files.size());
    for (const ConfigText& file : files) {
        // One byte more than the limit is enough to be refused.
        sources.push_back({.file = file.file, .text = file.text.substr(0, yaml_limits::max_bytes + 1)});
    }
    return parse_sources(sources);
}

} // namespace keeper
