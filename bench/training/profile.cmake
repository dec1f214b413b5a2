# SPDX-License-Identifier: Apache-2.0
#
# cmake -P, called by the build (pgo.cmake): builds irqpath with counters below TRAINING, runs it, and leaves in TRAINING what
# the compiler reads, and profile.stamp.
function(step what log)
  execute_process(COMMAND ${ARGN} OUTPUT_FILE ${log} ERROR_FILE ${log} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    file(READ ${log} text)
    message(FATAL_ERROR "${what} failed (${log}):\n${text}")
  endif()
endfunction()

# A build that is itself part of a run of make must not take that one's options for its own.
set(plain ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS --unset=MAKELEVEL --unset=MFLAGS ${CMAKE_COMMAND})
file(MAKE_DIRECTORY ${TRAINING})
step("Configuring the training's build" ${TRAINING}/configure.log
     ${plain} -S ${SOURCE} -B ${TRAINING} -G ${GENERATOR} -DCMAKE_MAKE_PROGRAM=${MAKE} -DCMAKE_C_COMPILER=${COMPILER}
     -DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_C_FLAGS=${FLAGS} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
     -DIRQPATH_ARCH=${ARCH} -DIRQPATH_SWITCH=${SWITCH} -DIRQPATH_TRAINING=ON -DIRQPATH_MPI=OFF)
step("The training's build" ${TRAINING}/build.log ${plain} --build ${TRAINING} --target irqpath --parallel)

file(REMOVE_RECURSE ${TRAINING}/counts)
file(STRINGS ${SOURCE}/bench/training/runs lines REGEX "^[^#]")
foreach(line IN LISTS lines)
  string(REPLACE DIRECTORY ${TRAINING} line "${line}")
  separate_arguments(arguments UNIX_COMMAND "${line}")
  execute_process(COMMAND ${TRAINING}/irqpath ${arguments} WORKING_DIRECTORY ${SOURCE} OUTPUT_QUIET ERROR_VARIABLE text
                  RESULT_VARIABLE status)
  # 1: the exploration found what it was to find, or its limit
  if(NOT status MATCHES "^[01]$")
    message(FATAL_ERROR "the training's `irqpath ${line}` failed (${status}):\n${text}")
  endif()
endforeach()

if(PROFDATA)
  file(GLOB counts ${TRAINING}/counts/*.profraw)
  step("llvm-profdata" ${TRAINING}/profdata.log ${PROFDATA} merge -o ${TRAINING}/irqpath.profdata ${counts})
else()
  # gcc looks for a file that is named by the object's path, with # for /, and these are named by TRAINING's.
  file(GLOB counts ${TRAINING}/counts/*.gcda)
  string(REPLACE / \# from ${TRAINING}/)
  string(REPLACE / \# to ${BINARY}/)
  foreach(path IN LISTS counts)
    get_filename_component(name ${path} NAME)
    string(REPLACE ${from} ${to} renamed ${name})
    file(RENAME ${path} ${TRAINING}/counts/${renamed})
  endforeach()
endif()
if(NOT counts)
  message(FATAL_ERROR "the training's runs counted nothing in ${TRAINING}/counts")
endif()
file(TOUCH ${TRAINING}/profile.stamp)
