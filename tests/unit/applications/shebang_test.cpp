// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>

#include <gtest/gtest.h>

#include "applications/shebang.hpp"

namespace keeper {

namespace {

TEST(Shebang, NamesTheInterpreterWithoutItsArguments) {
    EXPECT_EQ(interpreter_of_script("#!/bin/sh\n"), "/bin/sh");
    EXPECT_EQ(interpreter_of_script("#! \t/usr/bin/env python3\nimport os\n"), "/usr/bin/env");
    EXPECT_EQ(interpreter_of_script("#!/bin/sh\t-e\n"), "/bin/sh");
    EXPECT_EQ(interpreter_of_script("#!/bin/sh"), "/bin/sh") << "the file may end without a line feed";
    EXPECT_EQ(interpreter_of_script(std::string("#!/bin/sh\0x\n", 12)), "/bin/sh");
    EXPECT_EQ(interpreter_of_script("#!sh\n"), "sh") << "relative to the current folder";
}

TEST(Shebang, OtherFilesHaveNoInterpreter) {
    for (const char* start :
         {"",
          "#",
          "#!",
          "#!\n/bin/sh\n",
          "#! \t\n",
          "\x7f"
          "ELF",
          " #!/bin/sh\n",
          "echo\n"}) {
        EXPECT_EQ(interpreter_of_script(start), std::nullopt) << start;
    }
}

TEST(Shebang, ANameThatMayContinueIsRefused) {
    const std::string folders(shebang_size - 3, 'x');
    EXPECT_EQ(interpreter_of_script("#!/" + folders), std::nullopt);
    EXPECT_EQ(interpreter_of_script("#!/" + folders.substr(1) + "\n"), "/" + folders.substr(1));
    EXPECT_EQ(interpreter_of_script("#!/bin/sh " + folders.substr(7)), "/bin/sh") << "arguments may be cut";
}

} // namespace

} // namespace keeper
