# SPDX-License-Identifier: Apache-2.0
#
# Writes the commit of the work tree SOURCE into the file OUTPUT, with -dirty where tracked files differ from it; an
# empty file where there is no git or no repository. The file is written only when that changes it.
cmake_minimum_required(VERSION 3.20)
execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=* WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE commit ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(commit "")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "@commit@" @ONLY)
