# SPDX-License-Identifier: LGPL-2.1-or-later
# Run by cpack after installing into its folder: moves files to the places that the distributions use.
file(GLOB share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
if(NOT share)
  return()
endif()
if(CPACK_GENERATOR STREQUAL "DEB")
  # Debian has the licence in /usr/share/common-licenses and another folder for zsh completions.
  file(REMOVE ${share}/doc/mptcp-keeper/LICENSE)
  file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
  # On Fedora and RHEL only the distribution ships presets.
  file(COPY ${CMAKE_CURRENT_LIST_DIR}/debian/90-mptcp-keeper.preset DESTINATION ${share}/../lib/systemd/system-preset
       FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(COPY ${CMAKE_CURRENT_LIST_DIR}/debian/lintian-overrides DESTINATION ${share}/lintian/overrides
       FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(RENAME ${share}/lintian/overrides/lintian-overrides ${share}/lintian/overrides/mptcp-keeper)
elseif(CPACK_GENERATOR STREQUAL "RPM")
  file(MAKE_DIRECTORY ${share}/licenses/mptcp-keeper)
  file(RENAME ${share}/doc/mptcp-keeper/LICENSE ${share}/licenses/mptcp-keeper/LICENSE)
  file(REMOVE ${share}/doc/mptcp-keeper/copyright ${share}/doc/mptcp-keeper/changelog.gz)
endif()
