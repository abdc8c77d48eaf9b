// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>

#include <gtest/gtest.h>

#include "applications/run_scope.hpp"

namespace keeper {

namespace {

constexpr const char* system_bus = "/run/dbus/system_bus_socket";

ScopeSurroundings root_in(const std::string& path) {
    return {.cgroup = "0::" + path + "\n", .has_systemd = true, .manager_socket = system_bus};
}

ScopeSurroundings user_in(const std::string& path) {
    ScopeSurroundings surroundings = root_in(path);
    surroundings.user = 1000;
    surroundings.manager_socket = "/run/user/1000/bus";
    return surroundings;
}

std::string slice_of(const ScopeSurroundings& surroundings) {
    const auto scope = run_scope(surroundings, "1-a", "/opt/app");
    return scope ? scope->slice : scope.error().message;
}

std::string error_of(const ScopeSurroundings& surroundings) {
    const auto scope = run_scope(surroundings, "1-a", "/opt/app");
    return scope ? "" : scope.error().message;
}

TEST(RunScope, HasTheNameThatTheHookRecognises) {
    const auto scope = run_scope(root_in("/system.slice/cron.service"), "7-00ff", "/opt/a\nb");
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->name, "mptcp-keeper-run-7-00ff.scope");
    EXPECT_EQ(
        scope->description,
        "TCP sockets of a\xef\xbf\xbd"
        "b as MPTCP sockets");
    EXPECT_EQ(scope->socket, system_bus);
    EXPECT_TRUE(scope->is_message_bus);
}

TEST(RunScope, RootStaysInTheSliceOfTheHost) {
    EXPECT_EQ(slice_of(root_in("/system.slice/cron.service")), "system.slice");
    EXPECT_EQ(slice_of(root_in("/user.slice/user-0.slice/session-3.scope")), "user-0.slice");
    EXPECT_EQ(slice_of(root_in("/a.slice/a-b.slice/x@1.service/inner.slice")), "a-b.slice") << "delegated";
    EXPECT_EQ(
        slice_of(root_in("/user.slice/user-1000.slice/user@1000.service/app.slice/vte.scope")),
        "user-1000.slice")
        << "sudo in a terminal of a desktop: the host's service manager knows no app.slice";
    EXPECT_EQ(slice_of(root_in("/init.scope")), "");
    EXPECT_EQ(slice_of(root_in("/")), "");
}

TEST(RunScope, AUserStaysInASliceOfTheOwnServiceManager) {
    const std::string own = "/user.slice/user-1000.slice/user@1000.service";
    EXPECT_EQ(slice_of(user_in(own + "/app.slice/app-gnome.slice/vte.scope")), "app-gnome.slice");
    EXPECT_EQ(slice_of(user_in(own + "/init.scope")), "");
    EXPECT_EQ(slice_of(user_in("/user.slice/user-1000.slice/session-3.scope")), "")
        << "not in its service manager";
    EXPECT_EQ(slice_of(user_in("/user.slice/user-7.slice/user@7.service/app.slice/x.scope")), "")
        << "after su";
}

TEST(RunScope, TheOwnSocketOfAServiceManagerIsNoMessageBus) {
    ScopeSurroundings surroundings = user_in("/");
    surroundings.manager_socket = "/run/user/1000/systemd/private";
    const auto scope = run_scope(surroundings, "1-a", "app");
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->socket, "/run/user/1000/systemd/private");
    EXPECT_FALSE(scope->is_message_bus);
}

TEST(RunScope, WhatIsMissingIsNamed) {
    ScopeSurroundings surroundings = user_in("/user.slice/user-1000.slice/session-3.scope");
    surroundings.manager_socket = "";
    EXPECT_EQ(
        error_of(surroundings),
        "it acts in a scope of systemd, and user 1000 has no service manager (/run/user/1000 has no bus); run it as "
        "root or from a login session, or run `loginctl enable-linger 1000` first");
    surroundings.user = 0;
    EXPECT_NE(error_of(surroundings).find("/run/systemd/private; start dbus"), std::string::npos);
    surroundings.has_systemd = false;
    EXPECT_NE(
        error_of(surroundings).find("systemd, which is not the service manager here"), std::string::npos);
}

TEST(RunScope, RequiresTheSecondVersionOfCgroups) {
    ScopeSurroundings surroundings = root_in("/");
    surroundings.cgroup = "4:memory:/\n1:name=systemd:/user.slice/user-0.slice/session-3.scope\n";
    EXPECT_NE(error_of(surroundings).find("systemd.unified_cgroup_hierarchy=1"), std::string::npos);
    surroundings.cgroup += "0::/\n";
    EXPECT_NE(error_of(surroundings).find("cgroup v2"), std::string::npos)
        << "listed by the kernel, but not used";
    surroundings.cgroup = "1:name=systemd:/user.slice/a.scope\n0::/user.slice/a.scope\n";
    EXPECT_EQ(slice_of(surroundings), "user.slice") << "both";
}

TEST(RunScope, AServiceKeepsItsMainProcess) {
    ScopeSurroundings service = root_in("/system.slice/app.service");
    service.is_main_process = true;
    EXPECT_EQ(
        error_of(service),
        "in a scope, the main process of app.service would leave the limits of its unit; declare system.slice under "
        "applications.slices instead");
    ScopeSurroundings users = user_in("/user.slice/user-1000.slice/user@1000.service/app.slice/my.service");
    users.is_main_process = true;
    EXPECT_EQ(
        error_of(users),
        "in a scope, the main process of my.service would leave the limits of its unit; declare user-1000.slice under "
        "applications.slices instead");
}

TEST(RunScope, AScopeWithoutEffectNamesThePath) {
    EXPECT_EQ(
        why_scope_has_no_effect("mptcp-keeper-run-1-a.scope", "0::/never.slice/mptcp-keeper-run-1-a.scope\n"),
        "sockets in /never.slice/mptcp-keeper-run-1-a.scope remain TCP; a unit or slice of this path is excluded "
        "(applications.never), or this is a container");
    EXPECT_EQ(
        why_scope_has_no_effect("mptcp-keeper-run-1-a.scope", "0::/init.scope\n"),
        "the service manager did not move this process to mptcp-keeper-run-1-a.scope, it is still in /init.scope");
}

} // namespace

} // namespace keeper
