// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/diagnostics.hpp"

namespace keeper {

/// Limits for one file. A larger one is refused before it costs time or memory.
namespace yaml_limits {
constexpr std::size_t max_bytes = config_limits::max_file_bytes;
constexpr std::size_t max_depth = 16;
constexpr std::size_t max_nodes = 4096; ///< values; a key counts with its value
/// Counted in the raw text, including quotes and comments: yaml-cpp allocates a few hundred bytes for each
/// opening bracket before it reports the first one.
constexpr std::size_t max_brackets = 16384;
} // namespace yaml_limits

enum class NodeKind { null, scalar, sequence, map };

struct YamlMember;

/// A value of a YAML document with its position. Text is as written; the grammar gives it a meaning.
struct YamlNode {
    NodeKind kind = NodeKind::null;
    Place place;
    std::string text;       ///< of a scalar
    bool is_quoted = false; ///< the scalar is in quotes or is a block scalar
    bool is_written = true; ///< false for a null that is just a missing value ("key:")
    bool is_valid = true;   ///< false once the grammar has refused it
    std::vector<YamlNode> items;
    std::vector<YamlMember> members; ///< in file order; keys are unique

    /// The member's value; null if there is none or the grammar refused it.
    [[nodiscard]] const YamlNode* find_valid(std::string_view key) const;
    [[nodiscard]] const YamlMember* find(std::string_view key) const;
};

struct YamlMember {
    std::string key;
    Place place;
    YamlNode value;
};

/// Why a text was refused.
struct YamlRefusal {
    Place place;
    std::string message;
};

/// Parses a text with one document (an empty text is null). Refuses text that is not UTF-8 or not YAML or
/// exceeds the limits above, a second document, and anchors, aliases, tags, duplicate and complex keys.
[[nodiscard]] tl::expected<YamlNode, YamlRefusal> read_yaml(std::string_view text);

} // namespace keeper
