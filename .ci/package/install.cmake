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
