# SPDX-License-Identifier: LGPL-2.1-or-later
# Run by cpack after installing into its folder, which has one for each component: moves files to the places that the
# distributions use.
file(GLOB share ${CPACK_TEMPORARY_DIRECTORY}/core/usr/share)
if(NOT share)
  return()
endif()
set(bpf_share ${CPACK_TEMPORARY_DIRECTORY}/bpf/usr/share)
set(readable FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
if(CPACK_GENERATOR STREQUAL "DEB")
  # Debian has the licence in /usr/share/common-licenses and another folder for zsh completions.
  file(REMOVE ${share}/doc/mptcp-keeper/LICENSE ${bpf_share}/doc/mptcp-keeper-bpf/LICENSE)
  file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
  # On Fedora and RHEL only the distribution ships presets.
  file(COPY ${CMAKE_CURRENT_LIST_DIR}/debian/90-mptcp-keeper.preset DESTINATION ${share}/../lib/systemd/system-preset
       ${readable})
  file(COPY ${CMAKE_CURRENT_LIST_DIR}/debian/lintian-overrides DESTINATION ${share}/lintian/overrides ${readable})
  file(RENAME ${share}/lintian/overrides/lintian-overrides ${share}/lintian/overrides/mptcp-keeper)
elseif(CPACK_GENERATOR STREQUAL "RPM")
  file(MAKE_DIRECTORY ${share}/licenses/mptcp-keeper)
  file(RENAME ${share}/doc/mptcp-keeper/LICENSE ${share}/licenses/mptcp-keeper/LICENSE)
  file(REMOVE ${share}/doc/mptcp-keeper/copyright ${share}/doc/mptcp-keeper/changelog.gz)
  if(EXISTS ${bpf_share})
    file(MAKE_DIRECTORY ${bpf_share}/licenses/mptcp-keeper-bpf)
    file(RENAME ${bpf_share}/doc/mptcp-keeper-bpf/LICENSE ${bpf_share}/licenses/mptcp-keeper-bpf/LICENSE)
    file(REMOVE_RECURSE ${bpf_share}/doc)
  endif()
endif()
