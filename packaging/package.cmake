# SPDX-License-Identifier: LGPL-2.1-or-later
# For cpack -G DEB and cpack -G RPM; tree.cmake handles the differences between their file trees.
set(CPACK_GENERATOR DEB)

# The source package in debian/ and the spec in rpm/ are for distributions. What they have in common with cpack is read
# from their files: the release, the maintainer scripts, and the scriptlets of mptcp-keeper-bpf.
set(debian ${CMAKE_CURRENT_LIST_DIR}/debian)
file(STRINGS ${debian}/changelog changelog LIMIT_COUNT 1)
if(NOT changelog MATCHES "^mptcp-keeper \\(${PROJECT_VERSION}-([0-9.]+)\\) ")
  message(FATAL_ERROR "packaging/debian/changelog does not begin with version ${PROJECT_VERSION}: ${changelog}")
endif()
set(debian_release ${CMAKE_MATCH_1})

# A maintainer script of mptcp-keeper or mptcp-keeper-bpf as debhelper would complete it: a file of cpack/ replaces
# #DEBHELPER# in the package's own script. Those of mptcp-keeper-bpf need nothing of debhelper.
function(maintainer_script package script)
  set(own ${debian}/${package}.${script})
  set(snippet ${CMAKE_CURRENT_LIST_DIR}/cpack/${script})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${own})
  file(READ ${own} text)
  set(inserted "")
  if(package STREQUAL "mptcp-keeper" AND EXISTS ${snippet})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${snippet})
    file(READ ${snippet} inserted)
  endif()
  string(REPLACE "#DEBHELPER#\n" "${inserted}" text "${text}")
  file(WRITE ${PROJECT_BINARY_DIR}/packaging/${package}/${script} "${text}")
endfunction()
foreach(script postinst prerm postrm)
  maintainer_script(mptcp-keeper ${script})
  maintainer_script(mptcp-keeper-bpf ${script})
endforeach()

set(CPACK_PACKAGE_NAME mptcp-keeper)
set(CPACK_PACKAGE_VENDOR "mptcp-keeper maintainers")
set(CPACK_PACKAGE_CONTACT "mptcp-keeper maintainers <mptcp-keeper@users.noreply.github.com>")
# Each package has its own summary; with one for all, CPackDeb writes that into each description.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(summary "declarative Multipath TCP configuration for Linux hosts")
set(CPACK_PACKAGE_DESCRIPTION
    "Declare the Multipath TCP configuration of a host in YAML: sysctls, limits and
endpoints of the path manager, and the mptcp-flags of NetworkManager profiles.
mptcp-keeper applies it at boot and on interface events, and repairs drift. It
previews each change, verifies the result, and can restore what it found.")
set(bpf_summary "hook that makes chosen programs use Multipath TCP")
set(bpf_description
    "A BPF program that turns the TCP sockets of the programs that a configuration
of mptcp-keeper names into Multipath TCP sockets, also those of programs that
no library can reach: static ones, Go, set-user-ID. It requires Linux 6.6 or a
kernel with a backport of its hook; without one, nothing changes.")
# Two packages: core is mptcp-keeper itself.
set(CPACK_COMPONENTS_ALL core)
if(KEEPER_HAS_BPF)
  list(APPEND CPACK_COMPONENTS_ALL bpf)
endif()
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
# The package uses the paths of the build, including those outside the prefix (/etc).
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/tree.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${debian_release})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_CORE_PACKAGE_NAME mptcp-keeper)
set(CPACK_DEBIAN_CORE_DESCRIPTION "${summary}\n${CPACK_PACKAGE_DESCRIPTION}")
# Only profiles require NetworkManager, through D-Bus; 1.40 for mptcp-flags.
set(CPACK_DEBIAN_CORE_PACKAGE_RECOMMENDS "network-manager (>= 1.40)")
set(CPACK_DEBIAN_CORE_PACKAGE_SUGGESTS mptcpize)
set(CPACK_DEBIAN_CORE_PACKAGE_CONTROL_EXTRA
    ${PROJECT_BINARY_DIR}/packaging/mptcp-keeper/postinst ${PROJECT_BINARY_DIR}/packaging/mptcp-keeper/prerm
    ${PROJECT_BINARY_DIR}/packaging/mptcp-keeper/postrm)
set(CPACK_DEBIAN_BPF_PACKAGE_NAME mptcp-keeper-bpf)
set(CPACK_DEBIAN_BPF_DESCRIPTION "${bpf_summary}\n${bpf_description}")
# shlibdeps adds libbpf.
set(CPACK_DEBIAN_BPF_PACKAGE_DEPENDS "mptcp-keeper (= ${PROJECT_VERSION}-${debian_release})")
set(CPACK_DEBIAN_BPF_PACKAGE_CONTROL_EXTRA
    ${PROJECT_BINARY_DIR}/packaging/mptcp-keeper-bpf/postinst ${PROJECT_BINARY_DIR}/packaging/mptcp-keeper-bpf/prerm
    ${PROJECT_BINARY_DIR}/packaging/mptcp-keeper-bpf/postrm)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_MAIN_COMPONENT core)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "LGPL-2.1-or-later")
set(CPACK_RPM_CORE_PACKAGE_SUMMARY "${summary}")
set(CPACK_RPM_CORE_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_REQUIRES systemd)
set(CPACK_RPM_BPF_PACKAGE_SUMMARY "${bpf_summary}")
set(CPACK_RPM_BPF_PACKAGE_DESCRIPTION "${bpf_description}")
set(CPACK_RPM_BPF_PACKAGE_REQUIRES "systemd, mptcp-keeper = ${PROJECT_VERSION}")
# CPackRPM has no variables for these, and writes them to all packages. What the scripts of examples need is not what the
# package needs.
set(CPACK_RPM_SPEC_MORE_DEFINE
    "%global __requires_exclude_from ^/usr/share/doc/.*$\nRecommends: NetworkManager >= 1.40")
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
foreach(component core bpf)
  set(scripts ${CMAKE_CURRENT_LIST_DIR}/rpm)
  if(component STREQUAL "bpf")
    string(APPEND scripts /bpf)
  endif()
  string(TOUPPER ${component} component)
  set(CPACK_RPM_${component}_POST_INSTALL_SCRIPT_FILE ${scripts}/post)
  set(CPACK_RPM_${component}_PRE_UNINSTALL_SCRIPT_FILE ${scripts}/preun)
  set(CPACK_RPM_${component}_POST_UNINSTALL_SCRIPT_FILE ${scripts}/postun)
endforeach()
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
