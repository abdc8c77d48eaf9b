# SPDX-License-Identifier: LGPL-2.1-or-later
# Run by cpack after installing into its folder, which has one for each component: moves files to the places that the
# distributions use, as debian/ and rpm/mptcp-keeper.spec do.
file(GLOB share ${CPACK_TEMPORARY_DIRECTORY}/core/usr/share)
if(NOT share)
  return()
endif()
set(bpf_share ${CPACK_TEMPORARY_DIRECTORY}/bpf/usr/share)
set(debian ${CMAKE_CURRENT_LIST_DIR}/debian)
set(readable FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# Compressed without a timestamp, so that the same sources produce the same package.
function(compress source destination)
  execute_process(COMMAND gzip --best --no-name --stdout ${source} OUTPUT_FILE ${destination} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The files that debhelper adds to a package.
function(add_debian_files share package)
  set(doc ${share}/doc/${package})
  file(REMOVE ${doc}/LICENSE ${doc}/CHANGELOG.md) # the former is in /usr/share/common-licenses
  compress(${CMAKE_CURRENT_LIST_DIR}/../CHANGELOG.md ${doc}/changelog.gz)
  compress(${debian}/changelog ${doc}/changelog.Debian.gz)
  file(COPY ${debian}/copyright DESTINATION ${doc} ${readable})
  file(COPY ${debian}/${package}.lintian-overrides DESTINATION ${share}/lintian/overrides ${readable})
  file(RENAME ${share}/lintian/overrides/${package}.lintian-overrides ${share}/lintian/overrides/${package})
endfunction()

# The examples keep their mode, but not what the umask of the checkout made of it.
execute_process(COMMAND chmod -R u=rwX,go=rX ${share}/doc COMMAND_ERROR_IS_FATAL ANY)
if(CPACK_GENERATOR STREQUAL "DEB")
  add_debian_files(${share} mptcp-keeper)
  if(EXISTS ${bpf_share})
    add_debian_files(${bpf_share} mptcp-keeper-bpf)
  endif()
  file(CHMOD ${share}/../lib/mptcp-keeper/bus.so ${readable}) # RPM requires libraries to be executable
  file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
  # On Fedora and RHEL only the distribution ships presets.
  file(COPY ${debian}/90-mptcp-keeper.preset DESTINATION ${share}/../lib/systemd/system-preset ${readable})
elseif(CPACK_GENERATOR STREQUAL "RPM")
  file(MAKE_DIRECTORY ${share}/licenses/mptcp-keeper)
  file(RENAME ${share}/doc/mptcp-keeper/LICENSE ${share}/licenses/mptcp-keeper/LICENSE)
  if(EXISTS ${bpf_share})
    file(MAKE_DIRECTORY ${bpf_share}/licenses/mptcp-keeper-bpf)
    file(RENAME ${bpf_share}/doc/mptcp-keeper-bpf/LICENSE ${bpf_share}/licenses/mptcp-keeper-bpf/LICENSE)
    file(REMOVE_RECURSE ${bpf_share}/doc)
  endif()
endif()
