#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/diagnostics.hpp"

namespace keeper {

/// What one file may hold. More is refused before it costs anything.
namespace yaml_limits {
constexpr std::size_t max_bytes = config_limits::max_file_bytes;
constexpr std::size_t max_depth = 16;
constexpr std::size_t max_nodes = 4096; ///< values; a key belongs to its value
/// Counted in the raw text, in quotes and comments too: yaml-cpp holds a few hundred bytes for each opening
/// bracket before it tells us of the first one.
constexpr std::size_t max_brackets = 16384;
} // namespace yaml_limits

enum class NodeKind { null, scalar, sequence, map };

struct YamlMember;

/// A value of a YAML document with its place. Text is as written: what it means is the grammar's business.
struct YamlNode {
    NodeKind kind = NodeKind::null;
    Place place;
    std::string text;       ///< of a scalar
    bool is_quoted = false; ///< the scalar stands in quotes or is a block scalar
    bool is_written = true; ///< false for a null that is only the absence of a value ("key:")
    bool is_sound = true;   ///< false once the grammar has refused it
    std::vector<YamlNode> items;
    std::vector<YamlMember> members; ///< in the order of the file, keys are unique

    /// The member's value, or nothing; nothing too for a value that the grammar refused.
    [[nodiscard]] const YamlNode* find_sound(std::string_view key) const;
    [[nodiscard]] const YamlMember* find(std::string_view key) const;
};

struct YamlMember {
    std::string key;
    Place place;
    YamlNode value;
};

/// Why a text is not a YAML document that we read.
struct YamlRefusal {
    Place place;
    std::string message;
};

/// Reads the one document of a text (an empty text is null). Refuses what is not UTF-8 text or not YAML, what
/// exceeds the limits above, a second document, and anchors, aliases, tags, duplicate and complex keys.
[[nodiscard]] tl::expected<YamlNode, YamlRefusal> read_yaml(std::string_view text);

} // namespace keeper
