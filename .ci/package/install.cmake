# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` and the Debian package consist of. Everything is found from the program's place, so that the
# prefix may be moved as a whole.
set(share ${CMAKE_INSTALL_DATADIR}/irqpath)
install(TARGETS irqpath RUNTIME)
if(TARGET irqpath-mpi)
  install(TARGETS irqpath-mpi RUNTIME)
endif()
install(DIRECTORY scenarios DESTINATION ${share})
install(FILES ${built_share}/commit DESTINATION ${share})
install(DIRECTORY sim/code/abi DESTINATION ${share}/code/sim/code)
file(GLOB code_folders CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} models/*/code)
foreach(folder ${code_folders})
  get_filename_component(parent ${folder} DIRECTORY)
  install(DIRECTORY ${folder} DESTINATION ${share}/code/${parent})
endforeach()
install(DIRECTORY sim/result/schemas/ DESTINATION ${share}/schema/documents)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES sim/report/uplot/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.uPlot)

# The manual, the completions and the schema are what the program itself writes, each time that it is linked.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  set(manual ${CMAKE_BINARY_DIR}/share/manual)
  add_custom_command(TARGET irqpath POST_BUILD COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:irqpath>
                     help --write ${manual} VERBATIM)
  install(DIRECTORY ${manual}/man1 ${manual}/man5 DESTINATION ${CMAKE_INSTALL_MANDIR})
  install(FILES ${manual}/completion/irqpath DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${manual}/completion/_irqpath DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${manual}/completion/irqpath.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(DIRECTORY ${manual}/schema DESTINATION ${share})
endif()

# A Debian package: cpack -G DEB --config build/CPackConfig.cmake.
set(CPACK_PACKAGE_NAME irqpath)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(IRQPATH_CONTACT "irqpath's packagers <irqpath@packages.invalid>" CACHE STRING "Maintainer of the Debian package")
set(CPACK_PACKAGE_CONTACT ${IRQPATH_CONTACT})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator of the path of an interrupt through a hypervisor")
set(CPACK_PACKAGE_DESCRIPTION
    "A cycle-accurate simulator and an explorer of the path that an interrupt
takes through a hypervisor: device, IOMMU, physical CPU, hypervisor, virtual
CPU. It compares designs and locks, tries every interleaving, and takes the
code of a Xen, Linux or QEMU tree in place of its models.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_FILE_NAME irqpath_${PROJECT_VERSION}_${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gcc, gdb, mpi-default-bin")
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/.ci/package/debian.cmake)
include(CPack)
