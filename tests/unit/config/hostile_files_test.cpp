// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <csignal>
#include <functional>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.hpp"
#include "config/yaml/yaml_document.hpp"
#include "support/config_support.hpp"

namespace keeper {
namespace {

/// How a child ended that parsed something, and what it needed.
struct Cost {
    int status = 0; ///< as of wait(2)
    std::chrono::milliseconds processor{};
    long memory_kib = 0; ///< largest resident set, the test program itself included
};

/// Parses in a child, so that a crash, a hang or a flood of memory fails one test and no other. The child
/// ends itself after 20 s; an alarm that is this generous only rings for what would never end.
Cost cost_of(const std::function<bool()>& parse_in_child) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(20);
        std::_Exit(parse_in_child() ? 0 : 1);
    }
    Cost cost;
    rusage usage{};
    EXPECT_EQ(::wait4(child, &cost.status, 0, &usage), child);
    cost.processor = std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     std::chrono::milliseconds((usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
    cost.memory_kib = usage.ru_maxrss;
    return cost;
}

std::string times(std::size_t count, const std::string& text) {
    std::string result;
    for (std::size_t index = 0; index < count; ++index) {
        result += text;
    }
    return result;
}

struct Hostile {
    const char* what;
    std::function<std::string()> text;
};

void PrintTo(const Hostile& hostile, std::ostream* out) {
    *out << hostile.what;
}

class ConfigHostile : public testing::TestWithParam<Hostile> {};

/// The contract: 1 s and 64 MB. Without optimisation and under sanitizers everything takes a multiple, so the
/// bounds are wide; what they catch has no bound at all.
TEST_P(ConfigHostile, IsRefusedWithinBounds) {
    const Cost idle = cost_of([] { return true; });
    const Cost cost = cost_of([] { return !parse(GetParam().text()).errors.empty(); });
    EXPECT_TRUE(WIFEXITED(cost.status)) << "ended by signal " << WTERMSIG(cost.status);
    EXPECT_EQ(WEXITSTATUS(cost.status), 0) << "not refused";
    EXPECT_LT(cost.processor, std::chrono::seconds(5));
#if !defined(__SANITIZE_ADDRESS__)
    EXPECT_LT(cost.memory_kib - idle.memory_kib, 48 * 1024);
#endif
}

const Hostile hostile_texts[]{
    {"TwoHundredThousandOpenBrackets", [] { return times(200'000, "["); }},
    {"TwoHundredThousandOpenBraces", [] { return times(200'000, "{"); }},
    {"AsManyBracketsAsAreRead", [] { return times(yaml_limits::max_brackets, "["); }},
    {"AsManyBracesAsAreRead", [] { return times(yaml_limits::max_brackets, "{"); }},
    {"BracketsAndBraces", [] { return times(yaml_limits::max_brackets / 2, "[{"); }},
    {"MapsAsKeys", [] { return times(80'000, "? "); }},
    {"ListsInLists", [] { return times(120'000, "- "); }},
    {"Commas", [] { return times(250'000, ","); }},
    {"Colons", [] { return times(250'000, ":"); }},
    {"ColonsAndBlanks", [] { return times(120'000, ": "); }},
    {"Tags", [] { return times(120'000, "! "); }},
    {"Anchors", [] { return times(80'000, "&a "); }},
    {"Aliases", [] { return times(80'000, "*a "); }},
    {"Quotes", [] { return times(250'000, "\""); }},
    {"Dashes", [] { return times(120'000, "-\n"); }},
    {"OneWord", [] { return times(250'000, "a"); }},
    {"AliasesThatMultiply",
     [] {
         std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
         for (int index = 1; index < 9; ++index) {
             const std::string before = "*a" + std::to_string(index - 1);
             text += "a" + std::to_string(index) + ": &a" + std::to_string(index) + " [" +
                     times(8, before + ",") + before + "]\n";
         }
         return text;
     }},
    {"UnknownKeys",
     [] {
         std::string text;
         for (int index = 0; index < 4000; ++index) {
             text += "k" + std::to_string(index) + ": 1\n";
         }
         return text;
     }},
    {"LongNamesNearKnownOnes",
     [] {
         std::string text = "unknown: 1\nsysctl:\n";
         for (int index = 0; index < 4000; ++index) {
             text += "  syn_retrans_before_tcp_fallba" + std::to_string(index) + ": 1\n";
         }
         return text;
     }},
    {"LongLines",
     [] { return "a: \"" + times(100'000, "\xc3\xa9") + "\"\nb: [" + times(20'000, "1,") + "]"; }},
};
INSTANTIATE_TEST_SUITE_P(Texts, ConfigHostile, testing::ValuesIn(hostile_texts), [](const auto& test) {
    return std::string(test.param.what);
});

TEST(ConfigHostileSets, ManyFilesAreRefusedWithinBounds) {
    const Cost idle = cost_of([] { return true; });
    const Cost cost = cost_of([] {
        std::string rules = "profiles:\n";
        while (rules.size() < 20'000) {
            rules += "- {match: {name: a}, mptcp-flags: signal}\n";
        }
        return errors(std::vector<std::string>(400, rules))
            .ends_with("the configuration files are larger than 2 MiB in total");
    });
    EXPECT_TRUE(WIFEXITED(cost.status) && WEXITSTATUS(cost.status) == 0);
    EXPECT_LT(cost.processor, std::chrono::seconds(20));
#if !defined(__SANITIZE_ADDRESS__)
    EXPECT_LT(cost.memory_kib - idle.memory_kib, 56 * 1024);
#endif
}

TEST(ConfigHostileSets, MoreFilesThanTheLimitAreRefused) {
    const std::vector<std::string> enough(config_limits::max_files, "limits: {subflows: 1}\n");
    EXPECT_EQ(errors(enough), "");
    std::vector<ConfigText> more(config_limits::max_files + 5, {"some", "limits: {subflows: 1}\n"});
    more[config_limits::max_files].file = "last";
    EXPECT_EQ(
        printed(parse_config(more).errors),
        std::vector<std::string>{"last:1:1: more than 256 configuration files"});
}

TEST(ConfigHostileSets, FilesJustWithinTheLimitsAreAccepted) {
    std::string text = "profiles:\n";
    for (int index = 0; index < 500; ++index) {
        text += "  - match: {name: \"wan" + std::to_string(index) +
                "\", type: ethernet}\n    mptcp-flags: [signal, subflow]\n";
    }
    EXPECT_EQ(declared(text).profiles.size(), 500U);
    const std::string comment = "limits: {subflows: 1}\n#";
    const std::string padded = comment + times(yaml_limits::max_bytes - comment.size(), "#");
    EXPECT_EQ(errors(padded), "");
    EXPECT_EQ(errors(padded + "#"), "f:1:1: the file is larger than 256 KiB; split it into drop-ins");
    const std::string sixteen_deep = "x: " + times(15, "[") + times(15, "]");
    EXPECT_TRUE(errors(sixteen_deep).starts_with("f:1:1: unknown key")) << errors(sixteen_deep);
}

TEST(ConfigHostileSets, ANulByteIsRefusedAtItsPlace) {
    EXPECT_EQ(
        errors(std::string("limits:\n  subflows: 1\0\n", 23)), "f:2:14: NUL byte: this is not a YAML file");
}

} // namespace
} // namespace keeper
