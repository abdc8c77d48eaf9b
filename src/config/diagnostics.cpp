// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/diagnostics.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text/lines.hpp"
#include "base/text/printable.hpp"
#include "base/text/utf8.hpp"

namespace keeper {

namespace {

constexpr std::size_t max_quoted = 60;
constexpr std::size_t max_line = 240;
constexpr std::size_t max_message = 1000;
constexpr std::string_view ellipsis = "…";

/// The text for a message, cut after that many characters.
std::string shortened(std::string_view text, std::size_t max_characters) {
    const std::size_t end = offset_of_character(text, max_characters);
    return printable(text.substr(0, end)).append(end < text.size() ? ellipsis : "");
}

} // namespace

std::string in_quotes(std::string_view text) {
    return '"' + shortened(text, max_quoted) + '"';
}

std::string line_of(std::string_view text, int line) {
    text = line_at(text, line);
    if (!text.empty() && text.back() == '\r') {
        text.remove_suffix(1);
    }
    return shortened(text, max_line);
}

Place place_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1; // npos + 1 is 0
    const std::string_view in_line = before.substr(line_start);
    return {
        static_cast<int>(1 + std::count(before.begin(), before.end(), '\n')),
        static_cast<int>(1 + count_characters(in_line))};
}

void Diagnostics::add(Bucket& bucket, std::size_t file, Place place, const std::string& message) {
    if (bucket.kept.size() == max_kept && bucket.dropped++ > 0) {
        return;
    }
    // yaml-cpp quotes the offending byte as it is.
    Entry entry{
        .file = file,
        .diagnostic = {.source = source(file, place), .message = shortened(message, max_message)}};
    if (file < files_.size() && place != whole_file) {
        entry.diagnostic.line_text = line_of(files_[file].text, place.line);
    }
    if (bucket.dropped > 0) {
        bucket.first_dropped = std::move(entry);
    } else {
        bucket.kept.push_back(std::move(entry));
    }
}

void Diagnostics::error(std::size_t file, Place place, const std::string& message) {
    add(errors_, file, place, message);
}

void Diagnostics::warning(std::size_t file, Place place, const std::string& message) {
    add(warnings_, file, place, message);
}

void Diagnostics::remark(std::size_t file, Place place, const std::string& message) {
    add(remarks_, file, place, message);
}

void Diagnostics::error(const Source& source, const std::string& message) {
    error(index_of(source.file), {source.line, source.column}, message);
}

Source Diagnostics::source(std::size_t file, Place place) const {
    const Place shown = place == whole_file ? Place{1, 1} : place;
    return {
        .file = file < files_.size() ? files_[file].file : std::string(),
        .line = shown.line,
        .column = shown.column};
}

std::size_t Diagnostics::index_of(const std::string& file) const {
    for (std::size_t index = files_.size(); index > 0; --index) {
        if (files_[index - 1].file == file) {
            return index - 1;
        }
    }
    return 0;
}

bool Diagnostics::is_later(const Source& a, const Source& b) const {
    return std::tuple(index_of(a.file), a.line, a.column) > std::tuple(index_of(b.file), b.line, b.column);
}

std::vector<Diagnostic> Diagnostics::in_order(Bucket bucket, std::string_view kind) {
    const auto order = [](const Entry& entry) {
        return std::tuple(entry.file, entry.diagnostic.source.line, entry.diagnostic.source.column);
    };
    std::stable_sort(bucket.kept.begin(), bucket.kept.end(), [&](const Entry& a, const Entry& b) {
        return order(a) < order(b);
    });
    std::vector<Diagnostic> result;
    for (Entry& entry : bucket.kept) {
        result.push_back(std::move(entry.diagnostic));
    }
    if (bucket.dropped > 0) {
        result.push_back(std::move(bucket.first_dropped.diagnostic));
        result.back().message = fmt::format(
            "{} more {}{} not shown", bucket.dropped, kind, bucket.dropped == 1 ? " is" : "s are");
    }
    return result;
}

void Diagnostics::move_into(LoadedConfig& config) && {
    config.errors = in_order(std::move(errors_), "error");
    config.warnings = in_order(std::move(warnings_), "warning");
    config.remarks = in_order(std::move(remarks_), "warning");
}

} // namespace keeper
