# SPDX-License-Identifier: Apache-2.0
#
# What Debian's policy asks of a package beyond `cmake --install`, done in the folder that cpack packs: a copyright file, a
# changelog, and pages of the manual that are compressed, all with the date of the commit.
set(prefix ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr)
set(documents ${prefix}/share/doc/irqpath)
file(REMOVE ${documents}/LICENSE ${documents}/LICENSE.uPlot)

# The text of a licence as a paragraph of the copyright file.
function(paragraph text result)
  string(STRIP "${text}" text)
  string(REGEX REPLACE "\n[ *]*\n" "\n.\n" text "${text}")
  string(REGEX REPLACE "\n( \\*)? *" "\n " text " ${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
file(READ ${source}/sim/report/uplot/LICENSE uplot)
string(REGEX REPLACE "^.*Permission is hereby" "Permission is hereby" uplot "${uplot}")
paragraph("${uplot}" uplot)
file(READ ${source}/sim/sample/sobol.c sobol)
string(REGEX REPLACE "^.*( \\* Redistribution and use.*POSSIBILITY OF SUCH DAMAGE\\.).*$" "\\1" sobol "${sobol}")
string(REGEX REPLACE "^ \\* " "" sobol "${sobol}")
paragraph("${sobol}" sobol)
file(WRITE ${documents}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: irqpath

Files: *
Copyright: the authors of irqpath
License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.

Files: sim/report/uplot/*
Copyright: 2022 Leon Sorokin
License: Expat
${uplot}

Files: sim/sample/sobol.c
Copyright: 2008 Frances Y. Kuo and Stephen Joe
License: BSD-3-clause
${sobol}
")
execute_process(COMMAND git log -1 --format=%aD WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR} OUTPUT_VARIABLE date
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(date "Mon, 30 Nov 2026 00:00:00 +0000")
endif()
file(WRITE ${documents}/changelog "irqpath (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * Built from ${CPACK_PACKAGE_NAME}'s own tree.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(GLOB pages ${prefix}/share/man/man*/*)
execute_process(COMMAND gzip -9nf ${documents}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)
if(EXISTS ${prefix}/share/zsh/site-functions) # where Debian's zsh looks for those of packages
  file(RENAME ${prefix}/share/zsh/site-functions ${prefix}/share/zsh/vendor-completions)
endif()
