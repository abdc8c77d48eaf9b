# SPDX-License-Identifier: LGPL-2.1-or-later
# For cpack -G DEB and cpack -G RPM; tree.cmake handles the differences between their file trees.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mptcp-keeper)
set(CPACK_PACKAGE_VENDOR "mptcp-keeper maintainers")
set(CPACK_PACKAGE_CONTACT "mptcp-keeper maintainers <mptcp-keeper@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "declarative Multipath TCP configuration for Linux hosts")
set(CPACK_PACKAGE_DESCRIPTION
    "Declare the Multipath TCP configuration of a host in YAML: sysctls, limits and
endpoints of the path manager, and the mptcp-flags of NetworkManager profiles.
mptcp-keeper applies it at boot and on interface events, and repairs drift. It
previews each change, verifies the result, and can restore what it found.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
# The package uses the paths of the build, including those outside the prefix (/etc).
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/tree.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Only profiles require NetworkManager, through D-Bus; 1.40 for mptcp-flags.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "network-manager (>= 1.40)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS mptcpize)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_LIST_DIR}/debian/postinst ${CMAKE_CURRENT_LIST_DIR}/debian/prerm
    ${CMAKE_CURRENT_LIST_DIR}/debian/postrm)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "LGPL-2.1-or-later")
set(CPACK_RPM_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_REQUIRES systemd)
# CPackRPM has no variable for it.
set(CPACK_RPM_SPEC_MORE_DEFINE "Recommends: NetworkManager >= 1.40")
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_LIST_DIR}/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_LIST_DIR}/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_LIST_DIR}/rpm/postun)
# Folders owned by other packages.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc
    /usr/lib/.build-id
    /usr/lib/systemd
    /usr/lib/systemd/system
    /usr/lib/systemd/system-generators
    /usr/lib/NetworkManager
    /usr/lib/NetworkManager/dispatcher.d
    /usr/lib/NetworkManager/dispatcher.d/no-wait.d
    /usr/sbin
    /usr/share/bash-completion
    /usr/share/bash-completion/completions
    /usr/share/doc
    /usr/share/fish
    /usr/share/fish/vendor_completions.d
    /usr/share/licenses
    /usr/share/man
    /usr/share/man/man1
    /usr/share/man/man5
    /usr/share/man/man8
    /usr/share/zsh
    /usr/share/zsh/site-functions)
include(CPack)
