// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "model/config_source.hpp"
#include "model/source.hpp"

namespace keeper {

/// A position in a text. Line and column count from 1; the column counts characters, not bytes.
struct Place {
    int line = 1;
    int column = 1;
    friend bool operator==(const Place&, const Place&) = default;
};

/// The file as a whole: shown as 1:1, without a line of text.
constexpr Place whole_file{0, 0};

/// The text in double quotes for a message, shortened and without control characters.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// A line of the text (counting from 1), shortened and without control characters; each character before the
/// cut takes one column. Empty beyond the end of the text.
[[nodiscard]] std::string line_of(std::string_view text, int line);

/// The position of the byte at `offset`, or of the end of the text.
[[nodiscard]] Place place_of(std::string_view text, std::size_t offset);

/// Collects errors and warnings about a set of files. Borrows the files. Keeps the first ten thousand errors,
/// warnings and remarks each and counts the rest, so that memory stays bounded for any input.
class Diagnostics {
  public:
    static constexpr std::size_t max_kept = 10000;

    explicit Diagnostics(const std::vector<ConfigSource>& files) : files_(files) {}

    void error(std::size_t file, Place place, const std::string& message);
    void warning(std::size_t file, Place place, const std::string& message);
    void remark(std::size_t file, Place place, const std::string& message);
    /// For errors that only the merged configuration has; finds the file by its name.
    void error(const Source& source, const std::string& message);

    [[nodiscard]] bool has_errors() const { return !errors_.kept.empty(); }
    [[nodiscard]] Source source(std::size_t file, Place place) const;
    /// Whether `a` was read after `b`.
    [[nodiscard]] bool is_later(const Source& a, const Source& b) const;
    /// Moves everything into `config`, ordered by file, line and column.
    void move_into(LoadedConfig& config) &&;

  private:
    struct Entry {
        std::size_t file = 0;
        Diagnostic diagnostic;
    };
    struct Bucket {
        std::vector<Entry> kept;
        std::size_t dropped = 0;
        Entry first_dropped;
    };

    void add(Bucket& bucket, std::size_t file, Place place, const std::string& message);
    [[nodiscard]] std::size_t index_of(const std::string& file) const;
    [[nodiscard]] static std::vector<Diagnostic> in_order(Bucket bucket, std::string_view kind);

    const std::vector<ConfigSource>& files_;
    Bucket errors_;
    Bucket warnings_;
    Bucket remarks_;
};

/// Reports diagnostics of one file. Borrows the collection.
class FileReport {
  public:
    FileReport(Diagnostics& all, std::size_t file) : all_(all), file_(file) {}

    void error(Place place, const std::string& message) { all_.error(file_, place, message); }
    void warning(Place place, const std::string& message) { all_.warning(file_, place, message); }
    /// A warning that may not concern this host; only `check` shows it.
    void remark(Place place, const std::string& message) { all_.remark(file_, place, message); }
    [[nodiscard]] Source source(Place place) const { return all_.source(file_, place); }

  private:
    Diagnostics& all_;
    std::size_t file_;
};

} // namespace keeper
